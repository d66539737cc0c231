"""Rejects invalid expressions before any item is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NoReturn

from .errors import invalid
from .placeholders import CONDITION_FUNCTIONS, UPDATE_FUNCTIONS
from .syntax import Action, Between, Call, Compare, Condition, Constant, In, Join, Not, Operand, Path, Sum
from .values import NAMES, comparable, kind_of, shown

_OPERANDS: Final = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
    "if_not_exists": 2,
    "list_append": 2,
}
_ORDERED: Final = ("S", "N", "B")
_TYPES: Final = ("B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M")


class Checker:
    """Checks for one expression. `name` is the name of its request parameter."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def condition(self, found: Condition) -> None:
        """Reject a condition that is invalid for all items."""
        if isinstance(found, Join):
            self.condition(found.left)
            self.condition(found.right)
        elif isinstance(found, Not):
            self.condition(found.inner)
        elif isinstance(found, Call):
            self._call(found, whole=True)
        elif isinstance(found, Compare):
            self._operands(found.sign, [found.left, found.right], ordered=found.sign not in ("=", "<>"))
        elif isinstance(found, In):
            self._operands("IN", [found.operand, *found.choices], ordered=False)
        else:
            self._between(found)

    def actions(self, actions: tuple[Action, ...]) -> None:
        """Reject an update that is invalid for all items."""
        for action in actions:
            if action.section == "SET" and action.value is not None:
                self._value(action.value)
        self._paths([action.path for action in actions])
        for action in actions:
            if action.section in ("ADD", "DELETE") and isinstance(action.value, Constant):
                self._of_set(action.section, action.value)

    def projection(self, paths: tuple[Path, ...]) -> None:
        """Reject a projection with overlapping paths."""
        self._paths(list(paths))

    def _fail(self, message: str) -> NoReturn:
        raise invalid(f"Invalid {self._expression}: {message}")

    def _value(self, found: Operand) -> None:
        if isinstance(found, Sum):
            for operand in (found.left, found.right):
                self._value(operand)
                self._of_type(found.sign, operand, ("N",))
        elif isinstance(found, Call):
            if found.name in CONDITION_FUNCTIONS:
                self._fail(f"The function is not allowed in an update expression; function: {found.name}")
            self._count(found)
            for operand in found.arguments:
                self._value(operand)
            if found.name == "if_not_exists" and not isinstance(found.arguments[0], Path):
                self._needs_path(found.name)
            if found.name == "list_append":
                for operand in found.arguments:
                    self._of_type(found.name, operand, ("L",))

    def _of_set(self, section: str, constant: Constant) -> None:
        assert constant.value is not None
        kind = kind_of(constant.value)
        allowed = ("N", "SS", "NS", "BS") if section == "ADD" else ("SS", "NS", "BS")
        if kind not in allowed:
            self._fail(
                f"Incorrect operand type for operator or function; operator: {section}, "
                f"operand type: {NAMES[kind]}, typeSet: ALLOWED_FOR_{section}_OPERAND"
            )

    def _call(self, call: Call, *, whole: bool) -> None:
        """Check a function that is a whole condition (`whole`) or an operand in a condition."""
        if call.name in UPDATE_FUNCTIONS:
            self._fail(f"The function is not allowed in a condition expression; function: {call.name}")
        if whole == (call.name == "size"):
            self._fail(
                f"The function is not allowed to be used this way in an expression; function: {call.name}"
            )
        self._count(call)
        for argument in call.arguments:
            if isinstance(argument, Call):
                self._call(argument, whole=False)
        first = call.arguments[0]
        if call.name in ("attribute_exists", "attribute_not_exists") and not isinstance(first, Path):
            self._needs_path(call.name)
        if call.name == "size":
            self._of_type(call.name, first, ("S", "B", "SS", "NS", "BS", "L", "M"))
        elif call.name == "begins_with":
            for argument in call.arguments:
                self._of_type(call.name, argument, ("S", "B"))
            self._distinct(call.name, list(call.arguments))
        elif call.name == "contains":
            self._distinct(call.name, list(call.arguments))
        elif call.name == "attribute_type":
            self._of_type_name(call.arguments[1])

    def _of_type_name(self, operand: Operand) -> None:
        self._of_type("attribute_type", operand, ("S",))
        if isinstance(operand, Constant) and operand.value is not None and operand.value["S"] not in _TYPES:
            self._fail(
                f"Invalid attribute type name found; type: {operand.value['S']}, "
                f"valid types: {{{','.join(_TYPES)}}}"
            )

    def _count(self, call: Call) -> None:
        if len(call.arguments) != _OPERANDS[call.name]:
            self._fail(
                f"Incorrect number of operands for operator or function; operator or function: {call.name}, "
                f"number of operands: {len(call.arguments)}"
            )

    def _needs_path(self, name: str) -> NoReturn:
        self._fail(f"Operator or function requires a document path; operator or function: {name}")

    def _operands(self, sign: str, operands: list[Operand], *, ordered: bool) -> None:
        for operand in operands:
            if isinstance(operand, Call):
                self._call(operand, whole=False)
            elif ordered:
                self._of_type(sign, operand, _ORDERED)
        self._distinct(sign, operands)

    def _of_type(self, name: str, operand: Operand, kinds: tuple[str, ...]) -> None:
        if isinstance(operand, Constant) and operand.value is not None:
            kind = kind_of(operand.value)
            if kind not in kinds:
                self._fail(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {name}, operand type: {kind}"
                )

    def _distinct(self, sign: str, operands: list[Operand]) -> None:
        first = operands[0]
        if isinstance(first, Path) and first in operands[1:]:
            self._fail(
                "The first operand must be distinct from the remaining operands for this operator or "
                f"function; operator: {sign}, first operand: {first}"
            )

    def _between(self, found: Between) -> None:
        self._operands("BETWEEN", [found.operand, found.low, found.high], ordered=True)
        low, high = found.low, found.high
        if not (isinstance(low, Constant) and isinstance(high, Constant)):
            return
        assert low.value is not None
        assert high.value is not None
        told = (
            f"lower bound operand: AttributeValue: {shown(low.value)}, "
            f"upper bound operand: AttributeValue: {shown(high.value)}"
        )
        if kind_of(low.value) != kind_of(high.value):
            self._fail(f"The BETWEEN operator requires same data type for lower and upper bounds; {told}")
        if comparable(low.value) > comparable(high.value):  # type: ignore[operator]  # of one type
            self._fail(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                f"{told}"
            )

    def _paths(self, paths: list[Path]) -> None:
        for one, other, meets in _pairs(paths):
            verb = "overlap" if meets else "conflict"
            self._fail(
                f"Two document paths {verb} with each other; must remove or rewrite one of these paths; "
                f"path one: {one}, path two: {other}"
            )


def _pairs(paths: list[Path]) -> Iterator[tuple[Path, Path, bool]]:
    """Yield pairs of conflicting paths.

    The boolean is True if one path contains the other, and False if the paths treat the same value as
    both a list and a map.
    """
    for number, other in enumerate(paths):
        for one in paths[:number]:
            for left, right in zip(one.parts, other.parts, strict=False):
                if left != right:
                    if isinstance(left, int) != isinstance(right, int):
                        yield one, other, False
                    break
            else:
                yield one, other, True
