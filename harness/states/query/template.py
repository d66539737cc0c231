"""Payload templates and expressions of both query languages, compiled once.

Every compiled piece is an `Expression`: `evaluate(scope)` gives a JSON value. Parts of a template in which
nothing is computed are constants and are shared, not copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol

from ..errors import IndexBeyondArray, QueryError
from ..payload import Value, to_text
from . import intrinsics
from .jsonpath import JsonPath
from .jsonpath_steps import InvalidPath
from .scope import Scope


class Expression(Protocol):
    """Something that has a value in a scope."""

    def evaluate(self, scope: Scope) -> Value:
        """Its value; raises QueryError when there is none."""


class Constant:
    """A value that is written down in the definition."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value: Final = value

    def evaluate(self, scope: Scope) -> Value:
        """The value itself."""
        return self.value


class PathExpression:
    """A JSONPath, e.g. of InputPath: raises in Jayway's words."""

    __slots__ = ("path",)

    def __init__(self, path: JsonPath) -> None:
        self.path: Final = path

    def evaluate(self, scope: Scope) -> Value:
        """The value that the path selects."""
        root = scope.root(self.path)
        if not self.path.steps:
            return root
        try:
            return self.path.find(root)
        except QueryError as error:
            kind = type(error)
            raise kind(f"Invalid path '{self.path.text}' : {error.message}", error.error) from None


class ArgumentExpression:
    """A path as the argument of a function: raises in the words that AWS has there."""

    __slots__ = ("_path",)

    def __init__(self, path: PathExpression) -> None:
        self._path: Final = path

    def evaluate(self, scope: Scope) -> Value:
        """The value that the path selects."""
        try:
            return self._path.evaluate(scope)
        except QueryError as error:
            if "can only be applied to arrays" in error.message:
                raise QueryError(error.message.partition(" : ")[2]) from None
            # AWS writes the path as it is inside of the context object, and shows the state's data.
            shown = self._path.path.text.replace("$$", "$", 1)
            raise QueryError(
                f"The JsonPath argument for the field '{shown}' could not be found in the input "
                f"'{to_text(scope.data)}'"
            ) from None


class FieldExpression:
    """A path or function as the value of a template's field: raises naming the field."""

    __slots__ = ("_expression", "_field", "_text")

    def __init__(self, expression: PathExpression | FunctionExpression, field: str, text: str) -> None:
        self._expression: Final = expression
        self._field: Final = field
        self._text: Final = text

    def evaluate(self, scope: Scope) -> Value:
        """The value of the path or function; null for an index beyond an array, as on AWS."""
        try:
            return self._expression.evaluate(scope)
        except IndexBeyondArray:
            return None
        except QueryError as error:
            if isinstance(self._expression, FunctionExpression):
                raise QueryError(
                    f"The function '{self._text}' had the following error: {error.message}", error.error
                ) from None
            searched = scope.context() if self._expression.path.root == "$$" else scope.data
            raise QueryError(
                f"The JSONPath '{self._text}' specified for the field '{self._field}' "
                f"could not be found in the input '{to_text(searched)}'"
            ) from None


class FunctionExpression:
    """A call of an intrinsic function."""

    __slots__ = ("_arguments", "_name")

    def __init__(self, name: str, arguments: tuple[Expression, ...]) -> None:
        self._name: Final = name
        self._arguments: Final = arguments

    def evaluate(self, scope: Scope) -> Value:
        """The function's value."""
        values = [argument.evaluate(scope) for argument in self._arguments]
        return intrinsics.call(self._name, values, scope.randomness)


class ObjectExpression:
    """An object some of whose values are computed."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Expression]) -> None:
        self._fields: Final = tuple(fields.items())

    def evaluate(self, scope: Scope) -> Value:
        """The object."""
        return {name: expression.evaluate(scope) for name, expression in self._fields}


class ArrayExpression:
    """An array some of whose items are computed."""

    __slots__ = ("_items",)

    def __init__(self, items: tuple[Expression, ...]) -> None:
        self._items: Final = items

    def evaluate(self, scope: Scope) -> Value:
        """The array."""
        return [item.evaluate(scope) for item in self._items]


@lru_cache(maxsize=4096)
def compile_path(text: str) -> PathExpression:
    """A path as InputPath, Variable and the like have it.

    Raises:
        InvalidPath: the text is not a path.
    """
    return PathExpression(JsonPath(text))


def compile_path_or_function(text: str, field: str) -> FieldExpression:
    """What a field whose name ends in `.$` holds: a path or an intrinsic function.

    Raises:
        InvalidPath: the text is neither.
    """
    if text.startswith("$"):
        return FieldExpression(compile_path(text), field, text)
    return FieldExpression(_FunctionParser(text).parse(), field, text)


def compile_payload_template(template: Value, location: str = "") -> Expression:
    """A JSONPath payload template such as Parameters: names that end in `.$` are computed.

    Raises:
        InvalidPath: a computed field holds neither a path nor a function; it says which.
    """
    if isinstance(template, dict):
        fields = dict(_compile_field(name, value, f"{location}/{name}") for name, value in template.items())
        computed = any(not isinstance(field, Constant) for field in fields.values())
        return ObjectExpression(fields) if computed else Constant(template)
    if isinstance(template, list):
        items = tuple(compile_payload_template(item, f"{location}[{at}]") for at, item in enumerate(template))
        computed = any(not isinstance(item, Constant) for item in items)
        return ArrayExpression(items) if computed else Constant(template)
    return Constant(template)


def _compile_field(name: str, value: Value, location: str) -> tuple[str, Expression]:
    if not name.endswith(".$"):
        return name, compile_payload_template(value, location)
    try:
        return name[:-2], compile_path_or_function(value, name)
    except (ValueError, AttributeError) as error:
        raise InvalidPath(str(error), location) from None


class _FunctionParser:
    """Reads `States.Name(argument, ...)`: strings in single quotes, numbers, words, paths, calls."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

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
        arguments: list[Expression] = []
        self._skip()
        while self._peek() != ")":
            if arguments:
                if self._peek() != ",":
                    raise self._invalid()
                self._position += 1
            arguments.append(self._argument())
            self._skip()
        self._position += 1
        return FunctionExpression(name, tuple(arguments))

    def _argument(self) -> Expression:
        self._skip()
        if self._peek() == "'":
            return Constant(self._string())
        if self._text.startswith("States.", self._position):
            return self._call()
        word = self._word()
        if word.startswith("$"):
            return ArgumentExpression(compile_path(word))
        constants: dict[str, Value] = {"true": True, "false": False, "null": None}
        if word in constants:
            return Constant(constants[word])
        try:
            return Constant(float(word) if any(sign in word for sign in ".eE") else int(word))
        except ValueError:
            raise self._invalid() from None

    def _string(self) -> str:
        characters: list[str] = []
        self._position += 1
        while (character := self._peek()) != "'":
            if not character:
                raise self._invalid()
            if character == "\\":
                following = self._text[self._position + 1 : self._position + 2]
                self._position += 1
                # Format takes the other escapes away itself.
                character = "'" if following == "'" else character + following
            characters.append(character)
            self._position += 1
        self._position += 1
        return "".join(characters)

    def _word(self) -> str:
        """The text up to the comma or parenthesis that ends an argument; brackets may hold both."""
        start, depth, quote = self._position, 0, ""
        while character := self._peek():
            if quote:
                quote = "" if character == quote else quote
            elif character in "'\"":
                quote = character
            elif character in "[(":
                depth += 1
            elif depth and character in "])":
                depth -= 1
            elif not depth and character in ",)":
                break
            self._position += 1
        return self._text[start : self._position].strip()
