"""The stand-in for awslambdaric's C extension works with our Runtime API."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from harness.functions.sandbox import pure_client
from harness.functions.supervisor.loop import Loop
from harness.functions.supervisor.runtime_api import Answer, RuntimeApi


class Server:
    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        self.status = 202
        self.loop = Loop()
        self.api = RuntimeApi(self.loop)
        self.address = self.api.open(self._handle)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _handle(self, path: str, body: bytes, answer: Answer) -> None:
        self.requests.append((path, body))
        if path == "invocation/next":
            headers = {"Lambda-Runtime-Aws-Request-Id": "id", "Lambda-Runtime-Deadline-Ms": "17"}
            answer(200, {**headers, "Content-Type": "application/json"}, b'{"a": 1}')
        else:
            answer(self.status, {}, b"")

    def _run(self) -> None:
        while not self._ended.is_set():
            self.loop.run_once(0.01)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self.api.close(self.address)


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    server = Server()
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", server.address)
    pure_client.initialize_client("test")
    yield server
    pure_client._connection.close()
    server.close()


def test_an_event_and_its_answer(server):
    body, headers = pure_client.next()
    assert body == b'{"a": 1}'
    assert headers["Lambda-Runtime-Aws-Request-Id"] == "id"
    assert headers["Lambda-Runtime-Deadline-Ms"] == 17
    assert headers["Lambda-Runtime-Client-Context"] is None
    pure_client.post_invocation_result("id", b"x" * 3_000_000, "application/json")
    pure_client.post_error("id", "{}", "{}")
    assert server.requests[1:] == [
        ("invocation/id/response", b"x" * 3_000_000),
        ("invocation/id/error", b"{}"),
    ]


def test_a_refusal_raises(server):
    server.status = 413
    with pytest.raises(RuntimeError, match="Failed to post invocation response"):
        pure_client.post_invocation_result("id", b"x", "application/json")
    with pytest.raises(RuntimeError, match="Failed to post invocation error"):
        pure_client.post_error("id", "{}", "{}")
