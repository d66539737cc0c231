"""What the parts of the parser share: the list of problems and readers of single fields."""

from __future__ import annotations

from typing import Any, Final

from ..payload import Value
from ..query.jsonata import InvalidExpression, compile_jsonata, is_expression
from ..query.jsonpath import JsonPath
from ..query.jsonpath_steps import InvalidPath
from ..query.template import Expression, PathExpression, compile_path, compile_payload_template
from .problems import SCHEMA_VALIDATION_FAILED, Problem

Object = dict[str, Any]


class Problems:
    """The problems found so far."""

    def __init__(self) -> None:
        self.found: Final[list[Problem]] = []

    def add(self, code: str, message: str, location: str | None) -> None:
        """Note a problem."""
        self.found.append(Problem(code, message, location))

    def schema(self, message: str, location: str) -> None:
        """Note a SCHEMA_VALIDATION_FAILED."""
        self.add(SCHEMA_VALIDATION_FAILED, message, location)

    def unsupported(self, what: str, location: str) -> None:
        """Note something that AWS allows and this interpreter does not do, rather than run without it."""
        self.add("NOT_SUPPORTED_HERE", f"{what} is not supported by this interpreter", location)


def optional_whole_number(
    source: Object, field: str, location: str, problems: Problems, *, minimum: int, maximum: int = 99_999_999
) -> int | None:
    """A whole number within bounds, None when the field is absent or wrong."""
    value = source.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        problems.schema(
            f"The value must be an integer between {minimum} and {maximum}", f"{location}/{field}"
        )
        return None
    return value


def optional_text(source: Object, field: str, location: str, problems: Problems) -> str | None:
    """A string, None when the field is absent or wrong."""
    value = source.get(field)
    if value is None or isinstance(value, str):
        return value
    problems.schema("The value must be a string", f"{location}/{field}")
    return None


def read_path(source: Object, field: str, location: str, problems: Problems) -> PathExpression | None:
    """A path, `$` when absent, None when it is null."""
    text = source.get(field, "$")
    if text is None:
        return None
    try:
        return compile_path(text)
    except (ValueError, AttributeError, TypeError):
        problems.schema("Value is not a valid JSONPath", f"{location}/{field}")
        return None


def read_reference_path(source: Object, field: str, location: str, problems: Problems) -> JsonPath | None:
    """A Reference Path, `$` when absent, None when it is null."""
    path = read_path(source, field, location, problems)
    if path is None:
        return None
    if not path.path.is_reference or path.path.root != "$":
        problems.schema("Value is not a Reference Path", f"{location}/{field}")
    return path.path


def read_template(source: Object, field: str, location: str, problems: Problems) -> Expression | None:
    """A JSONPath payload template, None when absent."""
    if field not in source:
        return None
    try:
        return compile_payload_template(source[field])
    except InvalidPath as error:
        name = error.location.rpartition("/")[2]
        message = (
            f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
        )
        problems.schema(message, f"{location}/{field}{error.location}")
        return None


def read_jsonata(source: Object, field: str, location: str, problems: Problems) -> Expression | None:
    """A JSONata template, None when absent."""
    return compile_or_note(source[field], field, f"{location}/{field}", problems) if field in source else None


def compile_or_note(value: Value, name: str, location: str, problems: Problems) -> Expression | None:
    """The compiled JSONata template; a broken expression is noted."""
    try:
        return compile_jsonata(value, name)
    except InvalidExpression as error:
        problems.add(error.code, str(error), location + error.location.removeprefix(name))
        return None


__all__ = [
    "Object",
    "Problems",
    "compile_or_note",
    "is_expression",
    "optional_text",
    "optional_whole_number",
    "read_jsonata",
    "read_path",
    "read_reference_path",
    "read_template",
]
