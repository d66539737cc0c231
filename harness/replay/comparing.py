"""Compares the histories of a replay and a recording, flow by flow and event by event."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.json_types import Json
from harness.replay.flows import Flow, Seen
from harness.replay.open_values import shown as without_marks
from harness.replay.placing import FlowKey
from harness.replay.sameness import Sameness

_LONGEST: Final = 300
_THE: Final = "the "
_REPORTS: Final = "Details"
"""The suffix of members such as `inputTruncated`, which report whether the member named before the suffix is
truncated.
"""
_STARTED_BY: Final = frozenset({"stateMachineAliasArn", "stateMachineVersionArn"})
"""Members with the alias or version that started an execution. The replay has neither."""
_FAILURES: Final = {
    "ActivityScheduleFailed": "ActivityFailed",
    "LambdaFunctionScheduleFailed": "LambdaFunctionFailed",
    "LambdaFunctionStartFailed": "LambdaFunctionFailed",
    "TaskStartFailed": "TaskFailed",
    "TaskSubmitFailed": "TaskFailed",
}
"""AWS's failure events for tasks that never started. In the replay, such tasks fail in the ordinary way."""
_BEGINS: Final = frozenset({"MapStateStarted", "ParallelStateStarted"})
_STARTS: Final = frozenset({"ActivityStarted", "LambdaFunctionStarted", "TaskStarted"})


@dataclass(frozen=True)
class Asked:
    """A function invocation during the replay: its logical ID, its event as JSON text, and its log."""

    function: str
    input: str
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """A difference between two histories.

    Attributes:
        event: the ID of the recorded event, 0 if there is none. `ours` is the ID of the replay's event.
        state: the state that the event belongs to, "" for none.
        what: the part that differs, e.g. `the event` or `input.total`.
        expected: the recorded value. `seen` is the value in the replay.
        seen_state: the state of the replay's event. `after` is the state of the event before it.
        why: an additional sentence that explains the difference.
        until: the recorded event up to which a replay must run to show the difference (see `counterpart`); 0
            for none.
        asked: the invocation of the function that returned the result, if any.
    """

    event: int
    ours: int
    state: str
    what: str
    expected: str
    seen: str
    seen_state: str = ""
    after: str = ""
    why: str = ""
    until: int = 0
    asked: Asked | None = None

    @property
    def subject(self) -> str:
        """The event and the state, in words."""
        about = f"event {self.event}" if self.event else f"event {self.ours} in the replay"
        return f"{about}, state {self.state!r}" if self.state else about


def differences(
    recorded: Mapping[FlowKey, Flow], ours: Mapping[FlowKey, Flow], sameness: Sameness
) -> list[Difference]:
    """Return all differences, in recorded order.

    If all events in a flow differ from a certain event on, only that event is reported. Flows that never
    began because of an earlier difference are omitted.
    """
    found: list[Difference] = []
    diverged: list[FlowKey] = []
    for key in dict.fromkeys((*recorded, *ours)):
        if any(key[: len(each)] == each and key != each for each in diverged):
            continue
        one, other = recorded.get(key), ours.get(key)
        if one is None or other is None:
            there = one or other
            assert there is not None
            if not there.stopped:
                missing = _missing_flow(there, was_recorded=one is not None)
                found.append(replace(missing, until=_begun(recorded, key)))
            continue
        these = list(_of_flow(one, other, sameness))
        if any(each.what == EVENT for each in these):
            diverged.append(key)
        found += these
    return sorted(found, key=_order)


EVENT: Final = "the event"


def _order(each: Difference) -> tuple[float, int]:
    return (each.event or float("inf"), each.ours)


def _begun(recorded: Mapping[FlowKey, Flow], key: FlowKey) -> int:
    """Return the ID of the event with which a flow's enclosing state started its flows; 0 if it never did."""
    around, state, attempt = key[:-3], key[-3], key[-2]
    events = recorded[around].events if around in recorded else ()
    begun = [each.id for each in events if each.type in _BEGINS and each.state == state]
    return begun[int(attempt) - 1] if attempt.isdecimal() and int(attempt) <= len(begun) else 0


def counterpart(recorded: Mapping[FlowKey, Flow], ours: Mapping[FlowKey, Flow], event: int) -> int:
    """Return the replay's event at the position of a recorded event in its flow, or 0 if there is none."""
    for key, flow in recorded.items():
        for number, each in enumerate(flow.events):
            if each.id == event:
                seen = _aligned(flow.events, ours[key].events) if key in ours else ()
                return seen[number].id if number < len(seen) else 0
    return 0


def _missing_flow(flow: Flow, *, was_recorded: bool) -> Difference:
    first = flow.events[0]
    state, index = flow.key[-3], flow.key[-1]
    named = (
        f"iteration {index}"
        if first.type == "MapIterationStarted"
        else f"the branch that starts at {index!r}"
    )
    there, absent = f"{first.type}: {named} of {state!r}", f"no {named.removeprefix(_THE)} of {state!r}"
    if was_recorded:
        return Difference(first.id, 0, state, EVENT, there, absent)
    return Difference(0, first.id, state, EVENT, absent, there, state)


def _of_flow(recorded: Flow, ours: Flow, sameness: Sameness) -> Iterator[Difference]:
    if recorded.stopped and ours.stopped:
        # The progress of a stopped flow depends on milliseconds.
        number = min(len(recorded.until_abort), len(ours.until_abort))
        theirs, seen = recorded.until_abort[:number], _aligned(recorded.events, ours.until_abort)[:number]
    else:
        theirs, seen = recorded.events, _aligned(recorded.events, ours.events)
    before = ""
    for one, other in zip(theirs, seen, strict=False):
        if one.type != other.type or one.state != other.state:
            found = _difference(one, other, EVENT, _headline(one), _headline(other))
            yield replace(found, after=before)
            return
        before = other.state
        yield from _of_event(one, other, sameness)
    if len(theirs) > len(seen):
        missing = theirs[len(seen)]
        yield Difference(
            missing.id,
            0,
            missing.state,
            EVENT,
            _headline(missing),
            "no more events: the execution does not continue",
            after=before,
            until=theirs[len(seen) - 1].id if seen else 0,
        )
    elif len(seen) > len(theirs):
        more = seen[len(theirs)]
        until = theirs[-1].id if theirs else 0
        yield Difference(
            0, more.id, more.state, EVENT, "nothing more", _headline(more), more.state, until=until
        )


def _aligned(recorded: Sequence[Seen], ours: Sequence[Seen]) -> Sequence[Seen]:
    """Return the replay's events in AWS's format. If a task could not start, omit the event for its start."""
    if not any(each.type in _FAILURES for each in recorded):
        return ours
    found: list[Seen] = []
    for each in ours:
        theirs = recorded[len(found)] if len(found) < len(recorded) else None
        if theirs is not None and theirs.type in _FAILURES:
            if each.type in _STARTS:
                continue
            if each.type == _FAILURES[theirs.type]:
                each = Seen(each.id, theirs.type, each.state, each.details, theirs.link)  # noqa: PLW2901
        found.append(each)
    return found


def _of_event(one: Seen, other: Seen, sameness: Sameness) -> Iterator[Difference]:
    # Members about truncation contain no data.
    theirs: Json = {key: value for key, value in one.details.items() if not _is_report(key, one.details)}
    seen: Json = {key: value for key, value in other.details.items() if not _is_report(key, other.details)}
    sameness.of_state(one.state)
    if found := sameness.difference(theirs, seen):
        yield _difference(one, other, found.way, _text(found.expected), _text(found.seen))
    elif one.link != other.link:
        yield _difference(one, other, "the previous event", _linked(one), _linked(other))


def _is_report(key: str, details: Mapping[str, Json]) -> bool:
    return key in _STARTED_BY or (key.endswith(_REPORTS) and key.removesuffix(_REPORTS) in details)


def _difference(one: Seen, other: Seen, what: str, expected: str, seen: str) -> Difference:
    state = one.state or other.state
    return Difference(one.id, other.id, state, what, expected, seen, other.state, until=one.id)


def _headline(event: Seen) -> str:
    """Return a short description of an event: its type, its state, and its error."""
    error = event.details.get("error")
    shown = f"{event.type} {event.state!r}" if event.state else event.type
    return f"{shown}: {_text(error)}" if error else shown


def _linked(event: Seen) -> str:
    kind = event.link[0]
    if kind == "here":
        number = -int(str(event.link[1]))
        return (
            "the event right before it"
            if number == 1
            else (f"the event {number} events before it in its flow")
        )
    words = {
        "none": "none",
        "inside": "an event inside the state",
        "beside": "an event from the previous flow in its slot",
    }
    return words.get(str(kind), f"event number {event.link[-1]} in the parent flow")


def _text(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = without_marks(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
