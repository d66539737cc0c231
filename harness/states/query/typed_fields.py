"""Computed fields whose value must be a number, a timestamp or a string, e.g. `MaxConcurrencyPath`.

Each field is an expression that checks its value and raises AWS's messages for invalid values.
"""

from __future__ import annotations

import re
from typing import Final

from harness.json_types import Json

from ..errors import QUERY_EVALUATION_ERROR, QueryError
from ..timestamps import parse_timestamp
from .choice_rules import unexpected_type
from .expressions import Expression
from .intrinsics import java_text
from .jsonata.expression import JsonataExpression
from .paths import PathExpression, compile_path
from .scope import Scope

MAX_WAIT_S: Final = 99_999_999  # https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html


_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_FLOAT: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


class NumberPath:
    """Path fields for numbers, such as `MaxConcurrencyPath`. The value is a number or a string of digits.

    Args:
        fractions: allow numbers that are not whole.
    """

    __slots__ = ("_field", "_fractions", "_path")

    def __init__(self, text: str, field: str, *, fractions: bool = False) -> None:
        """Compile the path. Raises InvalidPath if the text is not a path."""
        self._path: Final = compile_path(text)
        self._field: Final = field
        self._fractions: Final = fractions

    def evaluate(self, scope: Scope) -> float:
        """Return the number."""
        value = self._path.evaluate(scope)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, float) and self._fractions:
            return value
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        if isinstance(value, str) and self._fractions and _FLOAT.fullmatch(value):
            return float(value)
        kind = "a valid float" if self._fractions else "a valid integer"
        raise QueryError(
            f'The {self._field} field refers to value "{java_text(value)}" '
            f"which is not {kind}: {self._path.path.text}"
        )


class SecondsPath:
    """The `SecondsPath` field of a Wait state."""

    __slots__ = ("_path",)

    def __init__(self, text: str) -> None:
        """Compile the path. Raises InvalidPath if the text is not a path."""
        self._path: Final = compile_path(text)

    def evaluate(self, scope: Scope) -> int:
        """Return the seconds."""
        text = self._path.path.text
        value = _parameter(self._path, "SecondsPath", scope)
        if not isinstance(value, int) or isinstance(value, bool):
            shown = f"{text} == {java_text(value)}"
            raise QueryError(f"The SecondsPath parameter cannot be parsed as a long value: {shown}")
        if value < 0:
            raise QueryError(f"The SecondsPath parameter references a negative value: {text} == {value}")
        if value > MAX_WAIT_S:
            raise QueryError(
                f"The SecondsPath parameter references a value that is too large: {text} == {value}"
            )
        return value


class TimestampPath:
    """The `TimestampPath` field of a Wait state."""

    __slots__ = ("_path",)

    def __init__(self, text: str) -> None:
        """Compile the path. Raises InvalidPath if the text is not a path."""
        self._path: Final = compile_path(text)

    def evaluate(self, scope: Scope) -> float:
        """Return the time in seconds since 1970."""
        value = _parameter(self._path, "TimestampPath", scope)
        moment = parse_timestamp(value)
        if moment is None:
            raise QueryError(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
                f"format string: {self._path.path.text} == {java_text(value)}"
            )
        return moment


class JsonataNumber:
    """A number computed by JSONata. It must be whole unless `fractions` are allowed."""

    __slots__ = ("_expression", "_fractions", "_maximum", "_minimum")

    def __init__(
        self,
        expression: JsonataExpression,
        *,
        minimum: int,
        maximum: int = MAX_WAIT_S,
        fractions: bool = False,
    ) -> None:
        self._expression: Final = expression
        self._minimum: Final = minimum
        self._maximum: Final = maximum
        self._fractions: Final = fractions

    def evaluate(self, scope: Scope) -> float:
        """Return the number."""
        value = self._expression.evaluate(scope)
        kinds = (int, float) if self._fractions else (int,)
        if not isinstance(value, kinds) or isinstance(value, bool):
            expected = "number" if self._fractions else "integer"
            raise self._expression.failure(unexpected_type(expected, value))
        if not self._minimum <= value <= self._maximum:
            bounds = f"between {self._minimum} and {self._maximum}"
            raise self._expression.failure(f"returned a value outside the allowed range, {bounds}: {value}")
        return value


class JsonataTimestamp:
    """The `Timestamp` field of a Wait state, computed by JSONata."""

    __slots__ = ("_expression",)

    def __init__(self, expression: JsonataExpression) -> None:
        self._expression: Final = expression

    def evaluate(self, scope: Scope) -> float:
        """Return the time in seconds since 1970."""
        value = self._expression.evaluate(scope)
        if not isinstance(value, str):
            raise self._expression.failure(unexpected_type("string", value))
        moment = parse_timestamp(value)
        if moment is None:
            cause = (
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format "
                f"string: {value}"
            )
            raise QueryError(cause, QUERY_EVALUATION_ERROR, self._expression.location, follows_entry=True)
        return moment


class JsonataText:
    """The `Error` or `Cause` field of a Fail state, computed by JSONata."""

    __slots__ = ("_expression",)

    def __init__(self, expression: JsonataExpression) -> None:
        self._expression: Final = expression

    def evaluate(self, scope: Scope) -> str:
        """Return the string."""
        value = self._expression.evaluate(scope)
        if not isinstance(value, str):
            raise self._expression.failure(unexpected_type("string", value))
        return value


class TextPath:
    """The `ErrorPath` or `CausePath` field of a Fail state: a path or a function that returns a string."""

    __slots__ = ("_expression", "_field")

    def __init__(self, expression: Expression[Json], field: str) -> None:
        self._expression: Final = expression
        self._field: Final = field

    def evaluate(self, scope: Scope) -> str:
        """Return the string."""
        value = self._expression.evaluate(scope)
        if not isinstance(value, str):
            raise QueryError(f"The {self._field} field does not refer to a string: {java_text(value)}")
        return value


def _parameter(path: PathExpression, field: str, scope: Scope) -> Json:
    """Return the value of a Wait state's path.

    Raises:
        QueryError: the path has no value.
    """
    try:
        return path.evaluate(scope)
    except QueryError:
        raise QueryError(
            f"The {field} parameter does not reference an input value: {path.path.text}"
        ) from None
