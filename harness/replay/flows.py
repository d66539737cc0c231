"""The flows in a history, each with its own events in order, for comparison with a second history.

Branches and iterations interleave differently from run to run. Links between events are therefore expressed
relative to their flows. A link to an earlier event in the same flow, or in a parent flow, is represented by
the event's number in that flow. A link to a parallel flow whose slot an iteration has taken over has no
number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from harness.json_types import Json
from harness.replay.placing import AnyEvent, FlowKey, Place, Places, placed

Link: TypeAlias = tuple[object, ...]
_ABORTS: Final = ("Aborted",)
_NO_LINK: Final[Link] = ("none",)


@dataclass(frozen=True, slots=True)
class Seen:
    """An event in its flow. `state` is the event's state, or "" if it has none."""

    id: int
    type: str
    state: str
    details: Mapping[str, Json]
    link: Link


@dataclass
class Flow:
    """A flow. `events` contains its own events. `stopped` is true if it was, or may have been, aborted.

    A flow is also considered stopped if its parent state failed while parallel flows were still running.
    """

    key: FlowKey
    events: list[Seen] = field(default_factory=list)
    stopped: bool = False

    @property
    def until_abort(self) -> Sequence[Seen]:
        """The events before the abort."""
        number = len(self.events)
        while number and self.events[number - 1].type.endswith(_ABORTS):
            number -= 1
        return self.events[:number]


def flows_of(
    events: Iterable[AnyEvent],
    dropped: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
    places: Places | None = None,
) -> dict[FlowKey, Flow]:
    """Return a history's flows by key, in the order in which they begin.

    Args:
        dropped: states whose events are omitted, including all events inside them.
        renamed: maps a state's old name to its new name.
        places: the places of the events, if they are known.
    """
    events = tuple(events)
    return _Flows(events, frozenset(dropped), renamed or {}, places or placed(events)).made()


class _Flows:
    """Creates the flows for one history."""

    def __init__(
        self,
        events: Sequence[AnyEvent],
        dropped: frozenset[str],
        renamed: Mapping[str, str],
        places: Places,
    ) -> None:
        self._events = events
        self._dropped = dropped
        self._renamed = renamed
        self._places = places
        self._numbers: dict[int, tuple[FlowKey, int]] = {}
        self._previous: dict[int, int] = {}
        self._flows: dict[FlowKey, Flow] = {}

    def made(self) -> dict[FlowKey, Flow]:
        for event in self._events:
            place = self._places[event.id]
            if self._drops(place):
                self._previous[event.id] = event.previous
                continue
            key = self._key(place.flow)
            flow = self._flows.setdefault(key, Flow(key))
            self._numbers[event.id] = (key, len(flow.events))
            state = self._renamed.get(place.state, place.state)
            link = self._link(key, self._kept(event.previous))
            flow.events.append(Seen(event.id, event.type, state, self._details(event), link))
        self._mark_stopped()
        return self._flows

    def _drops(self, place: Place) -> bool:
        return place.state in self._dropped or any(part in self._dropped for part in place.flow[::3])

    def _key(self, key: FlowKey) -> FlowKey:
        return tuple(self._renamed.get(part, part) for part in key) if self._renamed else key

    def _kept(self, previous: int) -> int:
        """Return the event that led to an event, skipping omitted events."""
        while previous in self._previous:
            previous = self._previous[previous]
        return previous

    def _link(self, key: FlowKey, previous: int) -> Link:
        if previous not in self._numbers:
            return _NO_LINK
        flow, number = self._numbers[previous]
        if flow == key:
            return ("here", number - len(self._flows[key].events))
        if key[: len(flow)] == flow:
            return ("around", len(flow), number)
        return ("inside",) if flow[: len(key)] == key else ("beside",)

    def _details(self, event: AnyEvent) -> Mapping[str, Json]:
        details = event.details or {}
        if not self._renamed:
            return details
        found = dict(details)
        for member in ("name", "state"):
            if isinstance(name := found.get(member), str):
                found[member] = self._renamed.get(name, name)
        if isinstance(cause := found.get("cause"), str):
            for old, new in self._renamed.items():
                cause = cause.replace(f"'{old}'", f"'{new}'")
            found["cause"] = cause
        return found

    def _mark_stopped(self) -> None:
        """Mark the flows inside states that failed, including states that were then retried."""
        failed: set[FlowKey] = set()
        for flow in self._flows.values():
            attempts: dict[str, int] = {}
            open_: dict[str, str] = {}
            for event in flow.events:
                if event.type in ("MapStateStarted", "ParallelStateStarted"):
                    attempts[event.state] = attempts.get(event.state, 0) + 1
                    if event.state in open_:  # it is retried
                        failed.add((*flow.key, event.state, open_[event.state]))
                    open_[event.state] = str(attempts[event.state])
                elif event.type in ("MapStateSucceeded", "ParallelStateSucceeded"):
                    open_.pop(event.state, None)
            failed |= {(*flow.key, state, attempt) for state, attempt in open_.items()}
        for key, flow in self._flows.items():
            flow.stopped = any(key[:length] in failed for length in range(2, len(key), 3))
