"""The fields of a Map: the source of its items, and its concurrency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from harness.importing.reconstructing.notes import Notes
from harness.importing.reconstructing.values import Source, places, template, text_of
from harness.importing.reconstructing.visits import Visit
from harness.json_types import Json, JsonObject

_ITEM = "$$.Map.Item.Value"
_Seen: TypeAlias = tuple[Visit, int, dict[int, Json]]
"""A visit with the number of its items, and the inputs of its started iterations, by index."""


def items_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the fields for the items of a Map, such as ItemsPath and ItemSelector."""
    lengths = [_length(each) for each in visits]
    seen = [
        (each, length, _inputs(each))
        for each, length in zip(visits, lengths, strict=True)
        if length is not None
    ]
    if not seen:
        notes.add(state, "ItemsPath: the source of its items is unknown")
        return {}
    lists = [path for path, value in places(seen[0][0].input) if isinstance(value, list)]
    fitting = [path for path in sorted(lists, key=len) if all(_is_of(path, *each) for each in seen)]
    if not fitting:
        notes.add(state, "Items: the source of its items is unknown; the definition has constants")
        first = [value for _, value in sorted(seen[0][2].items())]
        return {"QueryLanguage": "JSONata", "Items": [*first]}
    same = [path for path in fitting if all(_are_items(path, *each) for each in seen)]
    selector: JsonObject = {}
    if not same:
        made = {path: _selector(path, seen, state, Notes()) for path in fitting}
        same = [path for path, each in made.items() if _ITEM in text_of(each)] or fitting
        if not all(isinstance(value, dict) for _, _, inputs in seen for value in inputs.values()):
            notes.add(state, "ItemSelector: the input of iterations is neither an object nor an item")
        selector = {"ItemSelector": _selector(same[0], seen, state, notes)}
    if len(same) > 1:
        notes.add(state, f"ItemsPath: {', '.join(same[1:])} would also match, like {same[0]}")
    return selector if same[0] == "$" else {"ItemsPath": same[0], **selector}


def _selector(path: str, seen: Sequence[_Seen], state: str, notes: Notes) -> JsonObject:
    values, sources = [], []
    for visit, _, inputs in seen:
        items = _at(path, visit.input)
        for index, value in inputs.items():
            payloads = {_ITEM: items[index], "$$.Map.Item.Index": index, "$": visit.input}
            values.append(value)
            sources.append(Source(payloads, f"{path}["))
    return template(values, sources, notes.about(state, "ItemSelector"))


def _is_of(path: str, visit: Visit, length: int, inputs: dict[int, Json]) -> bool:
    items = _at(path, visit.input)
    return len(items) == length and all(index < length for index in inputs)


def _are_items(path: str, visit: Visit, _length: int, inputs: dict[int, Json]) -> bool:
    items = _at(path, visit.input)
    return all(text_of(items[index]) == text_of(value) for index, value in inputs.items())


def _at(path: str, value: Json) -> list[Json]:
    found = next((each for way, each in places(value) if way == path), None)
    return found if isinstance(found, list) else []


def _length(visit: Visit) -> int | None:
    for event in visit.events:
        length = event.details.get("length")
        if event.type == "MapStateStarted" and isinstance(length, int):
            return length
    return None


def _inputs(visit: Visit) -> dict[int, Json]:
    """Return the inputs of iterations, by index."""
    found: dict[int, Json] = {}
    for flows in visit.flows.values():
        for index, flow in flows.items():
            found.setdefault(int(index), flow[0].input)
    return found


def concurrency_fields(visits: Sequence[Visit]) -> JsonObject:
    """Return MaxConcurrency, if iterations started only after others had ended."""
    for visit in visits:
        events = visit.execution.events
        for flows in visit.flows.values():
            begun = [events[flow[0].entered.previous - 1] for flow in flows.values()]
            at_once = sum(events[each.previous - 1].type == "MapStateStarted" for each in begun)
            if 0 < at_once < len(begun):
                return {"MaxConcurrency": at_once}
    return {}
