from collections.abc import Iterator

import pytest
from stepfunctions_support import Lab
from tasks_support import Bench


@pytest.fixture
def lab() -> Lab:
    """An API with nothing in it."""
    return Lab()


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A simulation whose functions are the test's."""
    bench = Bench()
    yield bench
    bench.tasks.close()
