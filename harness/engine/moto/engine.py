"""The parent's side of the embedded engine: moto in a child process."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any

from harness.engine.base import (
    Availability,
    BucketSeed,
    Capability,
    Endpoint,
    EngineError,
    scrubbed_environment,
)
from harness.engine.controlled import ChildEngine
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


class MotoEngine(ChildEngine):
    """moto in a child process on 127.0.0.1, on a free port."""

    name = "moto"
    summary = "embedded, the default: moto in a child process, virtual time, no Docker, no network"
    capabilities = frozenset(Capability)

    def __init__(self, command: Sequence[str] | None = None, start_timeout_s: float = START_TIMEOUT_S):
        super().__init__("moto", start_timeout_s)
        self._command = command

    def availability(self) -> Availability:
        """Tell the version; moto is a dependency of the harness, and always there."""
        return Availability(True, f"moto {metadata.version('moto')}")

    def launch(self) -> None:
        """Start the child."""
        endpoint = Endpoint(url="")
        command = self._command or (
            sys.executable, "-m", "harness.engine.moto", endpoint.account_id, endpoint.region,
        )  # fmt: skip
        self._child.launch(command, scrubbed_environment(os.environ))

    def _serving(self, ready: Any) -> tuple[Endpoint, str]:
        url: str = ready["url"]
        return Endpoint(url=url), url

    def reset(self) -> Endpoint:
        """Forget everything that scenarios made; running executions are ended."""
        self._ask("POST", "reset")
        assert self._endpoint is not None
        return self._endpoint

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> bool | None:
        """Ask the child, which answers at the moment the execution ends."""
        path = f"wait?execution={execution_arn}&timeout={timeout_s}"
        return bool(json.loads(self._ask("GET", path, timeout_s=timeout_s + 10)))

    @property
    def clock(self) -> Clock:
        """The clock of the child."""
        return _ChildClock(self._ask)

    def set_pace(self, pace: Pace) -> None:
        """End all executions, and start again with a clock of this kind."""
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
