"""Legacy parameters, which expressions replaced. They are parsed into the same tree as expressions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

from .errors import invalid, wrong_values
from .syntax import Action, Between, Call, Compare, Condition, Constant, In, Join, Not, Path
from .values import Value, checked, kind_of

_SIGNS: Final = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}
_SCALAR: Final = ("S", "N", "B")
_TYPES: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(("LE", "LT", "GE", "GT", "BETWEEN", "CONTAINS", "NOT_CONTAINS"), _SCALAR),
    "BEGINS_WITH": ("S", "B"),
    "IN": _SCALAR,
}
# The legacy parameters, in the order in which errors list them.
PARAMETERS: Final = (
    "AttributesToGet",
    "AttributeUpdates",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
    "Expected",
    "ConditionalOperator",
)


def refuse_mixture(request: Mapping[str, Any], expressions: Sequence[str]) -> None:
    """Reject a request that has both legacy and expression parameters."""
    old = [name for name in PARAMETERS if request.get(name) is not None]
    new = [name for name in expressions if request.get(name) is not None]
    if old and new:
        raise invalid(
            "Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{', '.join(old)}}} Expression parameters: {{{', '.join(new)}}}"
        )


def condition(request: Mapping[str, Any], parameter: str) -> Condition | None:
    """Parse QueryFilter, ScanFilter or Expected. Return None if it is missing or empty."""
    given, word = request.get(parameter), request.get("ConditionalOperator")
    if word is not None and given is None:
        raise invalid("ConditionalOperator cannot be used without Filter or Expected")
    if word is not None and len(given or ()) < 2:
        raise invalid("ConditionalOperator can only be used when Filter or Expected has two or more elements")
    if not given:
        return None
    single = _expected if parameter == "Expected" else _filter
    return reduce(lambda a, b: Join(word or "AND", a, b), [single(*each) for each in given.items()])


def compared(name: str, operator: str, listed: Sequence[object]) -> Condition:
    """Parse one comparison."""
    values = [checked(each)[0] for each in listed]
    _check_values(operator, values)
    path = Path((name,))
    constants = tuple(Constant("", value) for value in values)
    if operator in _SIGNS:
        return Compare(_SIGNS[operator], path, constants[0])
    if operator == "BETWEEN":
        return Between(path, constants[0], constants[1])
    if operator == "IN":
        return In(path, constants)
    exists = Call("attribute_exists", (path,))
    if operator in ("NOT_NULL", "NULL"):
        return exists if operator == "NOT_NULL" else Not(exists)
    if operator == "NOT_CONTAINS":
        return Join("AND", exists, Not(Call("contains", (path, constants[0]))))
    return Call(operator.lower(), (path, constants[0]))


def paths_to_get(names: Sequence[str] | None) -> tuple[Path, ...] | None:
    """Parse AttributesToGet."""
    if names is None:
        return None
    for number, name in enumerate(names):
        if name in names[:number]:
            raise wrong_values(f"Duplicate value in attribute name: {name}")
    return tuple(Path((name,)) for name in names)


def actions(updates: Mapping[str, Mapping[str, Any]]) -> tuple[Action, ...]:
    """Parse AttributeUpdates."""
    return tuple(_action(name, update) for name, update in updates.items())


def _action(name: str, update: Mapping[str, Any]) -> Action:
    kind, path = update.get("Action", "PUT"), Path((name,))
    if update.get("Value") is None:
        if kind != "DELETE":
            raise wrong_values("Only DELETE action is allowed when no attribute value is specified")
        return Action("REMOVE", path)
    value = checked(update["Value"])[0]
    of = kind_of(value)
    if kind == "DELETE" and of not in ("SS", "NS", "BS"):
        raise wrong_values(f"DELETE action with value is not supported for the type {of}")
    if kind == "ADD" and of not in ("N", "SS", "NS", "BS", "L"):
        raise wrong_values(f"ADD action is not supported for the type {of}")
    if kind == "ADD" and of == "L":
        old = Call("if_not_exists", (path, Constant("", {"L": []})))
        return Action("SET", path, Call("list_append", (old, Constant("", value))))
    return Action("SET" if kind == "PUT" else kind, path, Constant("", value))


def _filter(name: str, given: Mapping[str, Any]) -> Condition:
    return compared(name, given["ComparisonOperator"], given.get("AttributeValueList") or ())


def _expected(name: str, given: Mapping[str, Any]) -> Condition:
    operator, value, exists = (given.get(each) for each in ("ComparisonOperator", "Value", "Exists"))
    listed = given.get("AttributeValueList")
    of = f"for Attribute: {name}"
    if operator is not None:
        if exists is not None:
            raise wrong_values(f"Exists and ComparisonOperator cannot be used together {of}")
        if value is not None and listed is not None:
            raise wrong_values(f"Value and AttributeValueList cannot be used together {of}")
        if value is None and listed is None and operator not in ("NULL", "NOT_NULL"):
            raise wrong_values(
                f"Value or AttributeValueList must be used with ComparisonOperator: {operator} {of}"
            )
        return compared(name, operator, (listed or ()) if value is None else [value])
    if listed is not None:
        raise wrong_values(f"AttributeValueList can only be used with a ComparisonOperator {of}")
    if exists is False:
        if value is not None:
            raise wrong_values(f"Value cannot be used when Exists is false {of}")
        return compared(name, "NULL", ())
    if value is None:
        told = "null" if exists is None else "true"
        raise wrong_values(f"Value must be provided when Exists is {told} {of}")
    return compared(name, "EQ", [value])


def _check_values(operator: str, values: Sequence[Value]) -> None:
    wanted = {"BETWEEN": 2, "NULL": 0, "NOT_NULL": 0}.get(operator, 1)
    wrong = not values if operator == "IN" else len(values) != wanted
    if wrong:
        raise wrong_values(f"Invalid number of argument(s) for the {operator} ComparisonOperator")
    for value in values:
        if kind_of(value) not in _TYPES.get(operator, (kind_of(value),)):
            raise wrong_values(
                f"ComparisonOperator {operator} is not valid for {kind_of(value)} AttributeValue type"
            )
