"""Key conditions in a Query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .conditions import begins_with, compared
from .errors import invalid, wrong_values
from .items import KeyPart, check_lengths
from .legacy import compared as comparison
from .syntax import Between, Call, Compare, Condition, Constant, Join, Operand, Path
from .values import Item, Value, kind_of

_MANY: Final = "KeyConditionExpressions must only contain one condition per key"
_NOT_SUPPORTED: Final = "Query key condition not supported"
_FLIPPED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class KeyTest(NamedTuple):
    """A test for one key attribute: `=`, `<`, `BETWEEN`, `begins_with`."""

    sign: str
    values: tuple[Value, ...]

    def holds(self, value: Value) -> bool:
        """Return whether a value passes the test."""
        if self.sign == "BETWEEN":
            return compared(">=", value, self.values[0]) and compared("<=", value, self.values[1])
        if self.sign == "begins_with":
            return begins_with(value, self.values[0])
        return compared(self.sign, value, self.values[0])


def of_expression(condition: Condition) -> Mapping[str, KeyTest]:
    """Parse a KeyConditionExpression into tests, keyed by attribute name."""
    found: dict[str, KeyTest] = {}
    for each in _parts(condition):
        name, test = _test(each)
        if name in found:
            raise invalid(_MANY)
        found[name] = test
    return found


def of_legacy(given: Mapping[str, Mapping[str, Any]]) -> Mapping[str, KeyTest]:
    """Parse KeyConditions."""
    found = {}
    for name, each in given.items():
        operator = each["ComparisonOperator"]
        if operator not in ("EQ", "LE", "LT", "GE", "GT", "BEGINS_WITH", "BETWEEN"):
            raise invalid("Attempted conditional constraint is not an indexable operation")
        found[name] = _test(comparison(name, operator, each.get("AttributeValueList") or ()))[1]
    return found


def check(tests: Mapping[str, KeyTest], hashes: Sequence[KeyPart], ranges: Sequence[KeyPart]) -> None:
    """Check the conditions of a query against the key of its table or index."""
    for part in hashes:
        if part.name not in tests:
            raise invalid(f"Query condition missed key schema element: {part.name}")
        if tests[part.name].sign != "=":
            raise invalid(_NOT_SUPPORTED)
    known = {part.name: part for part in (*hashes, *ranges)}
    others = [name for name in tests if name not in known]
    if others:
        missed = next((part.name for part in ranges if part.name not in tests), None)
        if missed is None or len(tests) > len(known):
            raise invalid("Conditions can be of length 1 or 2 only" if len(known) == 1 else _NOT_SUPPORTED)
        raise invalid(f"Query condition missed key schema element: {missed}")
    for name, test in tests.items():
        for value in test.values:
            if kind_of(value) != known[name].kind:
                raise wrong_values("Condition parameter type does not match schema type")
            if test.sign != "begins_with":
                check_lengths([known[name]], {name: value})


def _parts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, Join):
        if condition.word == "OR":
            raise invalid("Invalid operator used in KeyConditionExpression: OR")
        yield from _parts(condition.left)
        yield from _parts(condition.right)
    else:
        yield condition


def _test(condition: Condition) -> tuple[str, KeyTest]:
    if isinstance(condition, Compare):
        sign, left, right = condition.sign, condition.left, condition.right
        if isinstance(left, Constant) and isinstance(right, Path):
            left, right, sign = right, left, _FLIPPED.get(sign, sign)
        if sign == "<>":
            raise invalid("Unsupported operator on KeyCondition: operator: <>")
        return _name(left), KeyTest(sign, _values(right))
    if isinstance(condition, Between):
        return _name(condition.operand), KeyTest("BETWEEN", _values(condition.low, condition.high))
    if isinstance(condition, Call):
        if condition.name != "begins_with":
            raise invalid(f"Invalid operator used in KeyConditionExpression: {condition.name}")
        return _name(condition.arguments[0]), KeyTest("begins_with", _values(condition.arguments[1]))
    word = type(condition).__name__.upper()
    raise invalid(f"Invalid operator used in KeyConditionExpression: {word}")


def _name(operand: Operand) -> str:
    if isinstance(operand, Call):
        raise invalid(f"KeyConditionExpressions cannot contain nested operations: {operand.name}")
    if not isinstance(operand, Path):
        raise invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
    if len(operand.parts) > 1:
        raise invalid("KeyConditionExpressions cannot have conditions on nested attributes")
    return str(operand.parts[0])


def _values(*operands: Operand) -> tuple[Value, ...]:
    found = []
    for operand in operands:
        if isinstance(operand, Path):
            raise invalid(
                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
            )
        if not isinstance(operand, Constant) or operand.value is None:
            raise invalid(_NOT_SUPPORTED)
        found.append(operand.value)
    return tuple(found)


def values_of(tests: Mapping[str, KeyTest], hashes: Sequence[KeyPart]) -> Item:
    """Return the values of the partition key."""
    return {part.name: tests[part.name].values[0] for part in hashes}
