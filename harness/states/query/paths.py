"""A JSONPath as an expression, e.g. in InputPath or Variable."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from harness.json_types import Json

from ..errors import QueryError
from .jsonpath.path import JsonPath
from .scope import Scope


class PathExpression:
    """A JSONPath that reports errors in Jayway's words."""

    __slots__ = ("path",)

    def __init__(self, path: JsonPath) -> None:
        self.path: Final = path

    def evaluate(self, scope: Scope) -> Json:
        """Return the selected value."""
        root = scope.root(self.path)
        if not self.path.steps:
            return root
        try:
            return self.path.find(root)
        except QueryError as error:
            kind = type(error)
            raise kind(f"Invalid path '{self.path.text}' : {error.message}", error.error) from None


@lru_cache(maxsize=4096)
def compile_path(text: str) -> PathExpression:
    """Compile a path.

    Raises:
        InvalidPath: the text is not a path.
    """
    return PathExpression(JsonPath(text))
