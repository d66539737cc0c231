"""Compares the histories of a replay and of a recording, flow by flow and event by event."""

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
"""The end of the names of members that say whether the member beside them is truncated."""
_STARTED_BY: Final = frozenset({"stateMachineAliasArn", "stateMachineVersionArn"})
"""Members that say by which alias or version an execution was started; the replay is of neither."""
_FAILURES: Final = {
    "ActivityScheduleFailed": "ActivityFailed",
    "LambdaFunctionScheduleFailed": "LambdaFunctionFailed",
    "LambdaFunctionStartFailed": "LambdaFunctionFailed",
    "TaskStartFailed": "TaskFailed",
    "TaskSubmitFailed": "TaskFailed",
}
"""Ways of AWS's to say that a task never began: ours fails like any other."""
_BEGINS: Final = frozenset({"MapStateStarted", "ParallelStateStarted"})
_STARTS: Final = frozenset({"ActivityStarted", "LambdaFunctionStarted", "TaskStarted"})


@dataclass(frozen=True)
class Asked:
    """An invocation of a function that was played: its logical id, its event as JSON text, and its log."""

    function: str
    input: str
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """A difference of two histories.

    Attributes:
        event: the id of the recorded event, 0 where none was recorded; `ours` likewise of the replay's.
        state: the state that it is about, "" for none.
        what: what differs: `the event`, `input.total`.
        expected: as it was recorded; `seen` as it is in the replay.
        seen_state: the state that the replay's event is about; `after` that of the event before it there.
        why: a sentence more.
        until: the recorded event up to which a replay shows it, see `counterpart`; 0 for none.
        asked: the invocation of the function that answered here, where one did.
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
        """The event and the state in a sentence."""
        about = f"event {self.event}" if self.event else f"event {self.ours} of the replay"
        return f"{about}, state {self.state!r}" if self.state else about


def differences(
    recorded: Mapping[FlowKey, Flow], ours: Mapping[FlowKey, Flow], sameness: Sameness
) -> list[Difference]:
    """All differences; the first is the one that comes first in the recording.

    Of a flow whose events are others from some point on, only that point is one. Flows that never began in
    consequence of another difference are none.
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
    """The event with which the state of a flow began to run its flows; 0 where it never did."""
    around, state, attempt = key[:-3], key[-3], key[-2]
    events = recorded[around].events if around in recorded else ()
    begun = [each.id for each in events if each.type in _BEGINS and each.state == state]
    return begun[int(attempt) - 1] if attempt.isdecimal() and int(attempt) <= len(begun) else 0


def counterpart(recorded: Mapping[FlowKey, Flow], ours: Mapping[FlowKey, Flow], event: int) -> int:
    """The event of ours at the place of a recorded one in its flow; 0 where it never comes to that."""
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
        # How far a flow came that was stopped depends on milliseconds.
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
            "nothing more: the execution goes no further",
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
    """Our events as AWS shows them where a task could not be started: without its start."""
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
    # Members about truncation come without data of their own.
    theirs: Json = {key: value for key, value in one.details.items() if not _is_report(key, one.details)}
    seen: Json = {key: value for key, value in other.details.items() if not _is_report(key, other.details)}
    sameness.of_state(one.state)
    if found := sameness.difference(theirs, seen):
        yield _difference(one, other, found.way, _text(found.expected), _text(found.seen))
    elif one.link != other.link:
        yield _difference(one, other, "the event before it", _linked(one), _linked(other))


def _is_report(key: str, details: Mapping[str, Json]) -> bool:
    return key in _STARTED_BY or (key.endswith(_REPORTS) and key.removesuffix(_REPORTS) in details)


def _difference(one: Seen, other: Seen, what: str, expected: str, seen: str) -> Difference:
    state = one.state or other.state
    return Difference(one.id, other.id, state, what, expected, seen, other.state, until=one.id)


def _headline(event: Seen) -> str:
    """An event in a few words: its type, its state, and its error."""
    error = event.details.get("error")
    shown = f"{event.type} {event.state!r}" if event.state else event.type
    return f"{shown}: {_text(error)}" if error else shown


def _linked(event: Seen) -> str:
    kind = event.link[0]
    if kind == "here":
        number = -int(str(event.link[1]))
        return "the one right before it" if number == 1 else f"the one {number} events before it in its flow"
    words = {
        "none": "none",
        "inside": "one inside of the state",
        "beside": "one of the flow whose place it takes",
    }
    return words.get(str(kind), f"event number {event.link[-1]} of the flow around it")


def _text(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = without_marks(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
