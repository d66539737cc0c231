"""One execution environment: a process that serves one function, one invocation at a time."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.quotas import LAMBDA_RESPONSE_BYTES

from . import outcomes
from .channel import Message
from .clock import FunctionClock
from .launch import Launcher
from .logs import LogBuffer, Report, frame_log
from .loop import Loop, Stream
from .model import FunctionConfig
from .runtime_api import Answer, RuntimeApi
from .variables import function_variables

INIT_LIMIT_S = 10.0
"""Time for the code to load, besides the function's own time-out: AWS stops a first try after 10 s and
tries again as part of the invocation. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

_CALL = b'{"call": '  # how Side.send writes one
Kind = tuple[str, str, str]
"""What makes environments interchangeable: ARN, version, revision (and with it what their clock is)."""


@dataclass(eq=False)
class Work:
    """An invocation that is to be done; `done` is told its outcome, once.

    With `now_s` its clock is virtual, and `sleep_url` is where it sleeps: see FunctionRuntime.invoke.
    `faults` may happen in it (faults.book.Handed, as JSON); `bucket` is the one that its payload names.
    """

    config: FunctionConfig
    payload: bytes
    client_context: str
    done: Callable[[Message], None]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    now_s: float | None = None
    sleep_url: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)
    bucket: str = ""

    @property
    def kind(self) -> Kind:
        """The kind of environment that it needs."""
        config = self.config
        # Code may hold on to a `time.sleep` from when it was loaded: a process keeps its kind of clock.
        revision = config.revision if self.now_s is None else f"{config.revision} on virtual time"
        return config.arn, config.version, revision


class Environment:
    """A process from its start, which `work` caused, to its end, which `exited` is told.

    `on_ready` is called each time it can be given the next invocation, which is as soon as it has answered
    the one before: a moment before it asks for it. `on_sleep` is told when it begins to sleep on its virtual
    clock (True), and when that is over (False).
    """

    def __init__(
        self,
        work: Work,
        loop: Loop,
        launcher: Launcher,
        on_ready: Callable[[Environment], None],
        on_sleep: Callable[[Environment, bool], None],
    ) -> None:
        self.config = work.config
        self.kind = work.kind
        self._work: Work | None = work
        self._on_ready = on_ready
        self._on_sleep = on_sleep
        self._clock = FunctionClock(work.now_s)
        self._log = LogBuffer()
        self._calls: list[bytes] = []  # JSON, which only the host reads
        self._met: Counter[int] = Counter()
        self._fired: Counter[int] = Counter()
        self._unread = b""
        self._next: Answer | None = None
        self._init_error: bytes | None = None
        self._initialised = False
        self._init_duration_s: float | None = None  # until it is reported, with the first invocation
        self._served_at: float | None = None
        self._started_at = self._clock.unix_s()
        self._timed_out = False
        self._max_memory_mib = 0
        self._spawned_at = self._clock.steady_s()
        self._ends_at = self._spawned_at + INIT_LIMIT_S + self.config.timeout_s
        self.deadline: float | None = time.monotonic() + INIT_LIMIT_S + self._patience_s
        self._api = RuntimeApi(loop, self._request)
        try:
            variables = function_variables(self.config, self._api.address, self._started_at)
            first = self._setting(work)
            process = launcher.start(self.config.code, self.config.handler, variables, first)
        except BaseException:
            self._api.close()
            raise
        self.id = variables["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.pid = process.pid
        self._output = Stream(loop, process.log, self._log.feed)
        self._side = Stream(loop, process.side, self._record)

    @property
    def busy(self) -> bool:
        """Whether an invocation is under way."""
        return self._work is not None

    @property
    def _patience_s(self) -> float:
        return self._clock.patience_s(self.config.timeout_s)

    def serve(self, work: Work) -> None:
        """Do `work`; the environment must be ready."""
        self._work = work
        self._clock.set(work.now_s)
        self.deadline = time.monotonic() + self._patience_s
        if self._next:
            self._hand_over(work, self._next)

    def expire(self) -> None:
        """Stop it because the deadline has passed."""
        self._timed_out = True
        if self._clock.virtual:
            self._clock.set(self._ends_at)
        self.stop()

    def stop(self) -> None:
        """Kill the process and those that it has started; its end is told to `exited`."""
        self.deadline = None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def exited(self, wait_status: int) -> Work | None:
        """The process has ended: kill what it left, and end its invocation.

        Returns the invocation when the process never saw it, because it was ending already.
        """
        self.stop()
        unseen = self._work if self._initialised and self._served_at is None else None
        work = None if unseen else self._work
        if work:
            if self._timed_out:
                failure = outcomes.timed_out(work.request_id, self.config.timeout_s)
            elif self._init_error is not None:
                failure = outcomes.initialisation_failed(work.request_id, self._init_error)
            else:
                failure = outcomes.exited(work.request_id, wait_status)
            self._finish(work, failure.result, failure)
        self._api.close()
        self._output.close()
        self._side.close()
        return unseen

    def _request(self, path: str, body: bytes, answer: Answer) -> None:
        work = self._work
        if path == "invocation/next":
            self._next = answer
            if not self._initialised:
                self._initialised = True
                self._init_duration_s = self._clock.since_s(self._spawned_at) or None
            if work:
                self._hand_over(work, answer)
        elif path == "init/error":
            self._init_error = body
            answer(202, {}, b"")
        elif work and path == f"invocation/{work.request_id}/response":
            if len(body) > LAMBDA_RESPONSE_BYTES:
                failure = outcomes.too_large()
                self._finish(work, failure.result, failure)
                answer(413, {}, b"")
            else:
                self._finish(work, body)
                answer(202, {}, b"")
                self._on_ready(self)
        elif work and path == f"invocation/{work.request_id}/error":
            self._finish(work, body, outcomes.raised(body))
            answer(202, {}, b"")
            self._on_ready(self)
        else:
            answer(404, {}, b"")

    def _hand_over(self, work: Work, answer: Answer) -> None:
        self._next = None
        self._started_at = self._clock.unix_s()
        self._served_at = self._clock.steady_s()
        self.deadline = time.monotonic() + self._patience_s
        self._ends_at = self._served_at + self.config.timeout_s
        self._side.send(json.dumps({"invocation": self._setting(work)}).encode() + b"\n")
        root = f"1-{int(self._started_at):08x}-{secrets.token_hex(12)}"
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": work.request_id,
            "Lambda-Runtime-Deadline-Ms": str(round((self._started_at + self.config.timeout_s) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.config.arn,
            "Lambda-Runtime-Trace-Id": f"Root={root};Parent={secrets.token_hex(8)};Sampled=0",
        }
        if work.client_context:
            headers["Lambda-Runtime-Client-Context"] = work.client_context
        answer(200, headers, work.payload)

    def _setting(self, work: Work) -> dict[str, Any]:
        """What the process is to know of an invocation, see Side.invocation."""
        return {
            "request_id": work.request_id,
            "clock": self._clock_setting(work),
            "faults": work.faults,
            "bucket": work.bucket,
        }

    def _clock_setting(self, work: Work) -> dict[str, Any] | None:
        """What virtual_time.VirtualClock is to know of an invocation; None when the time is real."""
        if not self._clock.virtual:
            return None
        return {
            "request_id": work.request_id,
            "now_s": self._clock.unix_s(),
            "deadline_s": self._ends_at,
            "sleep_url": work.sleep_url,
        }

    def _finish(self, work: Work, result: bytes, failure: outcomes.Failure | None = None) -> None:
        """Tell the outcome, with all that the invocation wrote and called until now."""
        self._side.drain()  # it may tell of sleeps
        began_at = self._spawned_at if self._served_at is None else self._served_at
        duration_s = self._clock.since_s(began_at)
        self._output.drain()
        self._max_memory_mib = _max_memory_mib(self.pid) or self._max_memory_mib
        report = Report(
            work.request_id,
            self._started_at,
            duration_s,
            None if self._clock.virtual else self._max_memory_mib,
            self._init_duration_s,
            failure.status if failure else "success",
            failure.error_type if failure else "",
        )
        fields = {
            "request_id": work.request_id,
            "started_at": self._started_at,
            "duration_s": report.duration_s,
            "init_duration_s": report.init_duration_s,
            "environment_id": self.id,
            "failed": failure is not None,
            "met": self._met,
            "fired": self._fired,
        }
        calls = b"[" + b",".join(self._calls) + b"]"
        log = frame_log(self.config, self._log.take(), failure.log if failure else "", report)
        self._work = None
        self._served_at = None
        self._calls = []
        self._met, self._fired = Counter(), Counter()
        self._init_duration_s = None
        self.deadline = None
        self._on_sleep(self, False)
        work.done(Message("invocation", fields, (result, log.encode(), calls)))

    def _record(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            if line.startswith(_CALL):
                self._calls.append(line[len(_CALL) : -1])
                continue
            ((kind, told),) = json.loads(line).items()
            if self._work is None or self._work.request_id != told["request_id"]:
                continue
            if kind == "fault":
                self._met[told["id"]] += told["met"]
                self._fired[told["id"]] += told["fired"]
            else:
                self._clock_moved(**told)

    def _clock_moved(self, *, request_id: str, now_s: float, asleep: bool, expired: bool) -> None:
        self._clock.set(now_s)
        if expired:
            self.expire()
        else:
            self.deadline = None if asleep else time.monotonic() + self._patience_s
            self._on_sleep(self, asleep)


def _max_memory_mib(pid: int) -> int:
    """The most memory that a process has had, in MiB; 0 where that cannot be read."""
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) // 1024
    except OSError:
        pass
    return 0
