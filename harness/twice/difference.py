"""The first difference between two runs of a scenario: the function or the state where it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from harness.functions.shared.model import Call, Invocation
from harness.observe.model import Execution, HistoryEvent, Observation
from harness.observe.tasks import track
from harness.report.model import Result

from .values import NOTHING, Place, first_place


@dataclass(frozen=True)
class Difference:
    """A difference: the part that differs, the path inside it, and both values.

    `function` is the logical ID of the function that caused it, or "" if no function did.
    """

    what: str
    place: Place
    function: str = ""

    @property
    def sentence(self) -> str:
        """The difference in one line."""
        at = f" at {self.place.path}" if self.place.path else ""
        return f"{self.what} differs{at}"


def first_difference(first: Result, second: Result) -> Difference | None:
    """Return the first difference between two runs of a scenario, or None if they are the same."""
    one, other = first.observation, second.observation
    if one is not None and other is not None:
        found = next(_differences(one, other), None)
        if found:
            return found
    if place := first_place(_verdict(first), _verdict(second)):
        return Difference("the verdict", Place("", place.first, place.second))
    return None


def _verdict(result: Result) -> list[object]:
    return [result.outcome, result.reason, [mismatch.summary for mismatch in result.mismatches]]


def _differences(one: Observation, other: Observation) -> Iterator[Difference]:
    yield from _of_functions(one, other)
    yield from _of_executions(one, other)
    for what, of in _LEFT:
        if place := first_place(of(one), of(other)):
            yield Difference(what, place)


def _of_functions(one: Observation, other: Observation) -> Iterator[Difference]:
    """Return the differences in the first invocation with the same input and a different result."""
    numbers: dict[str, int] = {}
    for first, second in zip(one.invocations, other.invocations, strict=False):
        function = one.functions.get(first.function, first.function)
        numbers[function] = numbers.get(function, 0) + 1
        if (first.function, first.payload) != (second.function, second.payload):
            return  # the different input has a different cause
        state = f" in state {first.state}" if first.state else ""
        for part, of in _OF_INVOCATIONS:
            if place := first_place(of(first), of(second)):
                what = f"{part} of function {function}, invocation {numbers[function]}{state}"
                yield Difference(what, place, function)


def _of_executions(one: Observation, other: Observation) -> Iterator[Difference]:
    for first_run, second_run in zip(one.runs, other.runs, strict=False):
        for first, second in zip(first_run.executions, second_run.executions, strict=False):
            yield from _of_events(first, second)
        started = ([each.name for each in run.executions] for run in (first_run, second_run))
        if place := first_place(next(started), next(started)):
            yield Difference(f"the list of executions of run {first_run.name}", place)


def _of_events(first: Execution, second: Execution) -> Iterator[Difference]:
    called = f"execution {first.machine_name}/{first.name}"
    visits = track(first).visits
    for one, other in zip(first.events, second.events, strict=False):
        if place := first_place(_event(one), _event(other)):
            state = f" of state {visits[one.id].name}" if one.id in visits else ""
            yield Difference(f"{called}: event {one.id}, {one.type}{state},", place)
    if len(first.events) != len(second.events):
        ends = (f"{len(each.events)} events" for each in (first, second))
        yield Difference(f"the history of {called}", Place("", *ends))
    ends = (f"{each.status}, {each.stopped_at or NOTHING}" for each in (first, second))
    if place := first_place(*ends):
        yield Difference(f"the end of {called}", place)


def _event(event: HistoryEvent) -> Mapping[str, object]:
    return {
        "type": event.type,
        "previousEventId": event.previous_event_id,
        "timestamp": event.timestamp.isoformat(),
        **event.details,
    }


def _call(call: Call) -> Mapping[str, object]:
    return {f"{call.service}:{call.operation}": asdict(call)}


_OF_INVOCATIONS: tuple[tuple[str, Callable[[Invocation], object]], ...] = (
    ("the result", lambda i: i.result),
    ("a call", lambda i: [_call(call) for call in i.calls]),
    ("the log", lambda i: i.log),
    ("the duration", lambda i: [i.started_at, i.duration_s, i.init_duration_s]),
    ("the environment", lambda i: i.environment_id),
    ("the request ID", lambda i: i.request_id),
)
_LEFT: tuple[tuple[str, Callable[[Observation], object]], ...] = (
    ("the list of invocations", lambda o: [i.function for i in o.invocations]),
    ("the content of the tables", lambda o: {name: list(rows) for name, rows in o.tables.items()}),
    ("the messages", lambda o: [asdict(message) for message in o.messages]),
    ("the list of state machines", lambda o: list(o.machines_left)),
    ("the calls", lambda o: [{**asdict(c), "at": c.at.isoformat()} for c in o.calls]),
)
