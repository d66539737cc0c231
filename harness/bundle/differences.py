"""The first difference between the record in a bundle and the record of a different run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.json_types import Json, JsonObject, as_dict
from harness.twice.values import Place, first_place

_OF_INVOCATIONS: Final = (
    ("the result", "result"),
    ("the calls", "calls"),
    ("the log", "log"),
)
_PYTHON: Final = ("python", "notes")
"""Members of an invocation that describe the environment, not the result."""
_OF_EXECUTIONS: Final = ("status", "output", "error", "cause")


@dataclass(frozen=True)
class Difference:
    """A difference as one line, with both values: in the bundle, and in this run."""

    sentence: str
    kept: str
    seen: str


def first_difference(kept: JsonObject, seen: JsonObject) -> Difference | None:
    """Return the first difference between two records; None if they are the same.

    A different Python version for a function does not count as a difference: see `other_pythons`.
    """
    kept, seen = _without_pythons(kept), _without_pythons(seen)
    if kept == seen:
        return None
    return next(_differences(kept, seen), None) or Difference("the record differs", "", "")


def other_pythons(kept: JsonObject, seen: JsonObject) -> tuple[str, ...]:
    """Report each function that ran on a different Python version, with both versions."""
    pairs = zip(_list(kept, "invocations"), _list(seen, "invocations"), strict=False)
    said = {
        (str(one.get("function")), str(one.get("python")), str(other.get("python")))
        for one, other in pairs
        if one.get("function") == other.get("function") and one.get("python") != other.get("python")
    }
    return tuple(
        f"Python version for {name}: {old} in the bundle, {new} on this machine"
        for name, old, new in sorted(said)
    )


def _without_pythons(record: JsonObject) -> JsonObject:
    if "invocations" not in record:
        return record
    invocations: list[Json] = [
        {name: value for name, value in each.items() if name not in _PYTHON}
        for each in _list(record, "invocations")
    ]
    return {**record, "invocations": invocations}


def _differences(kept: JsonObject, seen: JsonObject) -> Iterator[Difference]:
    yield from _of_functions(_list(kept, "invocations"), _list(seen, "invocations"))
    for one, other in zip(_list(kept, "runs"), _list(seen, "runs"), strict=False):
        for first, second in zip(_list(one, "executions"), _list(other, "executions"), strict=False):
            yield from _of_executions(first, second)
    for name in dict.fromkeys((*kept, *seen)):
        if place := first_place(kept.get(name), seen.get(name)):
            yield _difference(name.replace("_", " "), place)


def _of_functions(kept: list[JsonObject], seen: list[JsonObject]) -> Iterator[Difference]:
    """Yield the first invocation with the same input but a different result."""
    numbers: dict[str, int] = {}
    for one, other in zip(kept, seen, strict=False):
        function = str(one.get("function"))
        numbers[function] = numbers.get(function, 0) + 1
        if any(one.get(name) != other.get(name) for name in ("function", "payload")):
            return  # its input comes from elsewhere
        for part, name in _OF_INVOCATIONS:
            if place := first_place(one.get(name), other.get(name)):
                yield _difference(f"{part} of function {function}, invocation {numbers[function]},", place)


def _of_executions(kept: JsonObject, seen: JsonObject) -> Iterator[Difference]:
    called = f"execution {kept.get('machine')}/{kept.get('name')}"
    events = _list(kept, "events"), _list(seen, "events")
    state = ""
    for one, other in zip(*events, strict=False):
        state = str(as_dict(one.get("details")).get("name") or state)
        if place := first_place(one, other):
            what = (
                f"{called}: event {one.get('id')}, {one.get('type')}{f' in state {state}' if state else ''},"
            )
            yield _difference(what, place)
    if len(events[0]) != len(events[1]):
        yield Difference(f"the history of {called}", *(f"{len(each)} events" for each in events))
    for name in _OF_EXECUTIONS:
        if place := first_place(kept.get(name), seen.get(name)):
            yield _difference(f"the {name} of {called}", place)


def _difference(what: str, place: Place) -> Difference:
    at = f" at {place.path}" if place.path else ""
    return Difference(f"{what} differs{at}", place.first, place.second)


def _list(value: Json, name: str) -> list[JsonObject]:
    found = as_dict(value).get(name)
    return [as_dict(each) for each in found] if isinstance(found, list) else []
