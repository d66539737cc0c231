"""What is answered in front of moto: Step Functions, and what the harness asks beside the AWS API.

The harness's own requests are JSON over HTTP under /_harness/:

POST /_harness/buckets       one JSON array per line: [bucket, [[key, size, base64 body or null], ...]]
POST /_harness/faults        [{...Fault}, ...]; counting starts anew
GET  /_harness/fired         {fault's id: how often it fired}
POST /_harness/reset         forget everything
POST /_harness/clock         {"pace": "real" | "virtual" | "stepped"}; ends all executions
POST /_harness/durations     [{"function": ..., "takes_s": ...}, ...], see Duration; until the clock is set
GET  /_harness/invocations   [{...Invocation}, ...]
GET  /_harness/wait?execution=ARN&timeout=SECONDS   true when the execution has ended
GET  /_harness/pass?seconds=SECONDS&timeout=SECONDS   true when they have passed on the clock
GET  /_harness/now           seconds since 1970 on the clock
POST /_harness/sleep         {"request_id": ..., "seconds": ...}, from within a function -> {"now": ...}
"""

from __future__ import annotations

import base64
import http
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend

from harness.engine.moto import objects
from harness.engine.moto.stepfunctions import StateMachines
from harness.functions.model import Fault, Invocation
from harness.functions.runtime import FunctionRuntime
from harness.stepfunctions.duration import Duration
from harness.stepfunctions.durations import Durations
from harness.stepfunctions.pace import Pace
from harness.stepfunctions.protocol import TARGET
from harness.stepfunctions.services import CALLER_HEADER

PREFIX = "/_harness/"
CALLER = "HTTP_" + CALLER_HEADER.upper().replace("-", "_")
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Control:
    """The WSGI application in front of moto's own: answers under /_harness/, hands on everything else."""

    def __init__(
        self,
        app: WsgiApp,
        runtime: FunctionRuntime,
        machines: StateMachines,
        invocations: list[Invocation],
        account_id: str,
        region: str,
    ):
        self._app = app
        self._runtime = runtime
        self._machines = machines
        self._account_id = account_id
        self._region = region
        self._invocations_seen = invocations
        mock_random.seed(0)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ["PATH_INFO"]
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith(TARGET):
            return self._state_machines(environ, start_response)
        if not path.startswith(PREFIX):
            return self._app(environ, start_response)
        body = _body(environ)
        query = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
        result = getattr(self, "_" + path.removeprefix(PREFIX))(body, query)
        answer = json.dumps(result).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
        start_response("200 OK", headers)
        return [answer]

    def _state_machines(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reply = self._machines.answer(
            environ["HTTP_X_AMZ_TARGET"],
            _body(environ),
            environ.get("HTTP_AUTHORIZATION", ""),
            environ.get(CALLER, ""),
        )
        headers = [*reply.headers.items(), ("Content-Length", str(len(reply.body)))]
        start_response(f"{reply.status} {http.HTTPStatus(reply.status).phrase}", headers)
        return [reply.body]

    def _buckets(self, body: bytes, _: dict[str, str]) -> None:
        for line in body.splitlines():
            bucket, listed = json.loads(line)
            content = ((k, size, None if b is None else base64.b64decode(b)) for k, size, b in listed)
            objects.put(self._account_id, self._region, bucket, content)

    def _faults(self, body: bytes, _: dict[str, str]) -> None:
        self._runtime.faults.set(Fault(**fault) for fault in json.loads(body))

    def _fired(self, _: bytes, __: dict[str, str]) -> dict[int, int]:
        return dict(self._runtime.faults.fired())

    def _reset(self, _: bytes, __: dict[str, str]) -> None:
        self._machines.reset()
        self._runtime.faults.set(())
        self._runtime.stop_environments()
        moto_api_backend.reset()
        mock_random.seed(0)  # the names that CloudFormation makes up are the same every time
        self._invocations_seen.clear()

    def _invocations(self, _: bytes, __: dict[str, str]) -> list[dict[str, Any]]:
        order = self._machines.tasks.order
        seen = sorted(self._invocations_seen, key=lambda i: (i.started_at, order(i.request_id)))
        return [asdict(invocation) for invocation in seen]

    def _wait(self, _: bytes, query: dict[str, str]) -> bool:
        return self._machines.wait(query["execution"], float(query["timeout"]))

    def _pass(self, _: bytes, query: dict[str, str]) -> bool:
        return self._machines.runner.sleep(float(query["seconds"]), float(query["timeout"]))

    def _now(self, _: bytes, __: dict[str, str]) -> float:
        return self._machines.simulation.clock.now()

    def _clock(self, body: bytes, _: dict[str, str]) -> None:
        self._machines.reset(Pace(json.loads(body)["pace"]))

    def _durations(self, body: bytes, _: dict[str, str]) -> None:
        self._machines.tasks.durations = Durations([Duration(**entry) for entry in json.loads(body)])

    def _sleep(self, body: bytes, _: dict[str, str]) -> dict[str, float]:
        asked = json.loads(body)
        return {"now": self._machines.sleep(asked["request_id"], float(asked["seconds"]))}


def _body(environ: dict[str, Any]) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body
