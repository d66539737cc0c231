"""Expression tokens, and the text of syntax errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from .errors import Refused, invalid

T = TypeVar("T")

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<alias>\#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)"
    r"|(?P<number>[0-9]+)|(?P<sign><>|<=|>=|[=<>()\[\],.+\-])|(?P<other>\S))"
)
END: Final = "<EOF>"
LONGEST: Final = 4096


class Token(NamedTuple):
    """A token and its position in the expression."""

    kind: str
    text: str
    start: int
    end: int


class Tokens:
    """The tokens of an expression, read one at a time.

    Attributes:
        expression: the name of the request parameter, such as `FilterExpression`.
    """

    def __init__(self, expression: str, text: str) -> None:
        if not text.strip():
            raise invalid(f"Invalid {expression}: The expression can not be empty;")
        if len(text.encode()) > LONGEST:
            raise invalid(
                f"Invalid {expression}: Expression size has exceeded the maximum allowed size; "
                f"expression size: {len(text.encode())}"
            )
        self.expression = expression
        self._text = text
        self._tokens = [
            Token(
                str(found.lastgroup),
                found[str(found.lastgroup)],
                found.start(str(found.lastgroup)),
                found.end(),
            )
            for found in _TOKEN.finditer(text)
            if found.lastgroup
        ]
        self._tokens.append(Token("end", END, len(text), len(text)))
        self._at = 0

    @property
    def next(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    @property
    def after(self) -> Token:
        """The token after the next one."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Advance by one token."""
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def is_word(self, *words: str) -> bool:
        """Return whether a keyword comes next, ignoring case."""
        return self.next.kind == "name" and self.next.text.upper() in words

    def is_sign(self, *signs: str) -> bool:
        """Return whether one of these symbols comes next."""
        return self.next.kind == "sign" and self.next.text in signs

    def accept(self, sign: str) -> bool:
        """Consume a symbol if it comes next."""
        if self.is_sign(sign):
            self.take()
            return True
        return False

    def expect(self, sign: str) -> None:
        """Consume a required symbol."""
        if not self.accept(sign):
            raise self.unexpected()

    def unexpected(self) -> Refused:
        """Return the error for the next token or the end of the expression."""
        at = self._at
        before = self._tokens[max(at - 1, 0)]
        after = self._tokens[min(at + 1, len(self._tokens) - 1)]
        near = self._text[before.start : after.end].rstrip()
        return self.error(f'Syntax error; token: "{self.next.text}", near: "{near}"')

    def error(self, message: str) -> Refused:
        """Return an error for this expression."""
        return invalid(f"Invalid {self.expression}: {message}")


def listed(accept: Callable[[str], bool], one: Callable[[], T]) -> tuple[T, ...]:
    """Parse one or more parts separated by commas. `accept` consumes a symbol if it comes next."""
    found = [one()]
    while accept(","):
        found.append(one())
    return tuple(found)
