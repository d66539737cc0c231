"""Expressions for `-k` and `-m`, in pytest's grammar: names with `and`, `or`, `not` and parentheses.

expression = term {"or" term}
term       = factor {"and" factor}
factor     = "not" factor | "(" expression ")" | name
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

Has = Callable[[str], bool]
_WORDS: Final = ("and", "not", "or")
_TOKEN: Final = re.compile(r"\s*(?:(?P<mark>[()])|(?P<name>[^\s()]+))")
_END: Final = ""
_DEEPEST: Final = 100


class ExpressionError(Exception):
    """An expression is invalid. The message gives the position and the remedy."""


@dataclass(frozen=True)
class Expression:
    """An expression. `names` contains the names in it.

    >>> found = Expression.of("slow and not (aws or beta)")
    >>> found.matches({"slow"}.__contains__), found.matches({"slow", "beta"}.__contains__)
    (True, False)
    """

    text: str
    names: tuple[str, ...]
    matches: Callable[[Has], bool] = field(compare=False)

    @classmethod
    def of(cls, text: str) -> Expression:
        """Parse an expression.

        Raises:
            ExpressionError: it is invalid.
        """
        reader = _Reader(text)
        matches = reader.whole()
        return cls(text, tuple(dict.fromkeys(reader.names)), matches)


class _Reader:
    """Parse one expression, token by token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._deep = 0
        self.names: list[str] = []

    def whole(self) -> Callable[[Has], bool]:
        found = self._any()
        if self._next[0] != _END:
            raise self._error("expected and, or, or the end")
        return found

    @property
    def _next(self) -> tuple[str, int]:
        return self._tokens[0]

    def _take(self, token: str) -> bool:
        if self._next[0] != token:
            return False
        self._tokens.pop(0)
        return True

    def _any(self) -> Callable[[Has], bool]:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda has: any(part(has) for part in parts)

    def _all(self) -> Callable[[Has], bool]:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda has: all(part(has) for part in parts)

    def _one(self) -> Callable[[Has], bool]:
        self._deep += 1
        if self._deep > _DEEPEST:
            raise self._error(f"nested more than {_DEEPEST} levels deep")
        try:
            if self._take("not"):
                inner = self._one()
                return lambda has: not inner(has)
            if self._take("("):
                whole = self._any()
                if not self._take(")"):
                    raise self._error("expected a closing parenthesis")
                return whole
        finally:
            self._deep -= 1
        name, _ = self._next
        if name in (_END, ")", *_WORDS):
            raise self._error("expected a name, not, or an opening parenthesis")
        self._tokens.pop(0)
        self.names.append(name)
        return lambda has: has(name)

    def _error(self, what: str) -> ExpressionError:
        token, column = self._next
        seen = repr(token) if token else "the end"
        return ExpressionError(
            f"invalid expression {self._text!r}: {what} at column {column}, found {seen}; write names with "
            "and, or, not and parentheses"
        )


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield the tokens in a string with their columns, counted from 1. The last token marks the end."""
    for match in _TOKEN.finditer(text):
        name = match["mark"] or match["name"]
        yield name, match.end() - len(name) + 1
    yield _END, len(text) + 1
