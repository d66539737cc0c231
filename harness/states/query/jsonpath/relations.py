"""Operators of JSONPath filters, with Jayway's rules for values of different types."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from harness.json_types import Json, is_number
from harness.patterns.pattern import Pattern

from ...payload import to_text
from .search import Search


class Undefined:
    """The value of a path that has no result. It is not equal to anything."""


UNDEFINED: Final = Undefined()
Value: TypeAlias = "Json | Pattern | Undefined"
Relation: TypeAlias = Callable[[Value, Value, Search], bool]


class NotApplicable(Exception):
    """An operator does not support these values. The filter then rejects the whole item."""


def _equal(a: Value, b: Value, search: Search) -> bool:
    """Compare. A number and a string are equal if the string parses to that number or is its text."""
    if is_number(a):
        number = _number(b)
        return number is not None and a == number
    if isinstance(a, str):
        return a == (to_text(b) if is_number(b) else b)
    if isinstance(a, Pattern | Undefined) or isinstance(b, Pattern | Undefined):
        return False
    return search.compare(a, b)


def _number(value: Value) -> int | float | None:
    if is_number(value):
        return value
    try:
        return float(value) if isinstance(value, str) and "_" not in value else None
    except ValueError:
        return None


def _ordered(compare: Callable[[object, object], bool]) -> Relation:
    def holds(a: Value, b: Value, _search: Search) -> bool:
        if is_number(a) and is_number(b):
            return compare(a, b)
        return isinstance(a, str) and isinstance(b, str) and compare(a, b)

    return holds


def _list(value: Value) -> list[Json] | None:
    """Return an array, or None for an object, which never matches."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return None
    raise NotApplicable


def _among(a: Value, items: list[Json], search: Search) -> bool:
    search.spend(len(items))
    return any(_equal(a, item, search) for item in items)


def _in(a: Value, b: Value, search: Search) -> bool:
    items = _list(b)
    return items is not None and _among(a, items, search)


def _contains(a: Value, b: Value, search: Search) -> bool:
    if isinstance(a, str):
        return isinstance(b, str) and b in a
    return isinstance(a, list) and _among(b, a, search)


def _size(a: Value, b: Value, _search: Search) -> bool:
    if not is_number(b) or not isinstance(a, str | list | dict):
        return False
    return (-1 if isinstance(a, dict) else len(a)) == int(b)


def _empty(a: Value, b: Value, _search: Search) -> bool:
    if not isinstance(a, str | list | dict):
        return False
    if not isinstance(b, bool):
        raise NotApplicable
    return (not a) is b


def _sets(decide: Callable[[list[Json], list[Json], Search], bool]) -> Relation:
    def holds(a: Value, b: Value, search: Search) -> bool:
        others, items = _list(b), _list(a)
        return items is not None and others is not None and decide(items, others, search)

    return holds


def _any_of(items: list[Json], others: list[Json], search: Search) -> bool:
    return any(_among(item, others, search) for item in items)


def _matches(a: Value, b: Value, search: Search) -> bool:
    """Match the whole string, or one string in a list. The pattern can be on either side."""
    if isinstance(a, Pattern) == isinstance(b, Pattern):
        return False
    pattern, value = (a, b) if isinstance(a, Pattern) else (b, a)
    texts = value if isinstance(value, list) else [value]
    return isinstance(pattern, Pattern) and any(pattern.matches(_text(text), search.spend) for text in texts)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return to_text(value) if isinstance(value, int | float) else ""


def _never(_a: Value, _b: Value, _search: Search) -> bool:
    raise NotApplicable


def _not(relation: Relation) -> Relation:
    return lambda a, b, search: not relation(a, b, search)


def _of_one_type(a: Value, b: Value, search: Search) -> bool:
    alike = type(a) is type(b) or (is_number(a) and is_number(b))
    return alike and _equal(a, b, search)


RELATIONS: Final[Mapping[str, Relation]] = {
    "==": _equal,
    "!=": _not(_equal),
    "===": _of_one_type,
    "!==": _not(_of_one_type),
    "<": _ordered(operator.lt),  # type: ignore[arg-type]
    "<=": _ordered(operator.le),  # type: ignore[arg-type]
    ">": _ordered(operator.gt),  # type: ignore[arg-type]
    ">=": _ordered(operator.ge),  # type: ignore[arg-type]
    "=~": _matches,
    "IN": _in,
    "NIN": _not(_in),
    "CONTAINS": _contains,
    "SIZE": _size,
    "EMPTY": _empty,
    "SUBSETOF": _sets(lambda items, others, search: all(_among(item, others, search) for item in items)),
    "ANYOF": _sets(_any_of),
    "NONEOF": _sets(lambda items, others, search: not _any_of(items, others, search)),
    # Jayway parses these operators, but no path or constant has the type that they require on the right.
    "ALL": _never,
    "TYPE": _never,
    "MATCHES": _never,
    "EXISTS": _never,
}
"""Operators by name, in capitals. Jayway ignores case."""
