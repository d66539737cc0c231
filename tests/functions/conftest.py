"""A running function runtime, and functions written by tests."""

from __future__ import annotations

import itertools
import os
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3
from moto.server import ThreadedMotoServer
from virtual_service import Service

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.model import FunctionConfig, Invocation

ACCOUNT = "123456789012"
MakeFunction = Callable[..., FunctionConfig]


@pytest.fixture(scope="session")
def shared_runtime() -> Iterator[FunctionRuntime]:
    with FunctionRuntime() as runtime:
        yield runtime


@pytest.fixture(scope="session")
def spawning_runtime() -> Iterator[FunctionRuntime]:
    with FunctionRuntime(start_method="spawn") as runtime:
        yield runtime


@pytest.fixture
def runtime(shared_runtime: FunctionRuntime) -> Iterator[FunctionRuntime]:
    """Environments are forked."""
    yield shared_runtime
    shared_runtime.faults.set(())
    shared_runtime.stop_environments(ACCOUNT)


@pytest.fixture(params=["fork", pytest.param("spawn", marks=pytest.mark.thorough)])
def either_runtime(request: pytest.FixtureRequest) -> Iterator[FunctionRuntime]:
    """Environments are forked, or plain processes."""
    name = "shared_runtime" if request.param == "fork" else "spawning_runtime"
    chosen: FunctionRuntime = request.getfixturevalue(name)
    yield chosen
    chosen.faults.set(())
    chosen.stop_environments(ACCOUNT)


@pytest.fixture
def make_function(tmp_path: Path) -> MakeFunction:
    """Write a module `app` with a `handler`, and return the function's configuration."""
    numbers = itertools.count(1)

    def make(source: str, **settings: Any) -> FunctionConfig:
        name = settings.pop("name", f"function-{next(numbers)}")
        code = tmp_path / name
        code.mkdir(exist_ok=True)
        (code / "app.py").write_text(textwrap.dedent(source))
        defaults: dict[str, Any] = {
            "handler": "app.handler",
            # a process of the same function may already exist for forking
            "revision": f"{code} {source} {settings}",
            "region": "eu-west-1",
            "account_id": ACCOUNT,
            "endpoint_url": "http://127.0.0.1:1",
            "credentials": {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
            "timeout_s": 20,
        }
        arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"
        return FunctionConfig(arn=arn, name=name, code=code, **{**defaults, **settings})

    return make


@pytest.fixture
def wait_until_gone() -> Callable[[list[int]], list[int]]:
    """The given processes that are still running after five seconds."""

    def wait(pids: list[int]) -> list[int]:
        deadline = time.monotonic() + 5
        while (left := [pid for pid in pids if _is_alive(pid)]) and time.monotonic() < deadline:
            time.sleep(0.01)
        return left

    return wait


def _is_alive(pid: int) -> bool:
    if not Path("/proc").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it may exit between opening and reading
        return False
    # A process that has exited counts as gone, even if its parent has not waited for it yet.
    return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws_url(moto_url: str) -> str:
    """The endpoint of the services, which are still empty."""
    urllib3.request("POST", f"{moto_url}/moto-api/reset")
    return moto_url


@pytest.fixture(params=["virtual time", "real time"])
def invoke(
    request: pytest.FixtureRequest, either_runtime: FunctionRuntime, service: Service
) -> Callable[..., Invocation]:
    """Invoke a function, with each start method and on each clock."""
    if request.param == "real time":
        return either_runtime.invoke
    return partial(service.invoke, either_runtime)
