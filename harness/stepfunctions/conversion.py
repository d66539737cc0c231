"""Conversion of task parameters and results between botocore's format and Step Functions' format.

In Step Functions, every member name begins with a capital letter. Where an API expects JSON as a string, Step
Functions accepts the JSON value itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from harness.json_types import Json
from harness.service_names import capitalized
from harness.states.payload import to_text
from harness.states.timestamps import format_timestamp

from .integrations.fields import ATTRIBUTE_VALUE, names_of

_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")


def java_name(service_id: str) -> str:
    """Return a service's name in the Java SDK, which Step Functions uses.

    >>> java_name("DynamoDB"), java_name("SFN"), java_name("S3"), java_name("CloudWatch Logs")
    ('DynamoDb', 'Sfn', 'S3', 'CloudWatchLogs')
    """
    return "".join(word.capitalize() for word in _WORD.findall(service_id)).removesuffix("Service")


def to_request(shape: Shape | None, value: Json) -> object:
    """Convert parameters to botocore's format: the API's member names, and JSON strings where expected."""
    if isinstance(shape, StructureShape):
        if not isinstance(value, Mapping):
            # Where DynamoDB expects a value, the SDK for Java turns a string into a value of type S.
            return {"S": value} if shape.name == ATTRIBUTE_VALUE and isinstance(value, str) else {}
        names = names_of(shape, java=True)
        members: Mapping[str, Shape] = shape.members
        return {
            (name := names.get(key, str(key))): to_request(members.get(name), member)
            for key, member in value.items()
            if member is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_request(shape.member, member) for member in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {key: to_request(shape.value, member) for key, member in value.items()}
    if shape is not None and shape.type_name == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value, value)
    if shape is None or shape.type_name not in ("string", "blob"):
        return value
    text = value if isinstance(value, str) else to_text(value)
    return text.encode("utf-8", "surrogatepass") if shape.type_name == "blob" else text


def to_result(shape: Shape | None, value: Any) -> Json:
    """Convert a botocore response to Step Functions format: capitalized member names, only JSON values."""
    if isinstance(shape, StructureShape):
        members: Mapping[str, Shape] = shape.members
        return {
            capitalized(str(name)): to_result(members.get(name), member) for name, member in value.items()
        }
    if isinstance(shape, MapShape):
        return {key: to_result(shape.value, member) for key, member in value.items()}
    if isinstance(shape, ListShape):
        return [to_result(shape.member, member) for member in value]
    if isinstance(value, datetime):
        return format_timestamp(value.astimezone(UTC).timestamp())
    if hasattr(value, "read"):
        value = value.read()
    return value.decode(errors="replace") if isinstance(value, bytes | bytearray) else value
