"""Errors of DynamoDB's API."""

from __future__ import annotations

from collections.abc import Mapping

from harness.json_types import Json, JsonObject

_OWN = "com.amazonaws.dynamodb.v20120810"
_PREFIXES = {
    "ValidationException": "com.amazon.coral.validate",
    "SerializationException": "com.amazon.coral.service",
    "AccessDeniedException": "com.amazon.coral.service",
}
_SEEN = {str: "STRING", int: "NUMBER", float: "DECIMAL"}


class Refused(Exception):
    """A request that DynamoDB rejects. `members` are the members of the error except its message."""

    def __init__(self, code: str, message: str, members: JsonObject | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.members = members or {}

    def body(self) -> JsonObject:
        """Return the response body. As on AWS, errors with additional members use the key `Message`."""
        kind = f"{_PREFIXES.get(self.code, _OWN)}#{self.code}"
        return {"__type": kind, **self.members, "Message" if self.members else "message": self.message}


def invalid(message: str) -> Refused:
    """Return a ValidationException."""
    return Refused("ValidationException", message)


def wrong_values(message: str) -> Refused:
    """Return the ValidationException for a value that items cannot contain."""
    return invalid(f"One or more parameter values were invalid: {message}")


def wrong_json(wanted: str, given: object) -> Refused:
    """Return the error from AWS's parser for JSON of the wrong type.

    Args:
        wanted: a type in the model: `string`, `blob`, `map`.
    """
    if isinstance(given, dict | list):
        kind = "structure or map" if isinstance(given, dict) else "list"
        return Refused("SerializationException", f"Start of {kind} found where not expected")
    if wanted in ("list", "map", "structure"):
        return Refused("SerializationException", "Unexpected field type")
    seen = str(given).upper() if isinstance(given, bool) else _SEEN.get(type(given), "NULL")
    return Refused("SerializationException", f"{seen}_VALUE cannot be converted to {wanted.capitalize()}")


def no_table(name: str | None = None) -> Refused:
    """Return the error for a table that does not exist. Only table operations include the table name in
    the error.
    """
    named = "" if name is None else f": Table: {name} not found"
    return Refused("ResourceNotFoundException", f"Requested resource not found{named}")


def condition_failed(item: Mapping[str, Json] | None) -> Refused:
    """Return the error for a condition that is not met. It includes the item if the request asks for it."""
    members: JsonObject = {} if item is None else {"Item": dict(item)}
    return Refused("ConditionalCheckFailedException", "The conditional request failed", members)
