"""Finds values in a Choice state's input that make it take a certain rule, or its default.

The search tries the literals in the rules, and some similar values, until the rules choose the edge.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from itertools import combinations, product

from harness.coverage.choices import decided
from harness.coverage.edges import Edge
from harness.coverage.flat import FlatState, Shape
from harness.coverage.origins import Path, path_of, paths_in
from harness.json_types import Json, JsonObject, as_dict

ABSENT = object()
_MOST_TRIES = 4_000
_LITERALS = re.compile(r"'([^']*)'|\"([^\"]*)\"|(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w.])|\b(true|false|null)\b")
_COMMON: tuple[object, ...] = ("another value", 0, 1, True, False, None, ABSENT, [], [{}], {})

Values = tuple[tuple[Path, object], ...]
"""Changes to an input: members with their new values. ABSENT removes a member."""


def values(shape: Shape, state: FlatState, edge: Edge, given: Json) -> Iterator[Values]:
    """Yield the changes to an input that make the state take the edge.

    Changes to fewer members come first.
    """
    wanted = -1 if edge.kind == "default" else edge.number
    literals = _literals(state)
    tries = 0
    members = list(literals)
    for size in range(1, min(3, len(members)) + 1):
        for chosen in combinations(members, size):
            for new in product(*(_candidates(literals[path]) for path in chosen)):
                tries += 1
                if tries > _MOST_TRIES:
                    return
                changes = tuple(zip(chosen, new, strict=True))
                if decided(shape, state, changed(given, changes)) == wanted:
                    yield changes


def changed(given: Json, changes: Values) -> Json:
    """Return an input with changed members. Missing objects are created."""
    value: Json = copy.deepcopy(given)
    for path, new in changes:
        if not path:
            value = copy.deepcopy(new) if new is not ABSENT else {}  # type: ignore[assignment]
            continue
        if not isinstance(value, dict):
            value = {}
        inner: JsonObject = value
        for name in path[:-1]:
            inner[name] = inner[name] if isinstance(inner.get(name), dict) else {}
            inner = as_dict(inner[name])
        if new is ABSENT:
            inner.pop(path[-1], None)
        else:
            inner[path[-1]] = copy.deepcopy(new)  # type: ignore[assignment]
    return value


def _literals(state: FlatState) -> dict[Path, list[object]]:
    """Return the members that the rules read, each with the literals in its comparisons."""
    found: dict[Path, list[object]] = {}
    rules = state.fields.get("Choices")
    for rule in rules if isinstance(rules, list) else []:
        condition = as_dict(rule).get("Condition")
        if isinstance(condition, str):
            literals = [_literal(match) for match in _LITERALS.finditer(condition)]
            for path in paths_in(condition):
                found.setdefault(path, []).extend(literals)
        else:
            _of_rule(as_dict(rule), found)
    return found


def _literal(match: re.Match[str]) -> object:
    if match[3]:
        return float(match[3]) if "." in match[3] else int(match[3])
    if match[4]:
        return {"true": True, "false": False, "null": None}[match[4]]
    return match[1] if match[1] is not None else match[2]


def _of_rule(rule: JsonObject, found: dict[Path, list[object]]) -> None:
    for key in ("And", "Or"):
        inner = rule.get(key)
        for each in inner if isinstance(inner, list) else []:
            _of_rule(as_dict(each), found)
    if "Not" in rule:
        _of_rule(as_dict(rule["Not"]), found)
    path = path_of(str(rule.get("Variable", "")))
    if path is None:
        return
    literals = found.setdefault(path, [])
    for key, value in rule.items():
        if key.endswith("Path") and isinstance(value, str):
            other = path_of(value)
            if other is not None:
                found.setdefault(other, [])
        elif key == "IsTimestamp":
            literals.append("2025-01-01T00:00:00Z")
        elif key == "StringMatches":
            literals += [str(value).replace("*", ""), str(value).replace("*", "x")]
        elif key not in ("Variable", "Next", "Comment", "And", "Or", "Not") and not key.startswith("Is"):
            literals.append(value)


def _candidates(literals: list[object]) -> list[object]:
    tried: list[object] = []
    for literal in literals:
        tried.append(literal)
        if isinstance(literal, int | float) and not isinstance(literal, bool):
            tried += [literal + 1, literal - 1]
        elif isinstance(literal, str) and re.match(r"\d{4}-\d\d-\d\dT", literal):
            tried += ["1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]
        elif isinstance(literal, str):
            tried += ["another value", f"{literal}~", literal[:-1]]
    unique: list[object] = []
    for each in [*tried, *_COMMON]:
        if not any(each is other or (type(each) is type(other) and each == other) for other in unique):
            unique.append(each)
    return unique
