"""Assigns the events in a history to flows: the execution itself, Parallel branches, and Map iterations.

Events are linked by their `previousEventId`. Neither order nor names alone identify an event's branch.
The place of an event follows from the places of earlier ones: a state that is entered right after
ParallelStateStarted begins a branch, and MapIterationStarted begins an iteration. The same rules apply to the
replay's histories and to AWS's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol, TypeAlias

from harness.json_types import Json

FlowKey: TypeAlias = tuple[str, ...]
"""The path to a flow: `("P", "1", "Left")` is the branch of P that starts at Left, in its first attempt."""
_FAILED: Final = frozenset({"MapStateFailed", "ParallelStateFailed"})


class AnyEvent(Protocol):
    """The members of an event that determine its place."""

    @property
    def id(self) -> int:
        """The ID, counted from 1."""

    @property
    def previous(self) -> int:
        """The ID of the event that led to it."""

    @property
    def type(self) -> str:
        """The type."""

    @property
    def details(self) -> Mapping[str, Json] | None:
        """The details."""


class Place(NamedTuple):
    """The place of an event: its flow, its state, and the iterations around it (`Map[3]/`).

    `state` is "" for an event without a state. `visit` is the ID of the event that entered the state.
    """

    flow: FlowKey
    state: str
    iterations: str
    visit: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame: a state, branch or iteration that was entered but not exited. An iteration's name is its key.

    `flow` is the flow that contains the state. For a branch or an iteration, it is the flow itself.
    """

    kind: str
    name: str
    flow: FlowKey
    iterations: str
    visit: int = 0
    attempt: int = 0


_Stack: TypeAlias = tuple[_Frame, ...]
Places: TypeAlias = Mapping[int, Place]
"""The positions of a history's events, by ID."""


def placed(events: Iterable[AnyEvent]) -> dict[int, Place]:
    """Return the place of each event, by ID."""
    placing = _Placing()
    return {event.id: placing.place(event) for event in events}


class _Placing:
    """Assigns places to events one by one. Stores the open frames after each event."""

    def __init__(self) -> None:
        self._after: dict[int, _Stack] = {0: ()}
        self._attempts: dict[tuple[FlowKey, str], int] = {}
        self._entries: dict[str, list[tuple[int, int]]] = {}

    def place(self, event: AnyEvent) -> Place:
        open_ = self._after.get(event.previous, ())
        name = str((event.details or {}).get("name") or "")
        if event.type.endswith("StateEntered"):
            about, after = self._entered(event, open_, name)
        elif event.type.startswith("MapIteration"):
            about, after = self._iteration(event, open_, name)
        elif event.type.startswith("Execution"):
            about, after = _Frame("", "", (), ""), ()
        elif event.type == "EvaluationFailed":
            about, after = self._failed_evaluation(event, open_)
        else:
            about, after = self._about_state(event, open_, name)
        self._after[event.id] = after
        return Place(about.flow, about.name, about.iterations, about.visit)

    def _entered(self, event: AnyEvent, open_: _Stack, name: str) -> tuple[_Frame, _Stack]:
        kind = event.type.removesuffix("StateEntered")
        top = open_[-1] if open_ else None
        if top is not None and top.kind == "Parallel":
            way = (*top.flow, top.name, str(top.attempt), name)
            open_ = (*open_, _Frame("branch", name, way, top.iterations))
        around = next((each for each in reversed(open_) if each.kind in ("branch", "iteration")), None)
        flow, iterations = (around.flow, around.iterations) if around else ((), "")
        frame = _Frame(kind, name, flow, iterations, event.id)
        self._entries.setdefault(name, []).append((event.id, event.previous))
        return frame, (*open_, frame)

    def _iteration(self, event: AnyEvent, open_: _Stack, name: str) -> tuple[_Frame, _Stack]:
        index = str((event.details or {}).get("index", 0))
        if event.type == "MapIterationStarted":
            open_ = _up_to(open_, lambda each: each.kind == "Map" and each.name == name)
            if not open_:
                return _Frame("iteration", "", (name, "?", index), ""), ()
            around = open_[-1]
            way = (*around.flow, name, str(around.attempt), index)
            frame = _Frame("iteration", "", way, f"{around.iterations}{name}[{index}]/", around.visit)
            return frame, (*open_, frame)
        found = _up_to(open_, lambda each: each.kind == "iteration" and each.flow[-1] == index)
        return (found[-1], found[:-1]) if found else (_Frame("", "", (), ""), open_)

    def _failed_evaluation(self, event: AnyEvent, open_: _Stack) -> tuple[_Frame, _Stack]:
        """Return the state whose evaluation failed. The failure event may directly follow the event that led
        to the state.
        """
        state = (event.details or {}).get("state")
        inside = next((each for each in reversed(open_) if each.name == state and each.visit), None)
        if inside is not None:
            return inside, open_
        entries = self._entries.get(str(state), [])
        visit = next((id for id, previous in reversed(entries) if previous == event.previous), 0)
        entered = self._after.get(visit, open_)
        return (entered[-1], entered) if entered else (_Frame("", "", (), ""), open_)

    def _about_state(self, event: AnyEvent, open_: _Stack, name: str) -> tuple[_Frame, _Stack]:
        if event.type.endswith("StateExited"):
            found = _up_to(
                open_, lambda each: each.name == name and bool(each.visit) and each.kind != "iteration"
            )
            if found:
                return found[-1], found[:-1]
            return self._left(event, open_, name)
        kind = next(
            (each for each in ("Parallel", "MapRun", "Map", "Wait") if event.type.startswith(each)), ""
        )
        kind = "Map" if kind == "MapRun" else kind
        found = _up_to(open_, lambda each: bool(each.visit) and each.kind == kind) if kind else _states(open_)
        if not found:
            return _Frame("", "", open_[-1].flow if open_ else (), ""), open_
        frame = found[-1]
        if event.type in ("MapStateStarted", "ParallelStateStarted"):
            key = (frame.flow, frame.name)
            self._attempts[key] = self._attempts.get(key, 0) + 1
            frame = replace(frame, attempt=self._attempts[key])
            return frame, (*found[:-1], frame)
        if event.type in _FAILED:
            return frame, found[:-1]
        return frame, open_ if event.type.endswith("Aborted") else found

    def _left(self, event: AnyEvent, open_: _Stack, name: str) -> tuple[_Frame, _Stack]:
        """Return the place of the event that exits a state that has already failed and is no longer open."""
        around = next((each for each in reversed(open_) if each.kind in ("branch", "iteration")), None)
        flow, iterations = (around.flow, around.iterations) if around else ((), "")
        visit = self._entries[name][-1][0] if name in self._entries else event.id
        return _Frame("", name, flow, iterations, visit), open_


def _up_to(open_: _Stack, holds: Callable[[_Frame], bool]) -> _Stack:
    """Return the open frames up to and including the innermost matching frame."""
    for number in range(len(open_), 0, -1):
        if holds(open_[number - 1]):
            return open_[:number]
    return ()


def _states(open_: _Stack) -> _Stack:
    """Return the open frames up to and including the innermost state."""
    return _up_to(open_, lambda each: bool(each.visit) and each.kind not in ("branch", "iteration"))
