"""Readers of fields that are a literal, a `...Path` or a JSONata expression."""

from __future__ import annotations

from ..query.jsonata import JsonataExpression
from ..query.jsonpath_steps import InvalidPath
from ..query.template import Constant, Expression, compile_path_or_function
from ..query.typed_fields import (
    MAX_WAIT_S,
    JsonataNumber,
    JsonataTimestamp,
    SecondsPath,
    TextPath,
    TimestampPath,
    WholeNumberPath,
)
from ..timestamps import parse_timestamp
from .readers import Object, Problems, compile_or_note, is_expression, optional_text


def read_number(
    source: Object,
    field: str,
    location: str,
    problems: Problems,
    *,
    jsonata: bool,
    minimum: int,
    maximum: int = MAX_WAIT_S,
    fractions: bool = False,
) -> Expression | None:
    """A number from `field` or `<field>Path`, None when neither is there."""
    if f"{field}Path" in source and not jsonata:
        if field in source:
            problems.schema(f"Only one of '{field}' and '{field}Path' is allowed", f"{location}/{field}")
        return _number_path(source[f"{field}Path"], f"{field}Path", location, problems)
    value = source.get(field)
    if value is None:
        return None
    if jsonata and is_expression(value):
        expression = compile_or_note(value, field, f"{location}/{field}", problems)
        if isinstance(expression, JsonataExpression):
            return JsonataNumber(expression, minimum=minimum, maximum=maximum, fractions=fractions)
        return None
    kinds = (int, float) if fractions else (int,)
    if not isinstance(value, kinds) or isinstance(value, bool) or not minimum <= value <= maximum:
        kind = "a number" if fractions else "an integer"
        problems.schema(f"The value must be {kind} between {minimum} and {maximum}", f"{location}/{field}")
        return None
    return Constant(value)


def _number_path(text: object, field: str, location: str, problems: Problems) -> Expression | None:
    try:
        if field == "SecondsPath":
            return SecondsPath(str(text))
        return WholeNumberPath(str(text), field)
    except InvalidPath:
        problems.schema("Value is not a Reference Path", f"{location}/{field}")
        return None


def read_timestamp(source: Object, location: str, problems: Problems, *, jsonata: bool) -> Expression | None:
    """Wait's Timestamp or TimestampPath as seconds since 1970, None when neither is there."""
    if "TimestampPath" in source and not jsonata:
        try:
            return TimestampPath(str(source["TimestampPath"]))
        except InvalidPath:
            problems.schema("Value is not a Reference Path", f"{location}/TimestampPath")
            return None
    value = source.get("Timestamp")
    if value is None:
        return None
    if jsonata and is_expression(value):
        expression = compile_or_note(value, "Timestamp", f"{location}/Timestamp", problems)
        return JsonataTimestamp(expression) if isinstance(expression, JsonataExpression) else None
    moment = parse_timestamp(value)
    if moment is None:
        message = "Value is not a valid ISO-8601 extended offset date-time format string"
        problems.schema(message, f"{location}/Timestamp")
    return Constant(moment)


def read_text(
    source: Object, field: str, location: str, problems: Problems, *, jsonata: bool
) -> Expression | None:
    """Fail's Error or Cause, or its `...Path`; None when neither is there."""
    path = f"{field}Path"
    if path in source and not jsonata:
        try:
            return TextPath(compile_path_or_function(str(source[path]), path), path)
        except InvalidPath:
            problems.schema(
                "Value is neither a valid JSONPath nor an intrinsic function call", f"{location}/{path}"
            )
            return None
    value = source.get(field)
    if jsonata and is_expression(value):
        return compile_or_note(value, field, f"{location}/{field}", problems)
    text = optional_text(source, field, location, problems)
    return None if text is None else Constant(text)
