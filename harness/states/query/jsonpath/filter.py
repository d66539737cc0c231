"""Filter expressions of JSONPath: the part between `[?` and `]`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from harness.json_types import Json

from ...errors import QueryError
from .literals import read_literal
from .names import end_of_bracket
from .relations import RELATIONS, UNDEFINED, NotApplicable, Value
from .search import Search, TooCostly
from .steps import Accepts, CompilePath, InvalidPath

Operand: TypeAlias = Callable[[Json, Search], Value]

_SIGN: Final = re.compile(r"[<>=~!]+")
_WORD: Final = re.compile(r"[A-Za-z]+(?= )")
_COMPARED: Final = ("==", "!=", "===", "!==", "<", "<=", ">", ">=")
_END_OF_PATH: Final = re.compile(r"[ \[()<>=~!]|&&|\|\||$")


def compile_filter(text: str, compile_path: CompilePath) -> Accepts:
    """Compile a filter to a predicate, e.g. `(@.status == 0 && @.name =~ /a.*/)`.

    Args:
        compile_path: compiles the paths in the filter, which begin with `$`.

    Raises:
        InvalidPath: the text is not a filter.
    """
    try:
        accepts = _FilterReader(text, compile_path).read()
    except (ValueError, re.error) as error:
        raise InvalidPath(f"invalid filter {text}: {error}") from None

    def within(node: Json, search: Search) -> bool:
        try:
            return accepts(node, search)
        except NotApplicable:
            return False

    return within


class _FilterReader:
    """Recursive descent parser, from lowest to highest precedence: or, and, negation, comparison, operand."""

    def __init__(self, text: str, compile_path: CompilePath) -> None:
        self._text: Final = text
        self._compile_path: Final = compile_path
        self._position = 0

    def read(self) -> Accepts:
        """Read the whole filter."""
        accepts = self._either()
        self._skip()
        if self._position != len(self._text):
            raise ValueError(f"unexpected text '{self._text[self._position :]}'")
        return accepts

    def _skip(self) -> None:
        while self._text[self._position : self._position + 1] == " ":
            self._position += 1

    def _take(self, sign: str) -> bool:
        self._skip()
        taken = self._text.startswith(sign, self._position)
        self._position += len(sign) if taken else 0
        return taken

    def _either(self) -> Accepts:
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda node, search: any(part(node, search) for part in parts)

    def _both(self) -> Accepts:
        parts = [self._negation()]
        while self._take("&&"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda node, search: all(part(node, search) for part in parts)

    def _negation(self) -> Accepts:
        negated = 0
        self._skip()
        while re.compile(r"! *(?=[!(])").match(self._text, self._position):
            self._take("!")
            self._skip()
            negated += 1
        inner = self._group() if self._take("(") else self._comparison()
        return inner if negated % 2 == 0 else lambda node, search: not inner(node, search)

    def _group(self) -> Accepts:
        inner = self._either()
        if not self._take(")"):
            raise ValueError(f"expected ')' at '{self._text[self._position :]}'")
        return inner

    def _comparison(self) -> Accepts:
        self._skip()
        absent = self._take("!")
        path, left = self._path() if self._is_path() else (None, self._constant(bare=False))
        self._skip()
        sign = _SIGN.match(self._text, self._position) or _WORD.match(self._text, self._position)
        relation = RELATIONS.get(sign[0].upper()) if sign else None
        if sign and relation:  # Jayway ignores a "!" before it
            self._position = sign.end()
            right = self._operand(bare=sign[0] in _COMPARED)
            return lambda node, search: relation(left(node, search), right(node, search), search.spent())
        if path is None:
            raise ValueError("a constant needs an operator: only a path can stand alone")
        return (lambda node, search: not path(node, search)) if absent else path

    def _operand(self, *, bare: bool) -> Operand:
        self._skip()
        self._take("!")
        self._skip()
        return self._path()[1] if self._is_path() else self._constant(bare=bare)

    def _is_path(self) -> bool:
        self._skip()
        return self._text.startswith(("@", "$"), self._position)

    def _constant(self, *, bare: bool) -> Operand:
        value, self._position = read_literal(self._text, self._position, bare=bare)
        return lambda _node, _search: value

    def _path(self) -> tuple[Accepts, Operand]:
        """Read a path. Return a test of its existence, and a function that returns its value."""
        start = self._position
        self._position += 1
        while end := _END_OF_PATH.search(self._text, self._position):
            self._position = end.start()
            if end[0] not in ("[", "("):
                break
            self._position = end_of_bracket(self._text, self._position) + 1
        relative = self._text[start] == "@"
        path = self._compile_path("$" + self._text[start + 1 : self._position])

        def exists(node: Json, search: Search) -> bool:
            return path.leads_somewhere(node if relative else search.root, search.spent())

        def value(node: Json, search: Search) -> Value:
            try:
                return path.find_in(node if relative else search.root, search)
            except TooCostly:
                raise
            except QueryError:
                return UNDEFINED

        return exists, value
