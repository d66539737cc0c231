"""The part of a failure that shows where it occurred: executions, tasks, traces, logs, calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from rich.text import Text

from harness.expect.call_wording import named
from harness.functions.shared.model import FunctionError, Invocation
from harness.observe.model import Observation
from harness.observe.places import Places
from harness.report.definition_errors import shortened, texts_of
from harness.report.expected_failures import Expected, Parted, parted
from harness.report.explain import Ending, Explanation, FailedCall, FailedTask
from harness.report.hints import hints_of_ending, hints_of_invocation, hints_of_task
from harness.report.layout import BAD, QUIET, STRONG, cut, excerpt, in_words, line, lines_around, prose
from harness.report.model import Result
from harness.report.nodes import lines
from harness.report.printed import TRACEBACK, function_lines
from harness.report.tree import calls_of

T = TypeVar("T")
CAUSES: Final = "What happened"
OTHERS: Final = "Also happened"
AS_EXPECTED: Final = " (as expected)"
# Number of executions to show before the tasks, and number of tasks to show with traces. Others get one line
# each, or are only counted.
DETAILED_ENDINGS, DETAILED_TASKS, LISTED = 3, 3, 20
LONGEST_SENTENCE: Final = 160
"""Maximum length of an execution's line including error and cause. A longer error gets its own lines."""
LOG_LINES = 10
# Show more calls than this only in the -v tree, so that the failure stays on the first screen.
CALL_LINES, CALL_WIDTH = 5, 100
_NOT_FOUND = re.compile(r"NotFound|NoSuch|NonExist|DoesNotExist")
_NAME = re.compile(r"(Name|Arn|Url|Bucket)$")
_IMPORTING = re.compile(r"^<frozen importlib|/importlib/__init__\.py$")
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<name>.*)$')


def happened(result: Result, verbose: bool = False) -> Iterator[Text]:
    """Yield all failures and their causes, with each trace shown once; yield nothing if there are no
    failures.
    """
    if result.observation is not None:
        parts = parted(result, result.observation)
        first = list(causes(result, parts, result.observation, verbose))
        yield from first
        yield from others(parts, result.observation, verbose, heading=OTHERS if first else CAUSES)


def causes(result: Result, parts: Parted, observation: Observation, verbose: bool = False) -> Iterator[Text]:
    """Yield possible causes: executions, then tasks with traces, then invocations."""
    found = parts.causes
    # If the result is an error, its reason already lists the executions that are still running.
    endings = [e for e in found.endings if e.status != "RUNNING" or not result.reason]
    if endings or found.tasks or found.invocations:
        yield line()
        yield line(CAUSES, STRONG)
        yield from _Telling(observation, parts.expected, verbose).told(replace(found, endings=tuple(endings)))


def others(
    parts: Parted, observation: Observation, verbose: bool = False, *, heading: str = CAUSES
) -> Iterator[Text]:
    """Yield failures that were expected or followed by a successful retry, and calls with errors."""
    found, places = parts.others, Places(observation)
    if found.endings or found.tasks:
        yield line()
        yield line(heading, STRONG)
        yield from _listed(found.endings, lambda each: _ending(each, places) + AS_EXPECTED, verbose)
    if verbose:
        yield from _Telling(observation, parts.expected, verbose).told(replace(found, endings=()))
    else:
        yield from _listed(found.tasks, lambda task: _task(task, parts.expected, places), verbose)
    if found.calls:
        yield line()
        yield line("AWS calls that returned errors", STRONG)
        yield from _listed(found.calls, _call, verbose)


def frames(stack_trace: Sequence[str]) -> list[str]:
    """Return the lines of a stack trace. Each frame begins with its location: `src/app.py:41: in handler`.

    Frames from Python's import system are omitted.
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
    """Return the location of the innermost frame: `src/app.py:41`; "" if there is no trace."""
    texts = [text for entry in stack_trace for text in entry.splitlines()]
    found = [match for text in texts if (match := _FRAME.match(text))]
    return f"{found[-1]['path']}:{found[-1]['line']}" if found else ""


class _Telling:
    """Describes failures in full, each cause once."""

    def __init__(self, observation: Observation, expected: Expected, verbose: bool) -> None:
        self._observation = observation
        self._expected = expected
        self._verbose = verbose
        self._places = Places(observation)

    def told(self, found: Explanation) -> Iterator[Text]:
        """Yield the lines about executions, tasks and invocations."""
        detailed = len(found.tasks) if self._verbose else DETAILED_TASKS
        told = {_why(task.error, task.cause) for task in found.tasks[:detailed]}
        shown = len(found.endings) if self._verbose else DETAILED_ENDINGS
        for ending in found.endings[:shown]:
            yield from self._told_ending(ending, told)
        yield from self._tasks(found, detailed)
        left = found.endings[shown:]
        yield from _listed(left, lambda each: _ending(each, self._places), self._verbose)
        yield from self._invocations(found, detailed)

    def _told_ending(self, ending: Ending, told: set[str]) -> Iterator[Text]:
        """Yield an execution, and its error with the line in the definition unless it was already shown."""
        why, text = _why(ending.error, ending.cause), _ending(ending, self._places)
        if not why or why in told:
            yield prose(text, indent=2)
            return
        told.add(why)
        if "\n" not in why and len(f"{text}: {why}") <= LONGEST_SENTENCE:
            yield prose(f"{text}: {why}", indent=2)
        else:
            yield prose(f"{text}: {ending.error}" if ending.error else text, indent=2)
            yield from self._cause(ending.cause)
        yield from self._field(ending)
        for hint in hints_of_ending(ending, self._places):
            yield prose(hint, indent=4)

    def _cause(self, cause: str) -> Iterator[Text]:
        texts = cause.splitlines() if self._verbose else list(shortened(cause))
        for text in cut(texts, self._verbose):
            yield prose(text, indent=4)

    def _field(self, failed: Ending | FailedTask) -> Iterator[Text]:
        """Yield the line in the definition that contains an error's path or expression."""
        where = self._places.of_field(failed.of, failed.state, texts_of(failed.cause))
        if where is not None:
            yield from excerpt(lines_around(where, 0), where.line, where.column, 4)

    def _tasks(self, found: Explanation, detailed: int) -> Iterator[Text]:
        traces: set[tuple[str, FunctionError]] = set()
        for task in found.tasks[:detailed]:
            yield prose(_task(task, self._expected, self._places), indent=2)
            error = task.invocation.error if task.invocation else None
            if error is not None and (task.function, error) in traces:
                yield line("same error as above", QUIET, 4)
                continue
            if error is not None:
                traces.add((task.function, error))
            yield from self._about(task)
        left = found.tasks[detailed:]
        yield from _listed(left, lambda task: _task(task, self._expected, self._places), self._verbose)

    def _about(self, task: FailedTask) -> Iterator[Text]:
        hints = list(hints_of_task(task, self._observation, self._places))
        if task.invocation is not None:
            yield from _invocation(task.invocation, self._verbose, hints)
            return
        yield from self._cause(task.cause)
        yield from self._field(task)
        for hint in hints:
            yield prose(hint, indent=4)

    def _invocations(self, found: Explanation, detailed: int) -> Iterator[Text]:
        names = self._observation.functions
        for invocation in found.invocations[:detailed]:
            name = names.get(invocation.function, invocation.function)
            yield line(f"another failed invocation: {name}", indent=2)
            hints = hints_of_invocation(invocation, name, self._observation, self._places)
            yield from _invocation(invocation, self._verbose, hints)
        left = found.invocations[detailed:]
        yield from _listed(left, lambda i: f"{names.get(i.function, i.function)}: {_error(i)}", self._verbose)


def _why(error: str, cause: str) -> str:
    return ": ".join(filter(None, (error, cause)))


def _place(failed: Ending | FailedTask, places: Places) -> str:
    """Return the location in the definition of the error, or of the state that failed."""
    field = places.of_field(failed.of, failed.state, texts_of(failed.cause) or _names_of(failed))
    return in_words(field or places.of_state(failed.of, failed.state))


def _names_of(failed: Ending | FailedTask) -> Sequence[str]:
    """Return the names in a call's parameters that AWS did not find: `orderz` for `TableName`."""
    if not isinstance(failed, FailedTask) or failed.visit is None or not _NOT_FOUND.search(failed.error):
        return ()
    params = [each for task in failed.visit.tasks[-1:] for each in task.params.items()]
    return [value for name, value in params if _NAME.search(name) and isinstance(value, str) and value]


def _ending(ending: Ending, places: Places) -> str:
    state = f" in state {ending.state}{_place(ending, places)}" if ending.state else ""
    return f"execution {ending.execution} of {ending.machine}: {ending.status}{state}"


def _listed(failed: Sequence[T], text_of: Callable[[T], str], verbose: bool) -> Iterator[Text]:
    """Yield a line for each of the first failures, and the number of remaining failures."""
    for each in failed if verbose else failed[:LISTED]:
        yield prose(text_of(each), indent=2)
    if len(failed) > LISTED and not verbose:
        yield line(f"… {len(failed) - LISTED} more (-v shows all)", QUIET, 2)


def _task(task: FailedTask, expected: Expected, places: Places) -> str:
    place = _place(task, places).strip(" ()")
    within = ", ".join(filter(None, (place, f"in {task.inside}" if task.inside else "")))
    where = f"{task.state} ({within})" if within else task.state
    bucket = f", bucket {task.bucket}" if task.bucket else ""
    times = f" {task.times} times" if task.times > 1 else ""
    what = f"{task.function} failed{times}" if task.function else f"failed{times}"
    marks = ", ".join(filter(None, (task.handled, expected.mark(task))))
    error = task.error or "an error without a name"
    return f"state {where}{bucket}: {what}: {error}" + (f" ({marks})" if marks else "")


def _invocation(invocation: Invocation, verbose: bool, hints: Iterable[str] = ()) -> Iterator[Text]:
    """Yield the function's traceback, hints about its error, then the end of its log."""
    if invocation.error is not None:
        trace = frames(invocation.error.stack_trace)
        if trace:
            yield line(TRACEBACK, indent=4)
        for text in cut(trace, verbose, shown=20, tail=True):
            yield line(text, indent=4)
        yield prose(_named(invocation.error), BAD, 4)
    for hint in hints:
        yield prose(hint, indent=4)
    calls = [] if verbose else list(lines(calls_of(invocation), CALL_WIDTH))  # -v shows them in the tree
    if 0 < len(calls) <= CALL_LINES:
        yield line("its AWS calls:", QUIET, 4)
        for call in calls:
            yield Text("      ").append_text(call)
    log = [] if verbose else function_lines(invocation.log, traces=False)  # like the calls
    log = [] if len(log) == 1 and _says_the_same(log[0], invocation) else log
    if log:
        yield line(
            f"log of the invocation ({invocation.duration_s:.2f} s, {invocation.request_id}):", QUIET, 4
        )
    for text in cut(log, verbose, LOG_LINES, tail=True):
        yield line(f"| {text}", indent=4)


def _says_the_same(text: str, invocation: Invocation) -> bool:
    """Return whether a log line is the error as Lambda logs it: `8f2e Task timed out after 30 seconds`."""
    said = text.removeprefix(invocation.request_id).strip()
    return invocation.error is not None and said in invocation.error.message


def _named(error: FunctionError) -> str:
    return f"{error.type}: {error.message}" if error.type else error.message


def _error(invocation: Invocation) -> str:
    return _named(invocation.error) if invocation.error is not None else ""


def _call(failed: FailedCall) -> str:
    call = failed.call
    times = f", {failed.times} times" if failed.times > 1 else ""
    by = " (injected by the scenario)" if call.injected else ""
    return f"{failed.function}: {named(call)}: {call.error}{times}{by}"
