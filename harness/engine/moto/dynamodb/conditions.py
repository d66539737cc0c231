"""Evaluates conditions against an item."""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from .projection import at
from .syntax import Between, Call, Compare, Condition, Constant, In, Join, Not, Operand, Path
from .values import Item, Value, comparable, equal, kind_of

_ORDERED: Final = ("S", "N", "B")
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(condition: Condition, item: Item) -> bool:
    """Return whether an item meets a condition."""
    if isinstance(condition, Compare):
        left, right = value_of(condition.left, item), value_of(condition.right, item)
        return compared(condition.sign, left, right)
    if isinstance(condition, Join):
        if condition.word == "AND":
            return holds(condition.left, item) and holds(condition.right, item)
        return holds(condition.left, item) or holds(condition.right, item)
    if isinstance(condition, Not):
        return not holds(condition.inner, item)
    if isinstance(condition, Between):
        value, low, high = (
            value_of(each, item) for each in (condition.operand, condition.low, condition.high)
        )
        return compared(">=", value, low) and compared("<=", value, high)
    if isinstance(condition, In):
        value = value_of(condition.operand, item)
        return any(compared("=", value, value_of(choice, item)) for choice in condition.choices)
    return _called(condition, item)


def value_of(operand: Operand, item: Item) -> Value | None:
    """Return the value of an operand, or None if the item does not have it."""
    if isinstance(operand, Constant):
        return operand.value
    if isinstance(operand, Path):
        return at(item, operand)
    if isinstance(operand, Call) and operand.name == "size":
        found = value_of(operand.arguments[0], item)
        size = None if found is None else _size(found)
        return None if size is None else {"N": str(size)}
    raise AssertionError(f"{operand} is not an operand of a condition")


def compared(sign: str, left: Value | None, right: Value | None) -> bool:
    """Compare two values. A missing value is not equal to, less than or greater than any value."""
    if left is None or right is None:
        return sign == "<>"
    if sign == "=":
        return equal(left, right)
    if sign == "<>":
        return not equal(left, right)
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in _ORDERED:
        return False
    return _COMPARISONS[sign](comparable(left), comparable(right))


def begins_with(value: Value, beginning: Value) -> bool:
    """Return whether a string or a binary value begins with another one."""
    kind = kind_of(value)
    if kind != kind_of(beginning) or kind not in ("S", "B"):
        return False
    return comparable(value).startswith(comparable(beginning))  # type: ignore[union-attr,arg-type]


def contains(value: Value, part: Value) -> bool:
    """Return whether a string, a binary value, a set or a list contains a value."""
    kind, wanted = kind_of(value), kind_of(part)
    if kind == "L":
        return any(equal(each, part) for each in value["L"])
    if kind in ("SS", "NS", "BS"):
        return kind[0] == wanted and part[wanted] in value[kind]
    if kind != wanted or kind not in ("S", "B"):
        return False
    return comparable(part) in comparable(value)  # type: ignore[operator]


def _called(call: Call, item: Item) -> bool:
    first = value_of(call.arguments[0], item)
    if call.name == "attribute_exists":
        return first is not None
    if call.name == "attribute_not_exists":
        return first is None
    second = value_of(call.arguments[1], item)
    if first is None or second is None:
        return False
    if call.name == "attribute_type":
        return kind_of(first) == second.get("S")
    return begins_with(first, second) if call.name == "begins_with" else contains(first, second)


def _size(value: Value) -> int | None:
    ((kind, inner),) = value.items()
    if kind == "B":
        return len(base64.b64decode(inner))
    return len(inner) if kind in ("S", "SS", "NS", "BS", "L", "M") else None
