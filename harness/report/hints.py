"""Hints for known error types: existing keys, sizes and quotas, and the timeout that elapsed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from harness.expect.wording import time
from harness.functions.shared.model import Invocation
from harness.json_types import Json
from harness.observe.model import Observation, parsed
from harness.observe.places import Places
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.report.definition_errors import LONGEST_DATA, data_in, has_keys, keys_in_words
from harness.report.explain import Ending, FailedTask
from harness.report.layout import in_words

DATA_LIMIT: Final = "States.DataLimitExceeded"
TIMEOUTS: Final = {
    "States.Timeout": "TimeoutSeconds",
    "States.HeartbeatTimeout": "HeartbeatSeconds",
}
_TIMED_OUT: Final = "Sandbox.Timedout"
_AFTER = re.compile(r"timed out after ([\d.]+) seconds")
_EVENT = re.compile(r"""\bevent((?:\[(?:"[^"]*"|'[^']*')\])+)""")
_ENVIRONMENT = re.compile(r"\benviron\[")
_KEY = re.compile(r"""\[(?:"([^"]*)"|'([^']*)')\]""")


def hints_of_ending(ending: Ending, places: Places) -> Iterator[str]:
    """Yield hints about an execution's error."""
    yield from _of_input(ending, places)
    if ending.error == DATA_LIMIT:
        yield _limit()
    if ending.status == "TIMED_OUT":
        yield "the execution's TimeoutSeconds elapsed, on its own clock"


def hints_of_task(task: FailedTask, observation: Observation, places: Places) -> Iterator[str]:
    """Yield hints about a task's error."""
    if task.call:
        yield f"the call: {task.call}"
    yield from _of_input(task, places)
    yield from _item(task)
    if task.error == DATA_LIMIT:
        yield _limit(_answered(task, observation))
    if task.error in TIMEOUTS:
        on = "virtual time" if observation.virtual_time else "real time"
        yield f"the state's {TIMEOUTS[task.error]} elapsed in {on}"
    if task.invocation is not None:
        yield from hints_of_invocation(task.invocation, task.function, observation, places)
    elif task.error == DATA_LIMIT and (place := in_words(places.of_handler(task.function))):
        yield f"the handler of {task.function}{place}"


def hints_of_invocation(
    invocation: Invocation, function: str, observation: Observation, places: Places
) -> Iterator[str]:
    """Yield hints about a function's error."""
    error = invocation.error
    if error is None:
        return
    if error.type == "KeyError" and _ENVIRONMENT.search("".join(error.stack_trace[-2:])):
        place = in_words(places.of_function(function, "Environment", "Variables"))
        yield f"environment variable {error.message} of {function} is not set{place}"
    elif error.type == "KeyError" and (text := _of_event(invocation, "".join(error.stack_trace[-1:]))):
        yield text
    if error.type == _TIMED_OUT and (after := _AFTER.search(error.message)):
        on = " of virtual time" if observation.virtual_time else ""  # an injected timeout takes no time
        place = in_words(places.of_function(function, "Timeout"))
        yield f"the function's Timeout is {time(float(after[1]))}{on}{place}"
    if not error.stack_trace and (place := in_words(places.of_handler(function))):
        yield f"the handler of {function}{place}"


def _of_event(invocation: Invocation, frame: str) -> str:
    """Return the keys of the event, or of the part of the event that the failing line reads."""
    event: Json = parsed(invocation.payload)
    subject = "its event"
    read = [_KEY.findall(match[1]) for match in _EVENT.finditer(frame)]
    for keys in read:
        part, at = event, "event"
        for double, single in keys:
            key = double or single
            if not isinstance(part, Mapping) or key not in part:
                return has_keys(subject if at == "event" else at, part)
            part, at = part[key], f'{at}["{key}"]'
    return has_keys(subject, event)


def _of_input(failed: Ending | FailedTask, places: Places) -> Iterator[str]:
    """Yield the keys in the input in which a path was not found, and the previous state."""
    visit, quoted = failed.visit, data_in(failed.cause)
    given = parsed(visit.entered.text("input")) if visit is not None else None
    if quoted not in (None, given):  # a result, or a part of the input
        yield from filter(None, [has_keys("the searched data", quoted)])
        return
    text = keys_in_words(failed.cause, given)
    if visit is None or not text:
        return
    yield text
    index = visit.branch.visits.index(visit)
    if index > 0:
        before = visit.branch.visits[index - 1].name
        where = places.of_transition(failed.of, before, visit.name)
        yield f"{visit.name} was entered from {before}{in_words(where)}"


def _item(task: FailedTask) -> Iterator[str]:
    """Yield the Map item that a task processed."""
    if task.of is not None and "/" in task.of.machine_arn.rpartition(":")[2]:  # of a distributed Map
        yield f"the item: {_brief(task.of.input)}"
    around = task.visit.branch.inside if task.visit is not None else None
    if task.visit is None or around is None or around.kind != "Map":
        return
    item = _brief(task.visit.branch.visits[0].entered.text("input"))
    yield f"item {around.branches.index(task.visit.branch)} of {around.name}: {item}"


def _brief(item: str) -> str:
    """Return a Map item, or its keys if the item is long."""
    return item if len(item) <= LONGEST_DATA else has_keys("it", parsed(item)) or f"{item[:LONGEST_DATA]}…"


def _answered(task: FailedTask, observation: Observation) -> int | None:
    """Return the size of the last result of the task's function, if known."""
    arn = task.of.arn if task.of is not None else ""
    sizes = [
        len(each.result.encode("utf-8", "surrogatepass"))
        for each in observation.invocations
        if each.execution_arn == arn and each.state == task.state and each.error is None
    ]
    return sizes[-1] if sizes else None


def _limit(size: int | None = None) -> str:
    most = f"the Step Functions quota is {STATES_PAYLOAD_BYTES:,} bytes"
    return most if size is None else f"the result is {size:,} bytes; {most}"
