"""Intrinsic function calls, `States.Name(argument, ...)`, parsed once into expressions."""

from __future__ import annotations

import re
from typing import Final

from harness.json_types import Json

from ..errors import QueryError
from ..payload import to_text
from . import intrinsics
from .expressions import Constant, Expression
from .jsonpath.names import end_of_bracket
from .jsonpath.steps import InvalidPath
from .paths import PathExpression, compile_path
from .scope import Scope

_STRING: Final = re.compile(r"'((?:[^'\\]|\\['{}\\])*)'")
_NUMBER: Final = re.compile(r"-?\d{1,300}(\.\d+)?([eE][+-]?\d{1,5})?", re.ASCII)
_MOST_NESTED: Final = 10
"""https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html"""


class FunctionExpression:
    """A call to an intrinsic function."""

    __slots__ = ("_arguments", "_name")

    def __init__(self, name: str, arguments: tuple[Expression[Json], ...]) -> None:
        self._name: Final = name
        self._arguments: Final = arguments

    def evaluate(self, scope: Scope) -> Json:
        """Call the function."""
        values = [argument.evaluate(scope) for argument in self._arguments]
        return intrinsics.call(self._name, values, scope.randomness)


class ArgumentExpression:
    """A path as a function argument, with AWS's error messages for it."""

    __slots__ = ("_path",)

    def __init__(self, path: PathExpression) -> None:
        self._path: Final = path

    def evaluate(self, scope: Scope) -> Json:
        """Return the selected value."""
        try:
            return self._path.evaluate(scope)
        except QueryError as error:
            if "can only be applied to arrays" in error.message:
                raise QueryError(error.message.partition(" : ")[2]) from None
            # For a path in the context object, AWS writes $ instead of $$, and shows the state's data.
            shown = self._path.path.text.replace("$$", "$", 1)
            raise QueryError(
                f"The JsonPath argument for the field '{shown}' could not be found in the input "
                f"'{to_text(scope.data)}'"
            ) from None


def compile_call(text: str) -> FunctionExpression:
    """Compile a call.

    Raises:
        InvalidPath: the text is not a call to an existing function.
    """
    return _CallParser(text).parse()


class _CallParser:
    """Parser for `States.Name(argument, ...)`: strings in single quotes, numbers, words, paths, calls."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0

    def parse(self) -> FunctionExpression:
        expression = self._call()
        self._skip()
        if self._position != len(self._text):
            raise self._invalid()
        return expression

    def _invalid(self) -> InvalidPath:
        return InvalidPath(f"'{self._text}' is neither a path nor an intrinsic function")

    def _skip(self) -> None:
        while self._peek().isspace():
            self._position += 1

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _call(self) -> FunctionExpression:
        self._skip()
        opening = self._text.find("(", self._position)
        name = self._text[self._position : opening].strip() if opening > 0 else ""
        if name not in intrinsics.FUNCTIONS:
            raise self._invalid()
        self._position = opening + 1
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise InvalidPath(f"'{self._text}' has more than {_MOST_NESTED} nested functions")
        arguments: list[Expression[Json]] = []
        self._skip()
        while self._peek() != ")":
            if arguments:
                if self._peek() != ",":
                    raise self._invalid()
                self._position += 1
            # States.Format needs the escaped braces in its template, and removes the escapes itself.
            arguments.append(self._argument(keep_escapes=name == "States.Format" and not arguments))
            self._skip()
        self._position += 1
        self._depth -= 1
        return FunctionExpression(name, tuple(arguments))

    def _argument(self, *, keep_escapes: bool) -> Expression[Json]:
        self._skip()
        if self._peek() == "'":
            return Constant(self._string(keep_escapes=keep_escapes))
        if self._text.startswith("States.", self._position):
            return self._call()
        word = self._word()
        if word.startswith("$"):
            return ArgumentExpression(compile_path(word))
        constants: dict[str, Json] = {"true": True, "false": False, "null": None}
        if word in constants:
            return Constant(constants[word])
        if not _NUMBER.fullmatch(word):
            raise self._invalid()
        return Constant(float(word) if any(sign in word for sign in ".eE") else int(word))

    def _string(self, *, keep_escapes: bool) -> str:
        string = _STRING.match(self._text, self._position)
        if string is None:
            raise self._invalid()
        self._position = string.end()
        return re.sub(r"\\(')" if keep_escapes else r"\\(.)", r"\1", string[1])

    def _word(self) -> str:
        """Read up to the comma or parenthesis that ends an argument. Inside brackets, both are part of it."""
        start = self._position
        while (character := self._peek()) and character not in ",)":
            if character in "[(":
                is_filter = self._text.startswith("[?", self._position)
                self._position = end_of_bracket(
                    self._text, self._position, skipped="'\"/" if is_filter else "'\""
                )
            self._position += 1
        return self._text[start : self._position].strip()
