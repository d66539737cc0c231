"""A fake engine that controls the virtual time of functions and answers their AWS calls."""

from __future__ import annotations

import http.server
import json
import uuid
from collections.abc import Callable
from typing import Any

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.model import FunctionConfig, Invocation

NOW = 1_798_761_600.25  # 2027-01-01T00:00:00.25Z


class Service(http.server.ThreadingHTTPServer):
    """Controls the virtual time, and answers AWS calls with an empty document."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.sleep_url = f"{self.url}/sleep?lab=1"
        self.sleeps: list[tuple[str, float]] = []
        self.calls: list[dict[str, str]] = []  # headers
        self.times: dict[str, float] = {}
        self._runtimes: dict[str, FunctionRuntime] = {}
        self.status = 200
        self.hold: Callable[[], object] = lambda: None  # the real time that a sleep waits for
        self.hold_calls: Callable[[], object] = lambda: None

    def sleep(self, request_id: str, seconds: float) -> float:
        until = self.times[request_id] + seconds
        self.sleeps.append((request_id, seconds))
        with self._runtimes[request_id].schedule.calling(request_id):
            self.hold()
        self.times[request_id] = max(self.times[request_id], until)
        return until

    def invoke(
        self, runtime: FunctionRuntime, config: FunctionConfig, payload: bytes, **settings: Any
    ) -> Invocation:
        """Invoke with the clock at NOW or at `now_s`, sleeping in this process."""
        settings = {"now_s": NOW, "request_id": str(uuid.uuid4()), "sleep_url": self.sleep_url, **settings}
        self.times[settings["request_id"]] = settings["now_s"]
        self._runtimes[settings["request_id"]] = runtime
        return runtime.invoke(config, payload, **settings)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/sleep?lab=1":
            self._answer(json.dumps({"now": self.server.sleep(**json.loads(body))}), self.server.status)
        else:
            self._aws()

    def do_GET(self) -> None:
        self._aws()

    def _aws(self) -> None:
        self.server.hold_calls()
        self.server.calls.append({name.lower(): value for name, value in self.headers.items()})
        self._answer("<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>")

    def _answer(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass
