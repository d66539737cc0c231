"""The constraints of an API's model on parameters: required ones, lengths, patterns, enumerations, ranges.

All that is wrong is told at once, as AWS does: "2 validation errors detected: ...; ...".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from botocore.model import Shape

from .errors import Refused, invalid

# The model lists enumerations in another order than AWS's errors do.
_ENUMS: Final = {
    "ReturnValue": "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW",
    "Select": "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES",
    "ScalarAttributeType": "B, N, S",
    "ProjectionType": "ALL, INCLUDE, KEYS_ONLY",
    "ConditionalOperator": "OR, AND",
    "AttributeAction": "ADD, DELETE, PUT",
    "ComparisonOperator": (
        "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS"
    ),
}
_UNLOOKED: Final = ("AttributeValue", "AttributeMap", "PutItemInputAttributeMap", "Key")  # see `values`
_VALUE_MAPS: Final = ("ExpressionAttributeValueMap", "ExpressionAttributeNameMap")
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
_WORDS: Final = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}


def check(operation: str, shape: Shape, request: Mapping[str, Any]) -> None:
    """Refuse parameters that the model does not allow.

    Raises:
        Refused: SerializationException of JSON of a wrong type, else ValidationException.
    """
    _check_types(shape, request)
    name = request.get("TableName")
    if isinstance(name, str) and "TableName" in shape.members:  # type: ignore[attr-defined]
        _check_name(operation, name)
    found: list[str] = []
    _collect(shape, request, "", found)
    if found:
        raise _detected(found)


def _detected(found: list[str]) -> Refused:
    listed = "; ".join(found[:_MOST_TOLD])
    return invalid(f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {listed}")


def _check_name(operation: str, name: str) -> None:
    """Look at the name of a table, or its ARN; nothing else is told when it is wrong."""
    if name.startswith("arn:") and operation not in _CREATES:
        return
    shortest = _SHORTEST_NAME if operation in _CREATES else 1
    found = []
    if name and not _NAME.fullmatch(name):
        found.append(_failed(name, "tableName", f"satisfy regular expression pattern: {_NAME.pattern}"))
    if len(name) < shortest:
        found.append(_failed(name, "tableName", f"have length greater than or equal to {shortest}"))
    if len(name) > _LONGEST_NAME:
        found.append(_failed(name, "tableName", f"have length less than or equal to {_LONGEST_NAME}"))
    if found:
        raise _detected(found)


def _failed(value: object, path: str, constraint: str) -> str:
    told = "null" if value is None else f"'{_java(value)}'"
    return f"Value {told} at '{path}' failed to satisfy constraint: Member must {constraint}"


def _java(value: object) -> str:
    """Write a value as Java does: `[a, b]`, `{name=value}`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    if isinstance(value, dict):
        if "AttributeName" in value and "KeyType" in value:
            return f"KeySchemaElement(attributeName={value['AttributeName']}, keyType={value['KeyType']})"
        return "{" + ", ".join(f"{name}={_java(each)}" for name, each in value.items()) + "}"
    return str(value)


def _collect(shape: Any, value: Any, path: str, found: list[str]) -> None:
    kind = shape.type_name
    if shape.name in _UNLOOKED or shape.name in _VALUE_MAPS:
        return
    _collect_own(shape, value, path, found)
    if kind == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                found.append(_failed(None, _member(path, name), "not be null"))
        for name, member in shape.members.items():
            given = value.get(name)
            if given is not None and not (name == "TableName" and not path):
                _collect(member, given, _member(path, name), found)
    elif kind == "list" and shape.member.type_name in ("structure", "string", "list"):
        for number, each in enumerate(value, 1):
            _collect(shape.member, each, f"{path}.{number}.member", found)
    elif kind == "map":
        for name, each in value.items():
            _collect(shape.value, each, f"{path}.{name}.member", found)


def _member(path: str, name: str) -> str:
    lower = name[0].lower() + name[1:] if not name[:3].isupper() else name
    return f"{path}.{lower}" if path else lower


def _collect_own(shape: Any, value: Any, path: str, found: list[str]) -> None:
    constraints = shape.metadata
    if not constraints:
        return
    size = value if shape.type_name in ("integer", "long") else len(value)
    measure = "value" if shape.type_name in ("integer", "long") else "length"
    if shape.name == "WriteRequests":
        if not 1 <= size <= constraints["max"]:
            map_path, table, _ = path.rsplit(".", 2)
            told = (
                f"Map value must satisfy constraint: [Member must have length less than or equal to "
                f"{constraints['max']}, Member must have length greater than or equal to 1]"
            )
            found.append(
                f"Value '{_java({table: value})}' at '{map_path}' failed to satisfy constraint: {told}"
            )
        return
    if "enum" in constraints and value not in constraints["enum"]:
        listed = _ENUMS.get(shape.name, ", ".join(constraints["enum"]))
        found.append(_failed(value, path, f"satisfy enum value set: [{listed}]"))
    if "pattern" in constraints and not _pattern(constraints["pattern"]).fullmatch(value):
        found.append(_failed(value, path, f"satisfy regular expression pattern: {constraints['pattern']}"))
    if "min" in constraints and size < constraints["min"]:
        found.append(_failed(value, path, f"have {measure} greater than or equal to {constraints['min']}"))
    most = _MOST_KEYS if shape.name == "KeySchema" else constraints.get("max")
    if most is not None and size > most:
        found.append(_failed(value, path, f"have {measure} less than or equal to {most}"))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace(r"\p{Print}", r"[\x20-\x7e]"))


def _check_types(shape: Any, value: Any) -> None:
    """Refuse JSON of a wrong type, as AWS's parser does, before anything else is looked at."""
    if shape.name in _UNLOOKED or value is None:
        return
    wanted = _JSON.get(shape.type_name)
    if wanted is not None and (
        not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)
    ):
        raise _unexpected(shape.type_name, value)
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


def _unexpected(wanted: str, value: object) -> Refused:
    if isinstance(value, dict | list):
        what = "structure or map" if isinstance(value, dict) else "list"
        return Refused("SerializationException", f"Start of {what} found where not expected")
    seen = f"{str(value).upper()}_VALUE" if isinstance(value, bool) else _WORDS.get(type(value), "NULL_VALUE")
    if wanted in ("list", "map", "structure"):
        return Refused("SerializationException", "Unexpected field type")
    return Refused("SerializationException", f"{seen} cannot be converted to {wanted.capitalize()}")
