"""One execution environment: a process that serves one function, one invocation at a time."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.functions.shared.channel import InvocationOutcome, InvocationRequest, Message
from harness.functions.shared.model import FunctionConfig
from harness.functions.shared.sandbox_protocol import ClockReport, ClockSetting, InvocationSetting
from harness.functions.shared.variables import function_variables
from harness.functions.supervisor import lambda_errors
from harness.quotas import LAMBDA_RESPONSE_BYTES

from .clock import FunctionClock
from .launcher import Launcher
from .logs import Report, frame_log
from .loop import Loop, Stream
from .processes import max_memory_mib
from .recording import Recording
from .runtime_api import Answer, RuntimeApi

INIT_LIMIT_S = 10.0
"""Time for the code to load, besides the function's own time-out: AWS stops a first try after 10 s and
tries again as part of the invocation. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

Kind = tuple[str, str, str]
"""The kind of an environment: ARN, version, revision with the kind of clock. Equal ones do the same work."""


@dataclass(eq=False)
class Work:
    """An invocation that is to be done; `done` is told its outcome, once."""

    config: FunctionConfig
    payload: bytes
    done: Callable[[Message], None]
    request: InvocationRequest

    @property
    def request_id(self) -> str:
        """The invocation's id."""
        return self.request["request_id"]

    @property
    def now_s(self) -> float | None:
        """The time at which its virtual clock begins; None when the time is real."""
        return self.request["now_s"]

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
        self._recording = Recording(work.request_id, self._clock_moved)
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
            process = launcher.start(self.config, variables, first)
        except BaseException:
            self._api.close()
            raise
        self.id = variables["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.pid = process.pid
        self._output = Stream(loop, process.log, self._recording.feed_log)
        self._side = Stream(loop, process.side, self._recording.feed_reports)

    @property
    def busy(self) -> bool:
        """Tell whether an invocation is under way."""
        return self._work is not None

    @property
    def _patience_s(self) -> float:
        return self._clock.patience_s(self.config.timeout_s)

    def serve(self, work: Work) -> None:
        """Do `work`; the environment must be ready."""
        self._work = work
        self._recording.begin(work.request_id)
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
                failure = lambda_errors.timed_out(work.request_id, self.config.timeout_s)
            elif self._init_error is not None:
                failure = lambda_errors.initialisation_failed(work.request_id, self._init_error)
            else:
                failure = lambda_errors.exited(work.request_id, wait_status)
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
                failure = lambda_errors.too_large()
                self._finish(work, failure.result, failure)
                answer(413, {}, b"")
            else:
                self._finish(work, body)
                answer(202, {}, b"")
                self._on_ready(self)
        elif work and path == f"invocation/{work.request_id}/error":
            self._finish(work, body, lambda_errors.raised(body))
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
            "Lambda-Runtime-Invoked-Function-Arn": work.request["invoked_arn"],
            "Lambda-Runtime-Trace-Id": f"Root={root};Parent={secrets.token_hex(8)};Sampled=0",
        }
        if work.request["client_context"]:
            headers["Lambda-Runtime-Client-Context"] = work.request["client_context"]
        answer(200, headers, work.payload)

    def _setting(self, work: Work) -> InvocationSetting:
        return {
            "request_id": work.request_id,
            "clock": self._clock_setting(work),
            "faults": work.request["faults"],
            "bucket": work.request["bucket"],
        }

    def _clock_setting(self, work: Work) -> ClockSetting | None:
        if not self._clock.virtual:
            return None
        return {
            "request_id": work.request_id,
            "now_s": self._clock.unix_s(),
            "deadline_s": self._ends_at,
            "sleep_url": work.request["sleep_url"],
        }

    def _finish(self, work: Work, result: bytes, failure: lambda_errors.Failure | None = None) -> None:
        """Tell the outcome, with all that the invocation wrote and called until now."""
        self._side.drain()  # it may tell of sleeps
        began_at = self._spawned_at if self._served_at is None else self._served_at
        duration_s = self._clock.since_s(began_at)
        self._output.drain()
        self._max_memory_mib = max_memory_mib(self.pid) or self._max_memory_mib
        report = Report(
            work.request_id,
            self._started_at,
            duration_s,
            None if self._clock.virtual else self._max_memory_mib,
            self._init_duration_s,
            failure.status if failure else "success",
            failure.error_type if failure else "",
        )
        record = self._recording.take()
        outcome: InvocationOutcome = {
            "request_id": report.request_id,
            "started_at": report.started_at,
            "duration_s": report.duration_s,
            "init_duration_s": report.init_duration_s,
            "environment_id": self.id,
            "failed": failure is not None,
            "seen": record.seen,
            "fired": record.fired,
            "notes": list(record.notes),
        }
        log = frame_log(self.config, record.log, failure.log if failure else "", report)
        self._work = None
        self._served_at = None
        self._init_duration_s = None
        self.deadline = None
        self._on_sleep(self, False)
        work.done(Message("invocation", outcome, (result, log.encode(), record.calls)))

    def _clock_moved(self, report: ClockReport) -> None:
        self._clock.set(report["now_s"])
        if report["expired"]:
            self.expire()
        else:
            asleep = report["asleep"]
            self.deadline = None if asleep else time.monotonic() + self._patience_s
            self._on_sleep(self, asleep)
