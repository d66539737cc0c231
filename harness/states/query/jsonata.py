"""JSONata expressions, `{% ... %}`, through the jsonata-python library.

The library is imported when the first expression is compiled, so that JSONPath machines start without it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeGuard

from harness.json_types import Json

from ..errors import QUERY_EVALUATION_ERROR, QueryError
from ..payload import read_json
from ..timestamps import format_timestamp
from .expressions import Expression, compiled
from .intrinsics import hash_text
from .jsonata_references import newer_operator, unsupported_reference
from .scope import Scope

INVALID_JSONATA_EXPRESSION: Final = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED_JSONATA_EXPRESSION: Final = "UNSUPPORTED_JSONATA_EXPRESSION"
_MAX_RANGE: Final = 360_145  # values of $range that AWS builds, measured by others
_OPENING: Final = "{%"
_CLOSING: Final = "%}"


class InvalidExpression(ValueError):
    """A text between `{%` and `%}` is not JSONata, or of a kind that AWS does not take.

    Attributes:
        code: AWS's word for what is wrong.
        location: the field that holds it, e.g. `Output/result`.
    """

    def __init__(self, message: str, location: str, code: str = INVALID_JSONATA_EXPRESSION) -> None:
        super().__init__(message)
        self.location = location
        self.code = code


@cache
def _library() -> Any:
    try:
        import jsonata  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, and needed by few machines
    except ImportError:
        raise RuntimeError("JSONata needs the package jsonata-python: pip install jsonata-python") from None
    return jsonata


def is_expression(value: Json) -> TypeGuard[str]:
    """Tell if a value of a definition is a JSONata expression: it begins and ends with the marks, exactly."""
    if not isinstance(value, str) or len(value) < len(_OPENING + _CLOSING):
        return False
    return value.startswith(_OPENING) and value.endswith(_CLOSING)


def compile_jsonata(template: Json, location: str) -> Expression[Json]:
    """Compile a template of a JSONata state: every string `{% ... %}` in it is computed.

    Args:
        location: the field's name, as EvaluationFailed shows it, e.g. `Output`.

    Raises:
        InvalidExpression: an expression is not JSONata.
    """
    return compiled(template, location, _computed)


def _computed(name: str, value: Json, location: str) -> tuple[str, Expression[Json]] | None:
    if is_expression(value):
        return name, JsonataExpression(value[len(_OPENING) : -len(_CLOSING)].strip(), location)
    if isinstance(value, str) and (value.startswith(_OPENING) or value.endswith(_CLOSING)):
        raise InvalidExpression(
            f"An expression must begin with '{_OPENING}' and end with '{_CLOSING}': {value}", location
        )
    return None


class JsonataExpression:
    """One compiled expression.

    Attributes:
        text: the expression without `{%` and `%}`.
        location: the field that holds it.
    """

    __slots__ = ("_compiled", "_names", "_states_fields", "location", "text")

    def __init__(self, text: str, location: str) -> None:
        self.text: Final = text
        self.location: Final = location
        self._names: Final = frozenset(re.findall(r"\$([A-Za-z_]\w*)", text))
        fields = frozenset(re.findall(r"\$states\s*\.\s*(\w+)", text))
        whole = len(re.findall(r"\$states\b", text)) != len(re.findall(r"\$states\s*\.\s*\w", text))
        self._states_fields: Final = None if whole else fields
        library = _library()
        if not location.startswith("Catch[") and (fields & {"errorOutput"}):
            reason = "Reference to '$states.errorOutput' is only supported in a Catch."
            raise InvalidExpression(reason, location, UNSUPPORTED_JSONATA_EXPRESSION)
        try:
            padded = f"{text} "  # the library cannot read a comment at the very end
            newer = newer_operator(padded, library.Tokenizer)
            self._compiled: Final = library.Jsonata(padded)
        except (library.JException, RecursionError, ValueError, IndexError) as error:
            raise InvalidExpression(str(error), location) from None
        if newer is not None:
            raise InvalidExpression(f'The symbol "{newer}" cannot be used as a unary operator', location)
        refused = unsupported_reference(self._compiled.ast)
        if refused:
            raise InvalidExpression(refused, location, UNSUPPORTED_JSONATA_EXPRESSION)
        self._compiled.set_output_convert_nulls(False)
        for name, function in _FUNCTIONS.items():
            self._compiled.register_lambda(name, function)

    def evaluate(self, scope: Scope) -> Json:
        """Evaluate the expression.

        Raises:
            QueryError: States.QueryEvaluationError, it failed or gave nothing.
        """
        try:
            result = self._compiled.evaluate(None, self._bindings(scope))
        except Exception as error:
            code = getattr(error, "error", None)
            shown = f"{code}: {error}" if code else str(error)
            raise self.failure(f"threw an error during evaluation. {shown}") from None
        if result is None:
            raise self.failure("returned nothing (undefined).")
        try:
            return _from_library(result)
        except TypeError:
            raise self.failure("returned a value that is not JSON.") from None

    def failure(self, what: str) -> QueryError:
        """Make the error of this expression; `what` is e.g. `returned nothing (undefined).`"""
        return QueryError(
            f"The JSONata expression '{self.text}' specified for the field '{self.location}' {what}",
            QUERY_EVALUATION_ERROR,
            self.location,
        )

    def _bindings(self, scope: Scope) -> dict[str, object]:
        """Give only what the expression names: turning data into the library's form costs a copy."""
        values = {name: value for name, value in scope.variables.visible().items() if name in self._names}
        if "states" in self._names:
            wanted = self._states_fields
            states = {name: value for name, value in scope.states.items() if wanted is None or name in wanted}
            if wanted is None or "context" in wanted:
                states["context"] = scope.context(False)
            values["states"] = states
        bindings: dict[str, object] = {name: _to_library(value) for name, value in values.items()}
        if "eval" in self._names:
            bindings["eval"] = None  # AWS does not offer it
        for name, function in _functions_of(scope).items():
            if name in self._names:
                bindings[name] = _library().Jsonata.JLambda(function)
        return bindings


def _to_library(value: Json) -> object:
    """Put the library's own null for None: to it, None is JSONata's undefined."""
    if value is None:
        return _library().Utils.NULL_VALUE
    if isinstance(value, dict):
        return {name: _to_library(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_to_library(item) for item in value]
    return value


def _from_library(value: object) -> Json:
    """Put None for the library's null; raises TypeError for what JSON cannot hold, such as a function."""
    if value is _library().Utils.NULL_VALUE:
        return None
    if isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, dict) and not _library().Utils.is_function(value):
        return {name: _from_library(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_from_library(item) for item in value]
    raise TypeError(f"not JSON: {value!r}")


def _functions_of(scope: Scope) -> dict[str, Callable[..., object]]:
    """Make the functions whose value depends on the execution: chance and the clock."""

    def now(picture: str | None = None, timezone: str | None = None) -> object:
        if picture is None and timezone is None:
            return format_timestamp(scope.now())
        millis = int(scope.now() * 1000)
        moment: object = _library().functions.Functions.datetime_from_millis(millis, picture, timezone)
        return moment

    return {
        "random": lambda seed=None: scope.randomness.fraction(None if seed is None else int(seed)),
        "uuid": scope.randomness.uuid,
        "now": now,
        "millis": lambda *_: int(scope.now() * 1000),
    }


# AWS's additions to JSONata's functions. Numbers are cut to whole ones; what makes no sense gives nothing.
# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html


def _partition(array: object = None, size: float | None = None) -> object:
    chunk = 0 if size is None else math.trunc(size)
    if array is None or not array or not chunk:
        return None
    if not isinstance(array, list):
        raise TypeError('Argument 1 of function "partition" must be an array')
    return [array[start : start + chunk] for start in range(0, len(array), chunk)]


def _range(start: float | None = None, end: float | None = None, step: float | None = None) -> object:
    if start is None or end is None or step is None:
        return None
    values = _whole_range(*(math.trunc(number) for number in (start, end, step)))
    if len(values) > _MAX_RANGE:
        raise ValueError("Expression evaluation memory limit exceeded")
    # A sequence of one is that one, as everywhere in JSONata.
    return values[0] if len(values) == 1 else list(values) or None


def _whole_range(start: int, end: int, step: int) -> range:
    return range(start, end + (1 if step > 0 else -1), step) if step else range(0)


def _hash(data: object = None, algorithm: str | None = None) -> str | None:
    if data is None or algorithm is None:
        return None
    return hash_text(_from_library(data), algorithm)


def _parse(text: str | None = None) -> object:
    return None if text is None else _to_library(read_json(text))


_FUNCTIONS: Final = {"partition": _partition, "range": _range, "parse": _parse, "hash": _hash}
