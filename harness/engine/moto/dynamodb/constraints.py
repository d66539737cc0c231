"""The parameter constraints in DynamoDB's model, and the cases where AWS's responses differ from the
model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from botocore.model import Shape, StructureShape

from harness.constraints import NOT_NULL, at_least, at_most, detected, java_text, matching, violation
from harness.engine.moto.constraints import members, outside, unlike

from .errors import invalid, wrong_json

# AWS's errors list enumeration values in a different order from the model.
_ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "ReturnValue": ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    "ScalarAttributeType": ("B", "N", "S"),
    "ProjectionType": ("ALL", "INCLUDE", "KEYS_ONLY"),
    "ConditionalOperator": ("OR", "AND"),
    "AttributeAction": ("ADD", "DELETE", "PUT"),
    "ComparisonOperator": (
        "IN",
        "NULL",
        "BETWEEN",
        "LT",
        "NOT_CONTAINS",
        "EQ",
        "GT",
        "NOT_NULL",
        "NE",
        "LE",
        "BEGINS_WITH",
        "GE",
        "CONTAINS",
    ),
}
# `values` checks values, including nested types. `placeholders` checks placeholders.
_VALUES: Final = ("AttributeValue", "AttributeMap", "PutItemInputAttributeMap", "Key")
_UNLOOKED: Final = (*_VALUES, "ExpressionAttributeValueMap", "ExpressionAttributeNameMap")
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_SHORTEST_NAME, _LONGEST_NAME, _MOST_KEYS = 3, 255, 2
_CREATES: Final = ("CreateTable",)
_MOST_TOLD: Final = 10
_JSON: Final = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "list": list,
    "map": dict,
    "structure": dict,
    "double": float | int,
    "timestamp": float | int | str,
}


def check(operation: str, shape: Shape, request: Mapping[str, Any]) -> None:
    """Reject parameters that the model does not allow.

    Raises:
        Refused: SerializationException for JSON of the wrong type, otherwise ValidationException.
    """
    _check_types(shape, request)
    name = request.get("TableName")
    if isinstance(name, str) and isinstance(shape, StructureShape) and "TableName" in shape.members:
        _check_name(operation, name)
    _refuse(_violations(shape, request, ""))


def _refuse(violations: Iterable[str]) -> None:
    if found := list(violations):
        raise invalid(detected(found, _MOST_TOLD))


def _check_name(operation: str, name: str) -> None:
    """Check a table name or ARN. If it is invalid, no other violations are reported."""
    if name.startswith("arn:") and operation not in _CREATES:
        return
    shortest = _SHORTEST_NAME if operation in _CREATES else 1
    broken = []
    if name and not _NAME.fullmatch(name):
        broken.append(matching(_NAME.pattern))
    if len(name) < shortest:
        broken.append(at_least("length", shortest))
    if len(name) > _LONGEST_NAME:
        broken.append(at_most("length", _LONGEST_NAME))
    _refuse(violation("tableName", constraint, name) for constraint in broken)


def _violations(shape: Shape, value: object, place: str) -> Iterator[str]:
    """Yield violations.

    Like AWS, report the missing members of a structure before violations inside its members.
    """
    if shape.name in _UNLOOKED:
        return
    if shape.name == "WriteRequests":
        yield from _of_batch(shape, value, place)
    else:
        most = _MOST_KEYS if shape.name == "KeySchema" else None
        for constraint in (*unlike(shape, value, _ENUMS.get(shape.name, ())), *outside(shape, value, most)):
            yield violation(place, constraint, java_text(value, _structure))
    below = list(members(shape, value, place))
    yield from (violation(at, NOT_NULL) for _, given, at in below if given is None)
    for inner, given, at in below:
        if given is not None and at != "tableName":
            yield from _violations(inner, given, at)


def _of_batch(shape: Shape, value: object, place: str) -> Iterator[str]:
    """Yield a violation if a table has too many writes or none."""
    most = shape.metadata["max"]
    if isinstance(value, list) and not 1 <= len(value) <= most:
        at, table, _ = place.rsplit(".", 2)
        bounds = f"Member must {at_most('length', most)}, Member must {at_least('length', 1)}"
        shown = java_text({table: value}, _structure)
        yield (
            f"Value '{shown}' at '{at}' failed to satisfy constraint: "
            f"Map value must satisfy constraint: [{bounds}]"
        )


def _structure(value: Mapping[str, object]) -> str:
    return "KeySchemaElement" if "AttributeName" in value and "KeyType" in value else ""


def _check_types(shape: Any, value: Any) -> None:
    """Reject JSON of the wrong type before all other checks, as AWS's parser does."""
    if shape.name in _VALUES or value is None:
        return
    wanted = _JSON.get(shape.type_name)
    if wanted is not None and (
        not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)
    ):
        raise wrong_json(shape.type_name, value)
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                _check_types(member, value[name])
    elif shape.type_name == "list":
        for each in value:
            _check_types(shape.member, each)
    elif shape.type_name == "map":
        for each in value.values():
            _check_types(shape.value, each)
