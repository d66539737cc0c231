"""Readers of fields that are a literal, a `...Path` or a JSONata expression."""

from __future__ import annotations

from ..query.expressions import Constant, Expression
from ..query.jsonata import JsonataExpression, is_expression
from ..query.jsonpath_steps import InvalidPath
from ..query.paths import compile_path
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


def read_number(
    source: Source, field: str, *, minimum: int, maximum: int = MAX_WAIT_S, fractions: bool = False
) -> Expression[float] | None:
    """Read a number from `field` or `<field>Path`."""
    if f"{field}Path" in source and not source.jsonata:
        source.at_most_one(field, f"{field}Path")
        return _number_path(source, f"{field}Path", fractions=fractions)
    value = source.get(field)
    if value is None:
        return None
    if source.jsonata and is_expression(value):
        expression = source.jsonata_template(field)
        if isinstance(expression, JsonataExpression):
            return JsonataNumber(expression, minimum=minimum, maximum=maximum, fractions=fractions)
        return None
    kinds = (int, float) if fractions else (int,)
    if not isinstance(value, kinds) or isinstance(value, bool) or not minimum <= value <= maximum:
        kind = "a number" if fractions else "an integer"
        source.refuse(f"The value must be {kind} between {minimum} and {maximum}", field)
        return None
    return Constant(value)


def _number_path(source: Source, field: str, *, fractions: bool) -> Expression[float] | None:
    text = str(source.get(field))
    try:
        path = compile_path(text).path
        if path.is_reference and path.root != "$$":
            if field == "SecondsPath":
                return SecondsPath(text)
            return NumberPath(text, field, fractions=fractions)
    except InvalidPath:
        pass
    source.refuse("Value is not a Reference Path", field)
    return None


def read_timestamp(source: Source) -> Expression[float] | None:
    """Read Wait's Timestamp or TimestampPath as seconds since 1970."""
    if "TimestampPath" in source and not source.jsonata:
        try:
            return TimestampPath(str(source.get("TimestampPath")))
        except InvalidPath:
            source.refuse("Value is not a Reference Path", "TimestampPath")
            return None
    value = source.get("Timestamp")
    if value is None:
        return None
    if source.jsonata and is_expression(value):
        expression = source.jsonata_template("Timestamp")
        return JsonataTimestamp(expression) if isinstance(expression, JsonataExpression) else None
    moment = parse_timestamp(value)
    if moment is None:
        source.refuse("Value is not a valid ISO-8601 extended offset date-time format string", "Timestamp")
        return None
    return Constant(moment)


def read_text(source: Source, field: str) -> Expression[str] | None:
    """Read Fail's Error or Cause, or its `...Path`."""
    path = f"{field}Path"
    if path in source and not source.jsonata:
        source.at_most_one(field, path)
        try:
            return TextPath(compile_path_or_function(str(source.get(path)), path), path)
        except InvalidPath:
            source.refuse("Value is neither a valid JSONPath nor an intrinsic function call", path)
            return None
    if source.jsonata and is_expression(source.get(field)):
        expression = source.jsonata_template(field)
        return JsonataText(expression) if isinstance(expression, JsonataExpression) else None
    text = source.text(field)
    return None if text is None else Constant(text)
