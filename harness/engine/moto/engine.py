"""The parent's side of the embedded engine: moto in a child process."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import metadata

from harness.engine.base import (
    Availability,
    BucketSeed,
    Capability,
    Endpoint,
    Engine,
    EngineError,
    scrubbed_environment,
)
from harness.engine.child import Child
from harness.engine.questions import Refused, Unanswered, ask, fired_from, invocations_from
from harness.functions.model import Fault, Invocation
from harness.polling import Clock
from harness.stepfunctions.duration import Duration
from harness.stepfunctions.pace import Pace

START_TIMEOUT_S = 30.0
PASS_TIMEOUT_S = 600.0


class _ChildClock:
    """The time of the executions in the child."""

    def __init__(self, ask: Callable[..., bytes]) -> None:
        self._ask = ask

    def monotonic(self) -> float:
        return float(self._ask("GET", "now"))

    def sleep(self, seconds: float, /) -> None:
        passed = self._ask(
            "GET", f"pass?seconds={seconds}&timeout={PASS_TIMEOUT_S}", timeout_s=PASS_TIMEOUT_S + 10
        )
        if not json.loads(passed):
            raise EngineError(f"{seconds:g} s did not pass within {PASS_TIMEOUT_S:g} s of real time")


class MotoEngine(Engine):
    """moto in a child process on 127.0.0.1, on a free port."""

    name = "moto"
    summary = "embedded: moto in a child process, no Docker, no network"
    capabilities = frozenset(Capability)

    def __init__(self, command: Sequence[str] | None = None, start_timeout_s: float = START_TIMEOUT_S):
        self._command = command
        self._child = Child("moto", start_timeout_s)
        self._endpoint: Endpoint | None = None

    def availability(self) -> Availability:
        """Always usable: moto is a dependency of the harness."""
        return Availability(True, f"moto {metadata.version('moto')}")

    def launch(self) -> None:
        """Start the child."""
        endpoint = Endpoint(url="")
        env = scrubbed_environment(os.environ)
        if self._command:
            self._child.launch(self._command, env)
        else:
            self._child.launch_module("harness.engine.moto", endpoint.account_id, endpoint.region, env=env)

    def start(self) -> Endpoint:
        """Start the child, if it is not, and wait for the line that it prints when it serves."""
        self.launch()
        self._endpoint = Endpoint(url=self._child.ready()["url"])
        return self._endpoint

    def stop(self) -> None:
        """End the child."""
        self._child.stop()

    def reset(self) -> Endpoint:
        """Forget everything that scenarios made; running executions are ended."""
        self._ask("POST", "reset")
        assert self._endpoint is not None
        return self._endpoint

    def check(self) -> None:
        """Raise EngineError when the child has ended."""
        self._child.check()

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> bool | None:
        """Whether it ended in time; the child answers at the moment it does."""
        path = f"wait?execution={execution_arn}&timeout={timeout_s}"
        return bool(json.loads(self._ask("GET", path, timeout_s=timeout_s + 10)))

    @property
    def clock(self) -> Clock:
        """The clock of the child."""
        return _ChildClock(self._ask)

    def set_pace(self, pace: Pace) -> None:
        """Begin anew with a clock of this kind."""
        self._ask("POST", "clock", json.dumps({"pace": pace}).encode())

    def set_durations(self, durations: Sequence[Duration]) -> None:
        """Hand them to the tasks in the child."""
        self._ask("POST", "durations", json.dumps([asdict(duration) for duration in durations]).encode())

    def seed(self, buckets: Sequence[BucketSeed]) -> bool:
        """Put buckets and objects straight into moto's memory."""
        lines = (
            json.dumps(
                [
                    bucket.name,
                    [
                        [key, size, None if body is None else base64.b64encode(body).decode()]
                        for key, size, body in bucket.objects
                    ],
                ]
            )
            for bucket in buckets
        )
        self._ask("POST", "buckets", "\n".join(lines).encode())
        return True

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Hand them to the child, where functions and tasks have them."""
        self._ask("POST", "faults", json.dumps([asdict(fault) for fault in faults]).encode())

    def fired(self) -> Mapping[int, int]:
        """How often each has fired."""
        return fired_from(self._ask("GET", "fired"))

    def invocations(self) -> tuple[Invocation, ...]:
        """Every invocation since the last reset, in the order in which they began."""
        return invocations_from(self._ask("GET", "invocations"))

    def _ask(self, method: str, path: str, body: bytes = b"", timeout_s: float = 60) -> bytes:
        assert self._endpoint is not None, "the engine is not started"
        try:
            return ask(method, f"{self._endpoint.url}/_harness/{path}", body, timeout_s)
        except (Refused, Unanswered) as error:
            self.check()
            raise EngineError(f"moto: {error}\n{self._child.last_log()}") from error
