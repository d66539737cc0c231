"""Message attributes: their size, and SNS's errors for invalid attributes.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from moto.sns.exceptions import SNSException

_LONGEST_NAME: Final = 256
_FIELDS: Final = {"String": "StringValue", "Number": "StringValue", "Binary": "BinaryValue"}
_ODD: Final = re.compile(r"[^A-Za-z0-9_.-]")


def check_attributes(attributes: Mapping[str, Mapping[str, Any]] | None) -> None:
    """Check all attributes of a message. Raises SNSException with SNS's error message."""
    for name, given in (attributes or {}).items():
        problem = _problem_of_name(name) or _problem_of_value(name, given)
        if problem:
            raise SNSException("ParameterValueInvalid", problem)


def size_of(attributes: Mapping[str, Mapping[str, Any]] | None) -> int:
    """Return the total size of the names, types and values of attributes, in bytes.

    The attributes are in either the request format or moto's format.
    """
    parts = (part for name, given in (attributes or {}).items() for part in (name, *given.values()))
    return sum(map(length_of, parts))


def length_of(part: object) -> int:
    """Return the size of a name, type or value in bytes."""
    return len(part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass"))


def _problem_of_name(name: str) -> str:
    odd = _ODD.search(name)
    if len(name.encode()) >= _LONGEST_NAME:
        return "Length of message attribute name must be less than 256 bytes."
    if odd:
        return (
            f"Invalid non-alphanumeric character '#x{ord(odd[0]):X}' was found in the message attribute name."
            " Can only include alphanumeric characters, hyphens, underscores, or dots."
        )
    if name.startswith("."):
        return "Invalid message attribute name starting with character '.' was found."
    if name.endswith("."):
        return "Invalid message attribute name ending with character '.' was found."
    return "Message attribute name can not have successive '.' character." if ".." in name else ""


def _problem_of_value(name: str, given: Mapping[str, Any]) -> str:
    kind, dot, label = given["DataType"].partition(".")
    field = _FIELDS.get(kind) if label or not dot else None
    if field is None:
        supported = "the set of supported type prefixes is Binary, Number, and String"
        return f"The message attribute '{name}' has an invalid message attribute type, {supported}."
    others = [other for other in ("StringValue", "BinaryValue") if other != field and given.get(other)]
    if others:
        wanted = field.removesuffix("Value")
        return f"The message attribute '{name}' with type '{given['DataType']}' must use field '{wanted}'."
    if not given.get(field):
        wanted = f"message attribute value for message attribute type '{given['DataType']}'"
        return f"The message attribute '{name}' must contain non-empty {wanted}."
    if kind == "Number" and not _is_number(given[field]):
        return f"Could not cast message attribute '{name}' value to number."
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
