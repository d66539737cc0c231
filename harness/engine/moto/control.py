"""What the harness asks of the embedded engine beside the AWS API, as JSON over HTTP under /_harness/.

POST /_harness/buckets       one JSON array per line: [bucket, [[key, size, base64 body or null], ...]]
POST /_harness/faults        [{"service": ..., "operation": ..., "params": {...}, "error": ...}, ...]
POST /_harness/reset         forget everything
GET  /_harness/invocations   [{...Invocation}, ...]
GET  /_harness/wait?execution=ARN&timeout=SECONDS   true when the execution has ended
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from moto.moto_api._internal.models import moto_api_backend

from harness.engine.moto import objects
from harness.engine.moto.stepfunctions import Executions
from harness.functions.model import Fault, Invocation
from harness.functions.runtime import FunctionRuntime

PREFIX = "/_harness/"
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Control:
    """The WSGI application in front of moto's own: answers under /_harness/, hands on everything else."""

    def __init__(
        self,
        app: WsgiApp,
        runtime: FunctionRuntime,
        executions: Executions,
        invocations: list[Invocation],
        account_id: str,
        region: str,
    ):
        self._app = app
        self._runtime = runtime
        self._executions = executions
        self._account_id = account_id
        self._region = region
        self._invocations_seen = invocations

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self._app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
        result = getattr(self, "_" + path.removeprefix(PREFIX))(body, query)
        answer = json.dumps(result).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
        start_response("200 OK", headers)
        return [answer]

    def _buckets(self, body: bytes, _: dict[str, str]) -> None:
        for line in body.splitlines():
            bucket, listed = json.loads(line)
            content = ((k, size, None if b is None else base64.b64decode(b)) for k, size, b in listed)
            objects.put(self._account_id, self._region, bucket, content)

    def _faults(self, body: bytes, _: dict[str, str]) -> None:
        self._runtime.set_faults(tuple(Fault(**fault) for fault in json.loads(body)))

    def _reset(self, _: bytes, __: dict[str, str]) -> None:
        self._executions.clear()
        self._runtime.set_faults(())
        self._runtime.stop_environments()
        moto_api_backend.reset()
        self._invocations_seen.clear()

    def _invocations(self, _: bytes, __: dict[str, str]) -> list[dict[str, Any]]:
        return [asdict(i) for i in sorted(self._invocations_seen, key=lambda i: i.started_at)]

    def _wait(self, _: bytes, query: dict[str, str]) -> bool:
        return self._executions.wait(query["execution"], float(query["timeout"]))
