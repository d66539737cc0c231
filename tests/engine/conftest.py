"""Every engine, started once per process; each module of the contract begins on an empty one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract import Lab

from harness.engine import ENGINES
from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.stepfunctions.pace import Pace


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def started(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, Clients]]:
    found = request.param.availability()
    if not found.usable:
        pytest.skip(f"{request.param.name}: {found.detail}")
    engine: Engine = request.param()
    try:
        yield engine, Clients(engine.start())
    finally:
        engine.stop()


@pytest.fixture
def real_time(lab: Lab) -> Iterator[None]:
    """Executions wait as long as they say, so that they can be met while they run."""
    virtual = Capability.VIRTUAL_CLOCK in lab.engine.capabilities
    if virtual:
        lab.engine.set_pace(Pace.REAL)
    yield
    if virtual:
        lab.engine.set_pace(Pace.VIRTUAL)


@pytest.fixture(scope="module")
def lab(started: tuple[Engine, Clients], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    engine, clients = started
    engine.reset()
    return Lab(engine, clients, tmp_path_factory.mktemp("lab"))
