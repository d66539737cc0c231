"""Servers that mimic emulators, unused addresses, Docker, and a guard against new processes."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from depends_on_python import MARK, depends
from kept_engines import KeptEngine

import harness.engine
from harness.choosing.shard import Shard
from harness.engine.child import reserve_port
from harness.engine.localstack import image
from harness.engine.localstack.docker import LABEL

HERE = Path(__file__).parent
THOROUGH = "thorough"

# Tests with a separate HOME still find cached cfn-lint results for their templates.
os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that splits the tests across sessions."""
    parser.addoption("--shard", type=Shard.read, help="play only the tests of one part, such as 1/4")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip files that have no test with the requested mark, because importing all files is slow."""
    if collection_path.suffix != ".py":
        return None
    marks = str(config.option.markexpr)
    if marks == THOROUGH:
        return None if may_have(collection_path, THOROUGH) else True
    return True if marks.endswith(f" and {MARK}") and not depends(collection_path) else None


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before and after marks are selected
def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> Generator[None]:
    """Mark the tests that run on each Python. Run long tests first, so that other workers do not wait for
    them.

    Tests in other shards are deselected.
    """
    for item in items:
        if depends(item.path):
            item.add_marker(MARK)
    items.sort(key=lambda item: item.get_closest_marker("harness_sweep") is None)
    yield
    if config.option.shard is not None:
        kept = dict.fromkeys(config.option.shard.part(items))
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def may_have(path: Path, mark: str) -> bool:
    """Return whether a test file, or a conftest.py in a folder below this one, names a mark."""
    above = [folder / "conftest.py" for folder in path.parents if folder != HERE and HERE in folder.parents]
    return any(mark in file.read_text(encoding="utf-8") for file in (path, *above) if file.is_file())


STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec"})
"""Audit events that Python raises when it starts a process."""


class Guard:
    """Blocks and records every process start while it is active. An audit hook cannot be removed."""

    def __init__(self) -> None:
        self.on = False
        self.started: list[str] = []

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event in STARTS:
            self.started.append(f"{event} {arguments!r}")
            raise AssertionError(f"a process was started: {event} {arguments!r}")


@functools.cache
def guard() -> Guard:
    hook = Guard()
    sys.addaudithook(hook)
    return hook


@pytest.fixture
def nothing_starts() -> Iterator[list[str]]:
    """Fail when a process is started by any means. Return the processes that were started."""
    hook = guard()
    hook.started.clear()
    hook.on = True
    yield hook.started
    hook.on = False
    assert hook.started == []


@pytest.fixture
def kept_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make commands in this process reuse the previous embedded engine, emptied."""
    others = (kind for kind in harness.engine.ENGINES if kind.name != KeptEngine.name)
    monkeypatch.setattr(harness.engine, "ENGINES", (KeptEngine, *others))


@pytest.fixture
def docker_client() -> Iterator[Any]:
    """A client for the Docker engine. Skipped if none responds, or if it has no base image."""
    docker = pytest.importorskip("docker")
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no Docker engine answers: {error}")
    base = os.environ.get("LOCALSTACK_BASE", image.BASE)
    if not client.images.list(name=base):
        pytest.skip(f"there is no image {base}")
    yield client
    client.close()


@pytest.fixture
def our_containers(docker_client: Any) -> Callable[[], list[Any]]:
    """A function that lists the harness containers from any run."""
    return lambda: docker_client.containers.list(all=True, filters={"label": LABEL})


NO_EXTRA = "the extra `browser` is not installed"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's headless Chromium, driven by Playwright. Skipped if it is not installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason=NO_EXTRA)
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def axe() -> Any:
    """An accessibility checker that reports problems on a page: `axe.run(page)`."""
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason=NO_EXTRA).Axe()


@pytest.fixture
def unused_url() -> str:
    """An address where no server responds."""
    return f"http://127.0.0.1:{reserve_port()}"


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, str]], str]]:
    """Serve strings by path, and return the URL."""
    servers = []

    def start(texts: dict[str, str]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path in texts else 404)
                self.end_headers()
                self.wfile.write(texts.get(self.path, "").encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
