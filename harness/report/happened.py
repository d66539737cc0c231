"""The part of a failure that says where it went wrong: executions, tasks, traces, logs, calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from harness.expect.call_wording import named
from harness.functions.shared.model import FunctionError, Invocation
from harness.report.explain import Ending, Explanation, FailedCall, FailedTask, explain
from harness.report.layout import BAD, QUIET, STRONG, cut, line
from harness.report.model import Result
from harness.report.nodes import lines
from harness.report.printed import TRACEBACK, function_lines
from harness.report.tree import calls_of

# So many tasks are told with their traces; the rest is a line each, or a number.
DETAILED_TASKS, LISTED = 3, 20
LOG_LINES = 10
# More calls than these are left to the tree of -v: what failed is to stay on the first screen.
CALL_LINES, CALL_WIDTH = 5, 100
_IMPORTING = re.compile(r"^<frozen importlib|/importlib/__init__\.py$")
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<name>.*)$')


def happened(result: Result, verbose: bool = False) -> Iterator[Text]:
    """The executions that failed and why, each trace once; nothing where nothing looks like a failure."""
    if result.observation is None:
        return
    found = explain(result.observation)
    detailed = len(found.tasks) if verbose else DETAILED_TASKS
    # Of a result that is an error, the reason says already what is still running.
    endings = [e for e in found.endings if e.status != "RUNNING" or not result.reason]
    if endings or found.tasks or found.invocations:
        yield line()
        yield line("What happened", STRONG)
    told = {_why(task.error, task.cause) for task in found.tasks[:detailed]}
    for ending in endings:
        yield line(_ending(ending, told), indent=2)
        told.add(_why(ending.error, ending.cause))
    yield from _failed_tasks(found, detailed, verbose)
    yield from _other_invocations(found, result.observation.functions, detailed, verbose)
    if found.calls:
        yield line()
        yield line("AWS calls that answered with errors", STRONG)
        yield from _listed([_call(call) for call in found.calls], verbose)


def frames(stack_trace: Sequence[str]) -> list[str]:
    """The lines of a stack trace; each frame begins with its place: `src/app.py:41: in handler`.

    Those of Python's own import are left out.
    """
    shown: list[str] = []
    importing = False
    for text in (text for entry in stack_trace for text in entry.rstrip().splitlines()):
        if match := _FRAME.match(text):
            importing = _IMPORTING.search(match["path"]) is not None
        if not importing:
            shown.append(_FRAME.sub(r"  \g<path>:\g<line>: in \g<name>", text))
    return shown


def last_frame(stack_trace: Sequence[str]) -> str:
    """The place of the innermost frame: `src/app.py:41`; "" without a trace."""
    texts = [text for entry in stack_trace for text in entry.splitlines()]
    found = [match for text in texts if (match := _FRAME.match(text))]
    return f"{found[-1]['path']}:{found[-1]['line']}" if found else ""


def _failed_tasks(found: Explanation, detailed: int, verbose: bool) -> Iterator[Text]:
    traces: set[tuple[str, FunctionError]] = set()
    for task in found.tasks[:detailed]:
        yield line(_task(task), indent=2)
        error = task.invocation.error if task.invocation else None
        if error is not None and (task.function, error) in traces:
            yield line("the same error as above", QUIET, 4)
            continue
        yield from _cause(task, verbose)
        if error is not None:
            traces.add((task.function, error))
    yield from _listed([_task(task) for task in found.tasks[detailed:]], verbose)


def _other_invocations(
    found: Explanation, names: Mapping[str, str], detailed: int, verbose: bool
) -> Iterator[Text]:
    for invocation in found.invocations[:detailed]:
        name = names.get(invocation.function, invocation.function)
        yield line(f"another failed invocation: {name}", indent=2)
        yield from _invocation(invocation, verbose)
    left = [f"{names.get(i.function, i.function)}: {_error(i)}" for i in found.invocations[detailed:]]
    yield from _listed(left, verbose)


def _why(error: str, cause: str) -> str:
    return ": ".join(filter(None, (error, cause)))


def _ending(ending: Ending, told: set[str]) -> str:
    state = f" in state {ending.state}" if ending.state else ""
    why = _why(ending.error, ending.cause)
    said = f": {why}" if why and why not in told else ""
    return f"execution {ending.execution} of {ending.machine}: {ending.status}{state}{said}"


def _listed(texts: Sequence[str], verbose: bool) -> Iterator[Text]:
    for text in texts if verbose else texts[:LISTED]:
        yield line(text, indent=2)
    if len(texts) > LISTED and not verbose:
        yield line(f"… {len(texts) - LISTED} more (-v shows all)", QUIET, 2)


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
        trace = frames(invocation.error.stack_trace)
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
    log = [] if verbose else function_lines(invocation.log, traces=False)  # as the calls
    if log:
        yield line(
            f"log of the invocation ({invocation.duration_s:.2f} s, {invocation.request_id}):", QUIET, 4
        )
    for text in cut(log, verbose, LOG_LINES, tail=True):
        yield line(f"| {text}", indent=4)


def _named(error: FunctionError) -> str:
    return f"{error.type}: {error.message}" if error.type else error.message


def _error(invocation: Invocation) -> str:
    return _named(invocation.error) if invocation.error is not None else ""


def _call(failed: FailedCall) -> str:
    call = failed.call
    times = f", {failed.times} times" if failed.times > 1 else ""
    by = " (a fault of the scenario)" if call.injected else ""
    return f"{failed.function}: {named(call)}: {call.error}{times}{by}"
