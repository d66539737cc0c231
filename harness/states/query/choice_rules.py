"""Choice rules: compiled comparisons and their combinations."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from harness.json_types import Json, is_number

from ..errors import QUERY_EVALUATION_ERROR, QueryError
from ..payload import to_text
from ..timestamps import parse_timestamp
from .escapes import split_at
from .expressions import Expression
from .jsonata.expression import JsonataExpression
from .paths import PathExpression
from .scope import Scope

_STARS: Final = re.compile(r"\\.|\*|[^\\*]+|\\", re.DOTALL)  # an escape, an asterisk, text
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def _number(value: Json) -> float | None:
    return value if is_number(value) else None


def _string(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _ordered(
    kind: Callable[[Json], float | str | None], compare: Callable[[Any, Any], bool]
) -> Callable[[Json, Json], bool]:
    """Return a comparison that is false unless both sides are of this type."""

    def holds(left: Json, right: Json) -> bool:
        a, b = kind(left), kind(right)
        return a is not None and b is not None and compare(a, b)

    return holds


def _matches(value: Json, pattern: Json) -> bool:
    """StringMatches: `*` matches any characters, and `\\*` matches an asterisk.

    Each segment between two asterisks is matched at its first position, so the search never backtracks.
    """
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    first, *between = split_at("*", _STARS, pattern)
    if not between:
        return value == first
    last = between.pop()
    position, end = len(first), len(value) - len(last)
    if position > end or not value.startswith(first) or not value.endswith(last):
        return False
    for text in between:
        found = value.find(text, position, end)
        if found < 0:
            return False
        position = found + len(text)
    return True


COMPARISONS: Final[Mapping[str, Callable[[Json, Json], bool]]] = {
    **{f"String{name}": _ordered(_string, compare) for name, compare in _ORDER.items()},
    **{f"Numeric{name}": _ordered(_number, compare) for name, compare in _ORDER.items()},
    **{f"Timestamp{name}": _ordered(parse_timestamp, compare) for name, compare in _ORDER.items()},
    "BooleanEquals": _ordered(_boolean, operator.eq),
    "StringMatches": _matches,
}
"""Operators that compare two values. Each one except StringMatches also has a `Path` variant."""

LITERALS: Final[Mapping[str, tuple[type, ...]]] = {
    "String": (str,),
    "Numeric": (int, float),
    "Timestamp": (str,),
    "Boolean": (bool,),
    "Is": (bool,),
}
"""Types of the literals that an operator accepts in a definition, by the first word of its name."""

TYPE_TESTS: Final[Mapping[str, Callable[[Json], bool]]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": is_number,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: parse_timestamp(value) is not None,
}
"""Operators that test the type of a value. They do not include IsPresent, which tests the path."""

OPERATORS: Final = frozenset(
    [
        *COMPARISONS,
        *(f"{name}Path" for name in COMPARISONS if name != "StringMatches"),
        *TYPE_TESTS,
        "IsPresent",
    ]
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of `Variable` with a literal or, for `...Path`, with another path."""

    variable: PathExpression
    operator: str
    operand: Expression[Json]

    def holds(self, scope: Scope) -> bool:
        """Compare the values. Raises QueryError if the variable does not exist."""
        if self.operator == "IsPresent":
            return self._is_present(scope) is self.operand.evaluate(scope)
        value = self._find(self.variable, scope)
        if self.operator in TYPE_TESTS:
            return TYPE_TESTS[self.operator](value) is self.operand.evaluate(scope)
        if isinstance(self.operand, PathExpression):
            return COMPARISONS[self.operator.removesuffix("Path")](value, self._find(self.operand, scope))
        return COMPARISONS[self.operator](value, self.operand.evaluate(scope))

    def _is_present(self, scope: Scope) -> bool:
        try:
            self.variable.evaluate(scope)
        except QueryError:
            return False
        return True

    @staticmethod
    def _find(path: PathExpression, scope: Scope) -> Json:
        try:
            return path.evaluate(scope)
        except QueryError:
            problem = "The choice state's condition path references an invalid value."
            raise QueryError(f"Invalid path '{path.path.text}': {problem}") from None


@dataclass(frozen=True, slots=True)
class AllOf:
    """`And`: every rule is true."""

    rules: tuple[Rule, ...]

    def holds(self, scope: Scope) -> bool:
        """Evaluate the rules up to the first one that is false."""
        return all(rule.holds(scope) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`Or`: at least one rule is true."""

    rules: tuple[Rule, ...]

    def holds(self, scope: Scope) -> bool:
        """Evaluate the rules up to the first one that is true."""
        return any(rule.holds(scope) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Not:
    """`Not`: the rule is false."""

    rule: Rule

    def holds(self, scope: Scope) -> bool:
        """Negate the rule."""
        return not self.rule.holds(scope)


@dataclass(frozen=True, slots=True)
class Condition:
    """JSONata's Condition, which must be a boolean."""

    expression: Expression[Json]

    def holds(self, scope: Scope) -> bool:
        """Evaluate the expression. Raises QueryError if its value is not a boolean."""
        value = self.expression.evaluate(scope)
        if isinstance(value, bool):
            return value
        if isinstance(self.expression, JsonataExpression):
            raise self.expression.failure(unexpected_type("boolean", value))
        raise QueryError("The Condition is not a boolean", QUERY_EVALUATION_ERROR, "Condition")


Rule: TypeAlias = Comparison | AllOf | AnyOf | Not | Condition


def json_type(value: Json) -> str:
    """Return the JSON name for the type of a value."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    names: dict[type, str] = {str: "string", dict: "object", list: "array"}
    return names.get(type(value), "number")


def unexpected_type(expected: str, value: Json) -> str:
    """Return the error for a JSONata expression whose value has the wrong type."""
    return (
        f"returned an unexpected result type. "
        f"Expected '{expected}', but was '{json_type(value)}' for value: {to_text(value)}"
    )
