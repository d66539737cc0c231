"""The edges in a definition, each with its location. An edge is anything that a run can reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.coverage.flat import FlatState, Key, Shape
from harness.json_types import Json, as_dict

Kind = Literal[
    "state",
    "next",
    "end",
    "choice",
    "default",
    "catch",
    "retried",
    "used-up",
    "timeout",
    "heartbeat",
    "map",
    "branch",
]
TRANSITIONS: tuple[Kind, ...] = ("next", "end", "choice", "default", "catch")
"""The kinds of edges that lead from one state to the next, or to an end."""
_TIMES = (("timeout", "TimeoutSeconds"), ("heartbeat", "HeartbeatSeconds"))
_MAP = ("none", "one", "many")


@dataclass(frozen=True)
class Edge:
    """Something that a run can reach.

    `state` is the state's name in the shape, or "" for the machine itself. `detail` distinguishes the edge
    from others of the same kind in the state: a rule number, an error with its Catcher's number, or `none`.
    `to` is the target state, or "" if there is none. `keys` is the path of keys to its location in the
    definition.
    """

    state: str
    kind: Kind
    detail: str = ""
    to: str = field(default="", compare=False)
    keys: tuple[Key, ...] = field(default=(), compare=False)

    @property
    def id(self) -> str:
        """A string that identifies the edge within its machine."""
        return "\t".join((self.state, self.kind, self.detail))

    @property
    def number(self) -> int:
        """The index of a rule, Catcher, Retrier or branch in its list, from 0."""
        return int(self.detail.partition(" ")[0])

    @property
    def error(self) -> str:
        """The error name for a Catcher's edge."""
        return self.detail.partition(" ")[2]

    @property
    def label(self) -> str:
        """The edge's description, without its state: `Catch States.ALL -> Failed`."""
        arrow = f" -> {self.to}" if self.to else ""
        return _WORDS[self.kind].format(
            number=_from_one(self.detail), detail=self.detail, error=self.error
        ) + (arrow if self.kind in TRANSITIONS else "")


_WORDS: Mapping[Kind, str] = {
    "state": "entered",
    "next": "Next",
    "end": "End",
    "choice": "rule {number}",
    "default": "Default",
    "catch": "Catch {error}",
    "retried": "Retry {number}: succeeded after a retry",
    "used-up": "Retry {number}: used up",
    "timeout": "TimeoutSeconds",
    "heartbeat": "HeartbeatSeconds",
    "map": "Map: {detail}",
    "branch": "branch {detail} to its end",
}


def _from_one(detail: str) -> str:
    first = detail.partition(" ")[0]
    return str(int(first) + 1) if first.isdecimal() else ""


def edges_of(shape: Shape) -> Iterator[Edge]:
    """Yield all edges in a definition, in order. States with the same shape share edges."""
    seen: set[str] = set()
    for edge in _all(shape):
        if edge.id not in seen:
            seen.add(edge.id)
            yield edge


def _all(shape: Shape) -> Iterator[Edge]:
    if "TimeoutSeconds" in shape.definition:
        yield Edge("", "timeout", keys=("TimeoutSeconds",))
    for state in shape.states.values():
        yield from _of_state(shape, state)
        yield from (each for other in shape.variants.get(state.name, ()) for each in _of_end(shape, other))


def _of_state(shape: Shape, state: FlatState) -> Iterator[Edge]:
    name, fields, keys = state.name, state.fields, state.keys
    yield Edge(name, "state", keys=keys)
    for kind, field_name in _TIMES:
        given = next((each for each in (field_name, f"{field_name}Path") if each in fields), None)
        if given and state.type == "Task":
            yield Edge(name, "timeout" if kind == "timeout" else "heartbeat", keys=(*keys, given))
    if state.type == "Choice":
        yield from _of_choice(shape, state)
    else:
        yield from _of_end(shape, state)
    yield from _of_retry(fields, name, keys)
    yield from _of_catch(shape, fields, name, keys)
    if state.type == "Map":
        yield from (Edge(name, "map", each, keys=keys) for each in _MAP)
        tolerated = next((each for each in fields if str(each).startswith("ToleratedFailure")), None)
        if tolerated:
            yield Edge(name, "map", "tolerated failures", keys=(*keys, str(tolerated)))
    if state.type == "Parallel":
        for number, (start, place) in enumerate(shape.branches(state)):
            yield Edge(name, "branch", start, keys=place or (*keys, "Branches", number))


def _of_end(shape: Shape, state: FlatState) -> Iterator[Edge]:
    """Yield the edge that a state takes after it has succeeded."""
    if "Next" in state.fields:
        to = shape.name(str(state.fields["Next"]))
        yield Edge(state.name, "next", to, to, (*state.keys, "Next"))
    elif state.fields.get("End"):
        yield Edge(state.name, "end", keys=(*state.keys, "End"))


def _of_choice(shape: Shape, state: FlatState) -> Iterator[Edge]:
    for number, rule in enumerate(_list(state.fields.get("Choices"))):
        to = shape.name(str(as_dict(rule).get("Next", "")))
        yield Edge(state.name, "choice", str(number), to, (*state.keys, "Choices", number))
    if "Default" in state.fields:
        to = shape.name(str(state.fields["Default"]))
        yield Edge(state.name, "default", "", to, (*state.keys, "Default"))


def _of_retry(fields: Mapping[str, Json], name: str, keys: tuple[Key, ...]) -> Iterator[Edge]:
    for number, retrier in enumerate(_list(fields.get("Retry"))):
        place = (*keys, "Retry", number)
        if as_dict(retrier).get("MaxAttempts", 3) != 0:
            yield Edge(name, "retried", str(number), keys=place)
        yield Edge(name, "used-up", str(number), keys=place)


def _of_catch(shape: Shape, fields: Mapping[str, Json], name: str, keys: tuple[Key, ...]) -> Iterator[Edge]:
    for number, catcher in enumerate(_list(fields.get("Catch"))):
        to = shape.name(str(as_dict(catcher).get("Next", "")))
        for n, error in enumerate(_list(as_dict(catcher).get("ErrorEquals"))):
            place = (*keys, "Catch", number, "ErrorEquals", n)
            yield Edge(name, "catch", f"{number} {error}", to, place)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
