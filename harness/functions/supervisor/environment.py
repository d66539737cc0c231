"""One execution environment: a process that serves one function, one invocation at a time."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
import uuid
from collections.abc import Callable

from harness.functions.shared.channel import InvocationOutcome, Message
from harness.functions.shared.sandbox_protocol import (
    ClockReport,
    ClockSetting,
    DebugReport,
    InitReport,
    InvocationSetting,
)
from harness.functions.shared.variables import LOG_STREAM, RUNTIME_API, environment_seed, function_variables
from harness.functions.supervisor import lambda_errors
from harness.quotas import LAMBDA_RESPONSE_BYTES

from .clock import FunctionClock
from .launcher import Process, remove_tmp
from .logs import Report, frame_log
from .loop import Loop, Stream
from .processes import max_memory_mib
from .recording import MalformedRecord, Recording
from .runtime_api import Answer, RuntimeApi
from .work import Work

INIT_LIMIT_S = 10.0
"""Time for the code to load, in addition to the function's own timeout. AWS stops the first attempt to load
after 10 s and retries it as part of the invocation.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""


class Environment:
    """An environment, from its creation for an invocation (`work`) until its process exits (`exited`).

    `begin` attaches a process. Between invocations, the environment is frozen. `on_init` receives the report
    about its initialisation, if the process offers forks.
    """

    def __init__(
        self, work: Work, loop: Loop, api: RuntimeApi, on_init: Callable[[Environment, InitReport], None]
    ) -> None:
        self.config = work.config
        self.kind = work.kind
        self.key = work.request["environment"]
        self.now_s = work.now_s
        self.measures = work.request["measures"]
        self.offers_forks = False
        self.pid = 0  # while it has no process
        self.ending = False
        self._tmp = ""
        self._work: Work | None = work
        self._loop = loop
        self._api = api
        self._on_init = on_init
        self._clock = FunctionClock(work.now_s)
        self._recording = Recording(
            work.request_id, self._clock_moved, lambda report: self._on_init(self, report), self._debugging
        )
        self._next: Answer | None = None
        self._init_error: bytes | None = None
        self._initialised = False
        self._init_duration_s: float | None = None  # until it is reported, with the first invocation
        self._served_at: float | None = None
        self._started_at = self._clock.unix_s()
        self._end: lambda_errors.Failure | None = None  # the reason for stopping it
        self._hang = ""
        self._asleep = False
        self._debugged_for: float | None = None  # the time remaining when debugging began
        self._is_debugged = False
        self._max_memory_mib = 0
        self._spawned_at = self._clock.steady_s()
        self._ends_at = self._spawned_at + INIT_LIMIT_S + self.config.timeout_s
        self.deadline: float | None = None
        self._set_deadline(INIT_LIMIT_S)
        self.first_setting = self._setting(work)
        self._address = api.open(self._request)
        repeats = environment_seed(self.config, work.request["world"], work.request["number"])
        self.seed = repeats if self.virtual else str(uuid.uuid4())
        self.variables = function_variables(self.config, self._address, self._started_at, self.seed)
        self.id = self.variables[LOG_STREAM]

    @property
    def own_variables(self) -> dict[str, str]:
        """Return the variables that differ between the function's environments."""
        return {name: self.variables[name] for name in (LOG_STREAM, RUNTIME_API)}

    @property
    def virtual(self) -> bool:
        """Return whether its clock is virtual."""
        return self._clock.virtual

    @property
    def watched(self) -> Work | None:
        """Return the current invocation if it can hang: it is on virtual time, not sleeping, and not being
        debugged.
        """
        if not self.virtual or self._asleep or self._is_debugged:
            return None
        return self._work if self.pid and not self.ending else None

    def begin(self, process: Process) -> None:
        """Attach a process."""
        self.pid = process.pid
        self._tmp = process.tmp
        self._output = Stream(self._loop, process.log, self._recording.feed_log)
        self._side = Stream(self._loop, process.side, self._read_reports)

    def give_up(self) -> tuple[Process, bytes]:
        """Detach the process; return it and its output."""
        self._output.drain()
        process = Process(self.pid, os.dup(self._output.fd), os.dup(self._side.fd), self._tmp)
        self._output.close()
        self._side.close()
        self.pid = 0
        return process, self._recording.log

    def remember_log(self, log: bytes) -> None:
        """Begin the log with the output from its template's initialisation."""
        self._recording.begin_log(log)

    def serve(self, work: Work) -> None:
        """Do `work`; the previous invocation must be finished."""
        self._work = work
        self._recording.begin(work.request_id)
        self._clock.set(work.now_s)
        self._set_deadline()
        self._signal(signal.SIGCONT)
        if self._next:
            self._hand_over(work, self._next)

    def expire(self) -> None:
        """Stop it because the function has timed out."""
        if self._work:
            if self._clock.virtual:
                self._clock.set(self._ends_at)
            self._end = lambda_errors.timed_out(self._work.request_id, self.config.timeout_s)
        self.stop()

    def hang(self, why: str) -> None:
        """Stop it because it hangs."""
        if self._work:
            self._hang = why
            self._end = lambda_errors.hung(self._work.request_id, why)
        self.stop()

    def stop(self) -> None:
        """Kill the process and the processes that it started; `exited` handles the exit."""
        self.deadline = None
        self.ending = True
        self._signal(signal.SIGKILL)

    def never_began(self) -> None:
        """End its invocation, because it was stopped before it had a process."""
        self.ending = True
        if work := self._work:
            failure = lambda_errors.exited(work.request_id, signal.SIGKILL)
            self._finish(work, failure.result, failure)
        self._api.close(self._address)

    def failed(self, error: OSError) -> None:
        """End its invocation, because a process could not be started."""
        self.ending = True
        self._api.close(self._address)
        if work := self._work:
            self._work = None
            work.done(Message("failed", {"reason": str(error)}))

    def exited(self, wait_status: int) -> Work | None:
        """Handle the exit of the process: kill its remaining children, and end its invocation.

        Return the invocation if the process never received it, because it was already exiting.
        """
        ended_itself = not self.ending
        self.stop()
        unseen = self._work if ended_itself and self._initialised and self._served_at is None else None
        work = None if unseen else self._work
        if work:
            if self._end:
                failure = self._end
            elif self._init_error is not None:
                failure = lambda_errors.initialisation_failed(
                    work.request_id, self._init_error, self.config.code
                )
            else:
                failure = lambda_errors.exited(work.request_id, wait_status)
            self._finish(work, failure.result, failure)
        self._api.close(self._address)
        self._output.close()
        self._side.close()
        remove_tmp(self._tmp)
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
                self._freeze()
        elif work and path == f"invocation/{work.request_id}/error":
            self._finish(work, body, lambda_errors.raised(body))
            answer(202, {}, b"")
            self._freeze()
        else:
            answer(404, {}, b"")

    def _freeze(self) -> None:
        """Freeze it until it is used again. After a very fast outcome, it may already be in use again."""
        if self._work is None:
            self._signal(signal.SIGSTOP)

    def _signal(self, number: int) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _hand_over(self, work: Work, answer: Answer) -> None:
        self._next = None
        self._started_at = self._clock.unix_s()
        self._served_at = self._clock.steady_s()
        self._set_deadline()
        self._ends_at = self._served_at + self.config.timeout_s
        self._side.send(json.dumps({"invocation": self._setting(work)}).encode() + b"\n")
        deadline_ms = int(self._started_at * 1000) + round(
            self.config.timeout_s * 1000
        )  # as in the context's remaining time
        chance = random.Random(f"trace {work.request_id}")  # noqa: S311 - it must repeat
        root = f"1-{int(self._started_at):08x}-{chance.randbytes(12).hex()}"
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": work.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": work.request["invoked_arn"],
            "Lambda-Runtime-Trace-Id": f"Root={root};Parent={chance.randbytes(8).hex()};Sampled=0",
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
            "breaks": work.request["breaks"],
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

    def _set_deadline(self, more_s: float = 0.0) -> None:
        """Start the timeout in real time; a virtual timeout expires on its own clock."""
        if not self.virtual:
            self.deadline = time.monotonic() + self.config.timeout_s + more_s

    def _finish(self, work: Work, result: bytes, failure: lambda_errors.Failure | None = None) -> None:
        """Report the outcome, with the invocation's output and calls so far."""
        if self.pid:
            self._side.drain()  # it may report sleeps
            self._output.drain()
            self._max_memory_mib = max_memory_mib(self.pid) or self._max_memory_mib
        if self._end and failure is not self._end:  # due to the report that was just read
            result, failure = self._end.result, self._end
        began_at = self._spawned_at if self._served_at is None else self._served_at
        report = Report(
            work.request_id,
            self._started_at,
            self._clock.since_s(began_at),
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
            "environment_ended": self.ending,
            "hang": self._hang,
            "failed": failure is not None,
            "seen": record.seen,
            "fired": record.fired,
            "notes": list(record.notes),
            "ran": record.ran,
        }
        log = frame_log(self.config, record.log, failure.log if failure else "", report)
        self._work = None
        self._served_at = None
        self._init_duration_s = None
        self._asleep = self._is_debugged = False
        self._debugged_for = None
        self.deadline = None
        work.done(Message("invocation", outcome, (result, log.encode(), record.calls)))

    def _read_reports(self, data: bytes) -> None:
        try:
            self._recording.feed_reports(data)
        except MalformedRecord as error:
            if self._work:
                self._end = lambda_errors.malformed(self._work.request_id, str(error))
            self.stop()

    def _debugging(self, report: DebugReport) -> None:
        """Suspend the real-time deadline during debugging."""
        if report["on"] and not self._is_debugged:
            self._debugged_for = None if self.deadline is None else self.deadline - time.monotonic()
            self.deadline = None
        elif not report["on"] and self._debugged_for is not None:
            self.deadline = time.monotonic() + self._debugged_for
            self._debugged_for = None
        self._is_debugged = report["on"]

    def _clock_moved(self, report: ClockReport) -> None:
        self._clock.set(report["now_s"])
        self._asleep = report["asleep"]
        if report["expired"]:
            self.expire()
