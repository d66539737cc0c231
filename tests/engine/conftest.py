"""The engine under test (`--harness-engine`), started once per process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract import Lab

from harness.engine import engine_of
from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.pytest_plugin import harness_settings
from harness.stepfunctions.task_time import ClockMode

# Variables that a developer's shell may set, and that functions must never see.
DEVELOPERS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL_S3",
    "HTTPS_PROXY",
)


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Iterator[Engine]:
    settings = harness_settings(pytestconfig, Path(__file__))
    with pytest.MonkeyPatch.context() as environment:
        for name in DEVELOPERS:
            environment.setenv(name, "developer")
        engine = engine_of(settings)
        try:
            engine.start()
            environment.undo()
            yield engine
        finally:
            engine.stop()


@pytest.fixture
def real_time(lab: Lab) -> Iterator[None]:
    """Executions wait in real time, so that they can be inspected while they run."""
    virtual = Capability.VIRTUAL_CLOCK in lab.engine.capabilities
    if virtual:
        lab.engine.set_clock_mode(ClockMode.REAL)
    yield
    if virtual:
        lab.engine.set_clock_mode(ClockMode.VIRTUAL)


@pytest.fixture(scope="module")
def lab(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Each module starts with an empty engine."""
    return Lab(engine, Clients(engine.reset()), tmp_path_factory.mktemp("lab"))
