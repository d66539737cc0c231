"""One failure as lines: what was expected, what came, where it went wrong, and how to see it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.text import Text

from harness.expect.call_wording import named
from harness.expect.model import Mismatch
from harness.functions.shared.model import FunctionError, Invocation
from harness.report.explain import (
    Ending,
    FailedCall,
    FailedTask,
    explain,
)
from harness.report.layout import BAD, QUIET, STRONG, compared, cut, excerpt, line, shown_path
from harness.report.model import Result
from harness.report.nodes import lines
from harness.report.tree import calls_of

# So many are laid out in full; the rest is a line each, or a number.
DETAILED_MISMATCHES, DETAILED_TASKS, LISTED = 5, 3, 20
LOG_LINES = 10
# More calls than these are left to the tree of -v: what failed is to stay on the first screen.
CALL_LINES, CALL_WIDTH = 5, 100
TRACEBACK = "Traceback (most recent call last):"
# Lines of the runtime, not of the function, in both log formats.
RUNTIME_LINES = re.compile(r"(START|END|REPORT) RequestId:|INIT_START |\{.*\"type\": ?\"platform\.")
# How a log line says again what is shown as the traceback: as text, and as JSON.
TRACES = (TRACEBACK, '"stackTrace":')


def failure_text(result: Result, verbose: bool = False) -> str:
    """The explanation of a result that failed, as plain text without a line end."""
    text = "\n".join(text.plain for text in failure_lines(result, verbose))
    return text.encode("utf-8", "backslashreplace").decode()  # a text of AWS's may not be Unicode


def failure_lines(result: Result, verbose: bool = False) -> Iterator[Text]:
    """The explanation of a result that failed, line by line; `verbose` leaves nothing out."""
    where = shown_path(result.scenario.path)
    word = "ERROR" if result.outcome == "error" else "FAIL"
    yield line(f"{word}  {result.scenario.title}", f"{STRONG} {BAD}")
    yield line(f"{where} on {result.engine}, {result.duration_s:.1f} s", QUIET, len(word) + 2)
    if result.reproduce:
        yield line(f"reproduce: {result.reproduce}", indent=len(word) + 2)
    for text in result.reason.splitlines():
        yield line(text, indent=2)
    if len(result.mismatches) > 1:  # all of them at a glance, and what caused them, before each in detail
        yield line()
        yield from _headlines(result.mismatches, verbose)
        yield from _cause_of_all(result, verbose)
        yield from _mismatches(result, verbose)
    else:
        yield from _mismatches(result, verbose)
        yield from _cause_of_all(result, verbose)


def headline(mismatch: Mismatch) -> str:
    """A mismatch in one line: `scenarios/x.yaml:24: items: table OrdersTable: expected 2 items, seen 1`."""
    where = f"{shown_path(mismatch.where.path)}:{mismatch.where.line}"
    return f"{where}: {mismatch.expectation}: {mismatch.summary}"


def _headlines(mismatches: Sequence[Mismatch], verbose: bool) -> Iterator[Text]:
    shown = len(mismatches) if verbose else LISTED
    for mismatch in mismatches[:shown]:
        yield line(headline(mismatch), BAD)
    if len(mismatches) > shown:
        yield line(f"… {len(mismatches) - shown} mismatches more (-v shows all)", QUIET)


def _mismatches(result: Result, verbose: bool) -> Iterator[Text]:
    detailed = len(result.mismatches) if verbose else DETAILED_MISMATCHES
    before: Mismatch | None = None
    for mismatch in result.mismatches[:detailed]:
        yield line()
        yield line(headline(mismatch), BAD)
        again = before is not None and (
            (before.where.path, before.where.line) == (mismatch.where.path, mismatch.where.line)
        )
        # The first line of a file is its title: what stands there is about the file as a whole.
        if not again and mismatch.where.line > 1:
            lines = list(result.scenario.excerpt(mismatch.where))
            yield from excerpt(lines, mismatch.where.line, mismatch.where.column, 4)
        yield from _detail(mismatch, verbose)
        before = mismatch
    left = len(result.mismatches) - detailed
    if left > 0:
        yield line()
        yield line(f"… {left} more in detail with -v", QUIET)


def _detail(mismatch: Mismatch, verbose: bool) -> Iterator[Text]:
    expected, seen = mismatch.expected, mismatch.seen
    if (expected or seen) and not (expected in mismatch.summary and seen in mismatch.summary):
        yield from compared(expected, seen, 4, verbose)
    for text in mismatch.remedy.splitlines():
        yield line(text, indent=4)


def _cause_of_all(result: Result, verbose: bool) -> Iterator[Text]:
    if result.observation is None:
        return
    found = explain(result.observation)
    # Of a result that is an error, the reason says already what is still running.
    endings = [e for e in found.endings if e.status != "RUNNING" or not result.reason]
    if endings or found.tasks or found.invocations:
        yield line()
        yield line("What happened", STRONG)
    for ending in endings:
        yield line(_ending(ending), indent=2)
    detailed = len(found.tasks) if verbose else DETAILED_TASKS
    for task in found.tasks[:detailed]:
        yield line(_task(task), indent=2)
        yield from _cause(task, verbose)
    yield from _listed([_task(task) for task in found.tasks[detailed:]], verbose)
    names = result.observation.functions
    for invocation in found.invocations[:detailed]:
        name = names.get(invocation.function, invocation.function)
        yield line(f"another failed invocation: {name}", indent=2)
        yield from _invocation(invocation, verbose)
    left = [f"{names.get(i.function, i.function)}: {_error(i)}" for i in found.invocations[detailed:]]
    yield from _listed(left, verbose)
    if found.calls:
        yield line()
        yield line("AWS calls that answered with errors", STRONG)
        yield from _listed([_call(call) for call in found.calls], verbose)


def _listed(texts: Sequence[str], verbose: bool) -> Iterator[Text]:
    for text in texts if verbose else texts[:LISTED]:
        yield line(text, indent=2)
    if len(texts) > LISTED and not verbose:
        yield line(f"… {len(texts) - LISTED} more (-v shows all)", QUIET, 2)


def _ending(ending: Ending) -> str:
    state = f" in state {ending.state}" if ending.state else ""
    why = ": ".join(filter(None, (ending.error, ending.cause)))
    return f"execution {ending.execution} of {ending.machine}: {ending.status}{state}" + (
        f": {why}" if why else ""
    )


def _task(task: FailedTask) -> str:
    inside = f" (in {task.inside})" if task.inside else ""
    bucket = f", bucket {task.bucket}" if task.bucket else ""
    times = f" {task.times} times" if task.times > 1 else ""
    what = f"{task.function} failed{times}" if task.function else f"failed{times}"
    handled = f" ({task.handled})" if task.handled else ""
    return f"state {task.state}{inside}{bucket}: {what}: {task.error or 'an error without a name'}{handled}"


def _cause(task: FailedTask, verbose: bool) -> Iterator[Text]:
    if task.invocation is not None:
        yield from _invocation(task.invocation, verbose)
    else:
        for text in cut(task.cause.splitlines(), verbose):
            yield line(text, indent=4)


def _invocation(invocation: Invocation, verbose: bool) -> Iterator[Text]:
    """The function's own traceback, then the end of what it had logged."""
    if invocation.error is not None:
        trace = [text for entry in invocation.error.stack_trace for text in entry.rstrip().splitlines()]
        if trace:
            yield line(TRACEBACK, indent=4)
        for text in cut(trace, verbose, shown=20, tail=True):
            yield line(text, indent=4)
        yield line(_named(invocation.error), BAD, 4)
    calls = [] if verbose else list(lines(calls_of(invocation), CALL_WIDTH))  # -v shows them in the tree
    if 0 < len(calls) <= CALL_LINES:
        yield line("its AWS calls:", QUIET, 4)
        for call in calls:
            yield Text("      ").append_text(call)
    log = _log(invocation, verbose)
    if log:
        yield line(
            f"log of the invocation ({invocation.duration_s:.2f} s, {invocation.request_id}):", QUIET, 4
        )
    for text in cut(log, verbose, LOG_LINES, tail=True):
        yield line(f"| {text}", indent=4)


def _log(invocation: Invocation, verbose: bool) -> list[str]:
    """The log's lines, without the runtime's own and without the traceback, which is shown already."""
    if verbose:
        return invocation.log.splitlines()
    lines = (text for text in invocation.log.split("\n") if text.strip() and not RUNTIME_LINES.match(text))
    return [text for text in lines if not any(trace in text for trace in TRACES)]


def _named(error: FunctionError) -> str:
    return f"{error.type}: {error.message}" if error.type else error.message


def _error(invocation: Invocation) -> str:
    return _named(invocation.error) if invocation.error is not None else ""


def _call(failed: FailedCall) -> str:
    call = failed.call
    times = f", {failed.times} times" if failed.times > 1 else ""
    by = " (a fault of the scenario)" if call.injected else ""
    return f"{failed.function}: {named(call)}: {call.error}{times}{by}"
