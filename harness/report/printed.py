"""The output of a run: lines that its functions printed and logged, and the messages that it sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.text import Text

from harness.expect.wording import time
from harness.functions.shared.model import Invocation
from harness.observe.model import Observation
from harness.report.layout import QUIET, STRONG, line

LONGEST_LOG = 64 * 1024
"""Maximum number of characters to show from the end of an invocation's log, the most useful part."""
LONGEST_TEXT = 1024 * 1024
"""Maximum number of characters to show from the output of one scenario."""
# Lines that are written by the runtime, not by the function, in both log formats.
RUNTIME_LINES = re.compile(r"(START|END|REPORT) RequestId:|INIT_START |\{.*\"type\": ?\"platform\.")
TRACEBACK = "Traceback (most recent call last):"
# The first line of an error that the runtime logs as text, and the JSON member of an error logged as JSON.
_ERROR = re.compile(r"\[ERROR\] ")
TRACE_MEMBER = '"stackTrace":'
# For every error outside the handler, the runtime logs this advice instead of a trace.
ADVICE = "LAMBDA_WARNING: Unhandled exception."


@dataclass(frozen=True)
class Printed:
    """The log of an invocation whose function printed or logged something."""

    function: str
    invocation: Invocation
    after_s: float

    @property
    def heading(self) -> str:
        """Its function, state and time: `ListObjects in ListObject1, +0.1 s (its request id)`."""
        state = f" in {self.invocation.state}" if self.invocation.state else ""
        return f"{self.function}{state}, +{time(self.after_s)} ({self.invocation.request_id})"


def log_of(invocation: Invocation) -> str:
    """Return an invocation's log, limited to its last `LONGEST_LOG` characters."""
    left_out = len(invocation.log) - LONGEST_LOG
    if left_out <= 0:
        return invocation.log
    return f"… {left_out:,} earlier characters\n{invocation.log[left_out:]}"


def log_lines(log: str) -> list[str]:
    """Return the lines of a log. Lambda writes line breaks within an entry as carriage returns."""
    return [text for text in log.replace("\r", "\n").split("\n") if text.strip()]


def of_runtime(text: str) -> bool:
    """Return whether a log line comes from Lambda's runtime, not from the function."""
    return RUNTIME_LINES.match(text) is not None or ADVICE in text


def printed(observation: Observation) -> Iterator[Printed]:
    """Yield the invocations whose functions printed or logged something, sorted by start time."""
    began = min((run.execution.started_at.timestamp() for run in observation.runs), default=0.0)
    for invocation in observation.invocations:
        if not all(map(of_runtime, log_lines(invocation.log))):
            name = observation.functions.get(invocation.function, invocation.function)
            yield Printed(name, invocation, max(0.0, invocation.started_at - began))


def printed_lines(observation: Observation, *, traces: bool = True) -> Iterator[Text]:
    """Yield the logs without the runtime's lines, then the messages with their bodies.

    `traces` says whether to show the function's exceptions as logged by the runtime.
    """
    left = LONGEST_TEXT
    for text in _all_lines(observation, traces):
        left -= len(text.plain) + 1
        if left < 0:
            yield line(f"… truncated after {LONGEST_TEXT:,} characters", QUIET)
            return
        yield text


def printed_text(observation: Observation, *, traces: bool = True) -> str:
    """Return the logs and messages as plain text; "" if nothing was printed or sent."""
    return "\n".join(text.plain for text in printed_lines(observation, traces=traces))


def function_lines(log: str, *, traces: bool) -> list[str]:
    """Return the log lines that come from the function. For `traces`, see `printed_lines`."""
    lines = [text for text in log_lines(log) if not of_runtime(text)]
    return lines if traces else list(_without_traces(lines))


def _without_traces(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without the errors that the runtime logs as text or as JSON, including their traces."""
    inside = False
    for text, after in zip_longest(lines, lines[1:], fillvalue=""):
        if _ERROR.match(text) and after.startswith(TRACEBACK):
            inside = True
        elif inside and (text.startswith(TRACEBACK) or text[:1].isspace()):
            continue
        else:
            inside = False
            if TRACE_MEMBER not in text:
                yield text


def _all_lines(observation: Observation, traces: bool) -> Iterator[Text]:
    title = [line("What functions printed", STRONG)]
    for each in printed(observation):
        if texts := function_lines(log_of(each.invocation), traces=traces):
            yield from title
            title.clear()
            yield line(each.heading, QUIET, 2)
            yield from (line(f"| {text}", indent=4) for text in texts)
    for number, message in enumerate(observation.messages):
        if number == 0:
            yield line("Messages", STRONG)
        yield line(f"{message.topic}: {message.subject or '(no subject)'}", indent=2)
        for text in message.body.splitlines():
            yield line(f"| {text}", indent=4)
