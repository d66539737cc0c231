"""The parent's side of the embedded engine: a child process that is certain to be stopped."""

from __future__ import annotations

import atexit
import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import metadata
from typing import IO, Any, ClassVar

from harness.engine.base import (
    Availability,
    BucketSeed,
    Capability,
    Endpoint,
    Engine,
    EngineError,
    scrubbed_environment,
)
from harness.functions.model import Fault, Invocation
from harness.polling import Clock
from harness.stepfunctions.pace import Pace

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
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
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)

    def __init__(self, command: Sequence[str] | None = None, start_timeout_s: float = START_TIMEOUT_S):
        self._command = command
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._endpoint: Endpoint | None = None

    @classmethod
    def availability(cls) -> Availability:
        """Always usable: moto is a dependency of the harness."""
        return Availability(True, f"moto {metadata.version('moto')}")

    def launch(self) -> None:
        """Start the child."""
        if self._process is not None:
            return
        endpoint = Endpoint(url="")
        command = self._command or (
            sys.executable, "-m", "harness.engine.moto", endpoint.account_id, endpoint.region,
        )  # fmt: skip
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in stop)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=scrubbed_environment(os.environ),
            start_new_session=True,  # Ctrl-C is for the parent, which then stops the child in order
        )
        atexit.register(self.stop)

    def start(self) -> Endpoint:
        """Start the child, if it is not, and wait for the line that it prints when it serves."""
        self.launch()
        assert self._process is not None
        killer = threading.Timer(self._start_timeout_s, self._process.kill)
        killer.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            killer.cancel()
        if not line:
            log = self._last_log()
            self.stop()
            raise EngineError(f"moto did not start within {self._start_timeout_s:g} s\n{log}")
        self._endpoint = Endpoint(url=json.loads(line)["url"])
        return self._endpoint

    def stop(self) -> None:
        """End the child: it stops in order when its input closes, and is killed when it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.stop)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        if self._log is not None:
            self._log.close()

    def reset(self) -> None:
        """Forget everything that scenarios made; running executions are ended."""
        self._ask("POST", "reset")

    def check(self) -> None:
        """Raise EngineError when the child has ended."""
        if self._process is None or self._process.poll() is None:
            return
        raise EngineError(f"moto ended with status {self._process.returncode}\n{self._last_log()}")

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

    def seed(self, buckets: Sequence[BucketSeed]) -> None:
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

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Hand the faults to the function runtime in the child."""
        self._ask("POST", "faults", json.dumps([asdict(fault) for fault in faults]).encode())

    def invocations(self) -> tuple[Invocation, ...]:
        """Every invocation since the last reset, in the order in which they began."""
        from pydantic import TypeAdapter  # noqa: PLC0415  (not needed to start)

        return TypeAdapter(tuple[Invocation, ...]).validate_json(self._ask("GET", "invocations"))

    def _ask(self, method: str, path: str, body: bytes = b"", timeout_s: float = 60) -> bytes:
        import urllib3  # noqa: PLC0415  (not needed to start)

        assert self._endpoint is not None, "the engine is not started"
        url = f"{self._endpoint.url}/_harness/{path}"
        try:
            answer: Any = urllib3.request(
                method, url, body=body, timeout=timeout_s, retries=False, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            self.check()
            raise EngineError(f"moto does not answer: {error}\n{self._last_log()}") from error
        if answer.status != 200:
            raise EngineError(f"moto refused {path}: {answer.data.decode()[:500]}\n{self._last_log()}")
        data: bytes = answer.data
        return data

    def _last_log(self, size: int = 4000) -> str:
        if self._log is None or self._log.closed:
            return ""
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - size))
        return self._log.read().decode(errors="replace")
