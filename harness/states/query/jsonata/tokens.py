"""Tokens of a JSONata expression, in as much detail as AWS's additional rules require.

Strings, regular expressions, comments and names in backticks are separate tokens, so that a character inside
one of them is not mistaken for an operator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""
    (?P<blank>\s+|/\*.*?\*/)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<name>`[^`]*`|[^\W\d]\w*)
    |(?P<variable>\$(?:\$|\w*))
    |(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<operator>\?\?|\?:|:=|!=|<=|>=|~>|\.\.|\*\*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS_VALUE: Final = frozenset(")]}")
_LATER: Final = {"??": "?", "?:": ":"}
FUNCTION: Final = ("function", "λ")
"""Keywords that begin a function definition."""


class Token(NamedTuple):
    """A token: `text`, `name`, `variable`, `number`, `operator` or `regex`, and its text."""

    kind: str
    text: str


_NONE: Final = Token("", "")


def tokens(expression: str) -> Iterator[Token]:
    """Return the tokens of an expression, without white space and comments."""
    position, value = 0, False
    while position < len(expression):
        start = position
        if expression[start] == "/" and not value and not expression.startswith("/*", start):
            kind, position = "regex", _end_of_regex(expression, start)
        else:
            found = _TOKEN.match(expression, start)
            if found is None:
                return
            kind, position = str(found.lastgroup), found.end()
        if kind != "blank":
            text = expression[start:position]
            value = kind != "operator" or text in _ENDS_VALUE
            yield Token(kind, text)


def in_context(words: Sequence[Token]) -> Iterator[tuple[Token, Token, Token]]:
    """Return each token with its neighbours, which are empty at the ends."""
    return zip((_NONE, *words), words, (*words[1:], _NONE), strict=False)


def _end_of_regex(expression: str, start: int) -> int:
    depth, escaped = 0, False
    for at in range(start + 1, len(expression)):
        sign = expression[at]
        if sign == "/" and not depth and not escaped:
            return at + 1
        if not escaped:
            depth += (sign in "([{") - (sign in ")]}")
        escaped = sign == "\\"
    return len(expression)


def later_operator(words: list[Token]) -> str | None:
    """Return the character at which JSONata 2.0.6 fails because the operator was added later, or None."""
    if not any(text in _LATER for _, text in words):
        return None
    signature = parameters = False
    for before, (kind, text), _ in in_context(words):
        if text in FUNCTION:
            parameters = True
        elif text == "<" and parameters and before == ("operator", ")"):
            signature = True  # `?:` marks an optional argument in `<s?:n>`
        elif text == "{":
            signature = parameters = False
        if kind == "operator" and text in _LATER and not signature:
            return _LATER[text]
    return None


def later_sign(operator: str) -> str | None:
    """Return the character at which JSONata 2.0.6 fails in this operator, or None if it supports the
    operator.
    """
    return _LATER.get(operator)
