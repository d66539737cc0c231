"""Payload templates in JSONPath states. Fields whose names end in `.$` are computed."""

from __future__ import annotations

from typing import Final

from harness.json_types import Json

from ..errors import IndexBeyondArray, QueryError
from ..payload import to_text
from .expressions import Expression, compiled
from .function_calls import FunctionExpression, compile_call
from .jsonpath.steps import InvalidPath
from .paths import PathExpression, compile_path
from .scope import Scope


class FieldExpression:
    """A path or function as the value of a template field. Errors name the field."""

    __slots__ = ("_expression", "_field", "_text")

    def __init__(self, expression: PathExpression | FunctionExpression, field: str, text: str) -> None:
        self._expression: Final = expression
        self._field: Final = field
        self._text: Final = text

    def evaluate(self, scope: Scope) -> Json:
        """Return the value of the path or function. As on AWS, an index beyond an array returns null."""
        try:
            return self._expression.evaluate(scope)
        except IndexBeyondArray:
            return None
        except QueryError as error:
            if isinstance(self._expression, FunctionExpression):
                raise QueryError(
                    f"The function '{self._text}' had the following error: {error.message}", error.error
                ) from None
            searched = scope.context(True) if self._expression.path.root == "$$" else scope.data
            raise QueryError(
                f"The JSONPath '{self._text}' specified for the field '{self._field}' "
                f"could not be found in the input '{to_text(searched)}'"
            ) from None


def compile_path_or_function(text: str, field: str) -> FieldExpression:
    """Compile the value of a field whose name ends in `.$`: a path or an intrinsic function.

    Raises:
        InvalidPath: the text is neither.
    """
    if text.startswith("$"):
        return FieldExpression(compile_path(text), field, text)
    if not text.startswith("States."):
        raise InvalidPath(f"'{text}' is neither a path nor an intrinsic function")
    return FieldExpression(compile_call(text), field, text)


def compile_payload_template(template: Json) -> Expression[Json]:
    """Compile a payload template such as Parameters.

    Raises:
        InvalidPath: a computed field is neither a path nor a function. The error's location names the field.
    """
    return compiled(template, "", _computed)


def _computed(name: str, value: Json, location: str) -> tuple[str, Expression[Json]] | None:
    if isinstance(value, dict):
        twice = next((field for field in value if f"{field}.$" in value), None)
        if twice is not None:
            place = f"{location}/{twice}.$"
            raise InvalidPath(f"The fields '{twice}' and '{twice}.$' can not both be given", place, said=True)
    if not name.endswith(".$"):
        return None
    if not isinstance(value, str):
        raise InvalidPath(f"{to_text(value)} is neither a path nor an intrinsic function", location)
    try:
        return name[:-2], compile_path_or_function(value, name)
    except ValueError as error:
        raise InvalidPath(str(error), location) from None
