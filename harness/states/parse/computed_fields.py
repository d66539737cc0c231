"""Parsers for fields that are a literal, a `...Path` or a JSONata expression."""

from __future__ import annotations

from typing import Final

from ..query.expressions import Constant, Expression
from ..query.jsonata.expression import JsonataExpression, is_expression
from ..query.jsonpath.steps import InvalidPath
from ..query.template import compile_path_or_function
from ..query.typed_fields import (
    MAX_WAIT_S,
    JsonataNumber,
    JsonataText,
    JsonataTimestamp,
    NumberPath,
    SecondsPath,
    TextPath,
    TimestampPath,
)
from ..timestamps import parse_timestamp
from .source import Source

_TEXT_FUNCTIONS: Final = tuple(
    f"States.{name}"
    for name in ("Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID")
)
"""Functions that are allowed in ErrorPath and CausePath.
https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
"""


def read_number(
    source: Source, field: str, *, minimum: int, maximum: int = MAX_WAIT_S, fractions: bool = False
) -> Expression[float] | None:
    """Read a number from `field` or `<field>Path`."""
    if f"{field}Path" in source and not source.jsonata:
        source.at_most_one(field, f"{field}Path")
        return _number_path(source, f"{field}Path", fractions=fractions)
    if source.jsonata and is_expression(source.get(field)):
        expression = source.jsonata_template(field)
        if isinstance(expression, JsonataExpression):
            return JsonataNumber(expression, minimum=minimum, maximum=maximum, fractions=fractions)
        return None
    value = source.number(field, minimum=minimum, maximum=maximum, fractions=fractions)
    return None if value is None else Constant(value)


def _number_path(source: Source, field: str, *, fractions: bool) -> Expression[float] | None:
    path = source.path(field) if source.text(field) is not None else None
    if path is None:
        return None
    text = path.path.text
    if path.path.is_reference and path.path.root != "$$":
        return SecondsPath(text) if field == "SecondsPath" else NumberPath(text, field, fractions=fractions)
    source.refuse("Value is not a Reference Path", field)
    return None


def read_timestamp(source: Source) -> Expression[float] | None:
    """Read Wait's Timestamp or TimestampPath as seconds since 1970."""
    if "TimestampPath" in source and not source.jsonata:
        path = source.path("TimestampPath") if source.text("TimestampPath") is not None else None
        if path is not None and not path.path.is_reference:
            source.refuse("Value is not a Reference Path", "TimestampPath")
        return None if path is None else TimestampPath(path.path.text)
    if source.jsonata and is_expression(source.get("Timestamp")):
        expression = source.jsonata_template("Timestamp")
        return JsonataTimestamp(expression) if isinstance(expression, JsonataExpression) else None
    text = source.text("Timestamp")
    moment = parse_timestamp(text)
    if text is not None and moment is None:
        source.refuse("String does not match RFC3339 timestamp", "Timestamp")
    return None if moment is None else Constant(moment)


def read_text(source: Source, field: str) -> Expression[str] | None:
    """Read Fail's Error or Cause, or its `...Path`."""
    path = f"{field}Path"
    if path in source and not source.jsonata:
        source.at_most_one(field, path)
        return _text_path(source, path)
    if source.jsonata and is_expression(source.get(field)):
        expression = source.jsonata_template(field)
        return JsonataText(expression) if isinstance(expression, JsonataExpression) else None
    text = source.text(field)
    return None if text is None else Constant(text)


def _text_path(source: Source, field: str) -> Expression[str] | None:
    text = source.text(field)
    if text is None:
        return None
    function = text.partition("(")[0].strip()
    try:
        if text.startswith("$") or function in _TEXT_FUNCTIONS:
            return TextPath(compile_path_or_function(text, field), field)
    except InvalidPath:
        pass
    source.refuse(
        "Value must be a valid JSONPath, or a valid call of an intrinsic function that returns a string "
        f"({', '.join(_TEXT_FUNCTIONS)}).",
        field,
    )
    return None
