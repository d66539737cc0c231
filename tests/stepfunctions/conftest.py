import pytest
from stepfunctions_support import Lab


@pytest.fixture
def lab() -> Lab:
    """An API with nothing in it."""
    return Lab()
