"""Every engine, started once per process; each module of the contract begins on an empty one.

Also servers that play emulators, and places where nobody serves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from contract import Lab

from harness.engine import ENGINES
from harness.engine.base import Engine, Options
from harness.engine.child import free_port
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


MARKS = {"localstack-host": "localstack", "localstack-docker": "docker", "ministack": "ministack"}
# `localstack` is one of the others, and what runs already is not ours to test.
CONTRACTORS = [
    pytest.param(engine, id=engine.name, marks=[getattr(pytest.mark, MARKS[engine.name])])
    if engine.name in MARKS
    else pytest.param(engine, id=engine.name)
    for engine in ENGINES
    if engine.name not in ("localstack", "localstack-running", "endpoint")
]


@pytest.fixture(scope="session", params=CONTRACTORS)
def started(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, Clients]]:
    engine: Engine = request.param.configured(Options())
    found = engine.availability()
    if not found.usable:
        pytest.skip(f"{request.param.name}: {found.detail}")
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
    engine, _ = started
    return Lab(engine, Clients(engine.reset()), tmp_path_factory.mktemp("lab"))


@pytest.fixture
def unused_url() -> str:
    """Where nobody answers."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, str]], str]]:
    """Serve texts by path; gives the URL."""
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
