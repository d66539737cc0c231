"""The names and values that a request defines for its expressions."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from . import parser
from .errors import Refused, invalid
from .syntax import (
    Action,
    Between,
    Call,
    Compare,
    Condition,
    Constant,
    In,
    Join,
    Not,
    Operand,
    Parsed,
    Path,
    Sum,
)
from .values import Value, checked

T = TypeVar("T")

_NAME: Final = re.compile(r"#[A-Za-z0-9_]+")
_VALUE: Final = re.compile(r":[A-Za-z0-9_]+")
CONDITION_FUNCTIONS: Final = (
    "attribute_exists",
    "attribute_not_exists",
    "attribute_type",
    "begins_with",
    "contains",
    "size",
)
UPDATE_FUNCTIONS: Final = ("if_not_exists", "list_append")


class Placeholders:
    """ExpressionAttributeNames and ExpressionAttributeValues.

    Args:
        request: the parameters of the call.
        expressions: the names of the parameters that are expressions.
        with_values: the names of the expressions that may contain values.
    """

    def __init__(
        self, request: Mapping[str, Any], expressions: Sequence[str], with_values: Sequence[str]
    ) -> None:
        names, values = request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
        self._names: Mapping[str, str] = names or {}
        self._values: Mapping[str, Value] = {}
        self._unused = set(self._names)
        self._unused_values: set[str] = set()
        if names is None and values is None:
            return
        if names is not None:
            _check_names(names, any(request.get(each) is not None for each in expressions))
        if values is not None:
            if all(request.get(each) is None for each in with_values):
                told = " and ".join(with_values) + (" are" if len(with_values) > 1 else " is")
                raise invalid(
                    f"ExpressionAttributeValues can only be specified when using expressions: {told} null"
                )
            self._values = _checked_values(values)
            self._unused_values = set(values)

    def condition(self, expression: str, text: str) -> Condition:
        """Parse a condition, with names and values inserted.

        Raises:
            Refused: the expression has a syntax error, a reserved word, an unknown function, or an undefined
                placeholder. These are checked in this order.
        """
        return self._condition(self._known(parser.condition(expression, text)))

    def paths(self, expression: str, text: str) -> tuple[Path, ...]:
        """Parse a projection in the same way as `condition`."""
        found = self._known(parser.paths(expression, text))
        return tuple(map(self._path, found))

    def actions(self, expression: str, text: str) -> tuple[Action, ...]:
        """Parse an update in the same way as `condition`."""
        found = self._known(parser.actions(expression, text))
        return tuple(map(self._action, found))

    def _known(self, parsed: Parsed[T]) -> T:
        """Check an expression's names, functions and values, and return its root."""
        if parsed.reserved is not None:
            raise _error(parsed, f"Attribute name is a reserved keyword; reserved keyword: {parsed.reserved}")
        for function in parsed.functions:
            if function not in CONDITION_FUNCTIONS + UPDATE_FUNCTIONS:
                raise _error(parsed, f"Invalid function name; function: {function}")
        _check_defined(parsed, parsed.names, self._names, "name used in the document path")
        _check_defined(parsed, parsed.values, self._values, "value used in expression")
        self._unused.difference_update(parsed.names)
        self._unused_values.difference_update(parsed.values)
        return parsed.root

    def check_used(self) -> None:
        """Reject names and values that no expression uses."""
        for kind, unused, given in (
            ("Names", self._unused, self._names),
            ("Values", self._unused_values, self._values),
        ):
            if unused:
                listed = ", ".join(name for name in given if name in unused)
                raise invalid(
                    f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{listed}}}"
                )

    def _action(self, action: Action) -> Action:
        value = None if action.value is None else self._operand(action.value)
        return Action(action.section, self._path(action.path), value)

    def _condition(self, found: Condition) -> Condition:
        if isinstance(found, Compare):
            return Compare(found.sign, self._operand(found.left), self._operand(found.right))
        if isinstance(found, Join):
            return Join(found.word, self._condition(found.left), self._condition(found.right))
        if isinstance(found, Not):
            return Not(self._condition(found.inner))
        if isinstance(found, Between):
            return Between(*map(self._operand, (found.operand, found.low, found.high)))
        if isinstance(found, In):
            return In(self._operand(found.operand), tuple(map(self._operand, found.choices)))
        return Call(found.name, tuple(map(self._operand, found.arguments)))

    def _operand(self, found: Operand) -> Operand:
        if isinstance(found, Path):
            return self._path(found)
        if isinstance(found, Constant):
            return Constant(found.name, self._values[found.name])
        if isinstance(found, Sum):
            return Sum(found.sign, self._operand(found.left), self._operand(found.right))
        return Call(found.name, tuple(map(self._operand, found.arguments)))

    def _path(self, path: Path) -> Path:
        return Path(
            tuple(
                self._names[part] if isinstance(part, str) and part[0] == "#" else part for part in path.parts
            )
        )


def _check_defined(parsed: Parsed[T], used: Iterable[str], known: Container[str], what: str) -> None:
    for name in used:
        if name not in known:
            kind = what.partition(" ")[0]
            raise _error(parsed, f"An expression attribute {what} is not defined; attribute {kind}: {name}")


def _error(parsed: Parsed[T], message: str) -> Refused:
    return invalid(f"Invalid {parsed.expression}: {message}")


def _check_names(names: Mapping[str, str], used: bool) -> None:
    if not used:
        raise invalid("ExpressionAttributeNames can only be specified when using expressions")
    if not names:
        raise invalid("ExpressionAttributeNames must not be empty")
    _check_keys("Names", names, _NAME)


def _checked_values(values: Mapping[str, object]) -> dict[str, Value]:
    if not values:
        raise invalid("ExpressionAttributeValues must not be empty")
    _check_keys("Values", values, _VALUE)
    kept = {}
    for name, value in values.items():
        try:
            kept[name] = checked(value)[0]
        except Refused as refused:
            if refused.code != "ValidationException":
                raise
            raise invalid(
                f"ExpressionAttributeValues contains invalid value: {refused.message} for key {name}"
            ) from None
    return kept


def _check_keys(kind: str, given: Iterable[str], pattern: re.Pattern[str]) -> None:
    for name in given:
        if not pattern.fullmatch(name):
            raise invalid(f'ExpressionAttribute{kind} contains invalid key: Syntax error; key: "{name}"')
