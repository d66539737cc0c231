"""Every engine, started once per process; each module of the contract begins on an empty one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract import Lab

from harness.engine import ENGINES
from harness.engine.base import Engine
from harness.engine.clients import Clients

# What a developer's shell may say, and no engine and no function may ever see.
DEVELOPERS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "HTTPS_PROXY",
    "http_proxy",
)


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def started(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, Clients]]:
    found = request.param.availability()
    if not found.usable:
        pytest.skip(f"{request.param.name}: {found.detail}")
    engine: Engine = request.param()
    try:
        with pytest.MonkeyPatch.context() as environment:
            for name in DEVELOPERS:
                environment.setenv(name, "developer")
            endpoint = engine.start()
        yield engine, Clients(endpoint)
    finally:
        engine.stop()


@pytest.fixture(scope="module")
def lab(started: tuple[Engine, Clients], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    engine, clients = started
    engine.reset()
    return Lab(engine, clients, tmp_path_factory.mktemp("lab"))
