"""The tokens of expressions, and the text of a syntax error."""

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
    """A token and where it is in its expression."""

    kind: str
    text: str
    start: int
    end: int


class Tokens:
    """The tokens of an expression, read one after the other.

    Attributes:
        expression: its name in the request: `FilterExpression`.
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
        """The token that comes next."""
        return self._tokens[self._at]

    @property
    def after(self) -> Token:
        """The token behind the next one."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Go on by one."""
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def is_word(self, *words: str) -> bool:
        """Tell whether a keyword comes next; case does not count."""
        return self.next.kind == "name" and self.next.text.upper() in words

    def is_sign(self, *signs: str) -> bool:
        """Tell whether one of these signs comes next."""
        return self.next.kind == "sign" and self.next.text in signs

    def accept(self, sign: str) -> bool:
        """Take a sign if it comes next."""
        if self.is_sign(sign):
            self.take()
            return True
        return False

    def expect(self, sign: str) -> None:
        """Take a sign that has to come next."""
        if not self.accept(sign):
            raise self.unexpected()

    def unexpected(self) -> Refused:
        """Make the error of the next token, which may not be there."""
        at = self._at
        before = self._tokens[max(at - 1, 0)]
        after = self._tokens[min(at + 1, len(self._tokens) - 1)]
        near = self._text[before.start : after.end].rstrip()
        return self.error(f'Syntax error; token: "{self.next.text}", near: "{near}"')

    def error(self, message: str) -> Refused:
        """Make an error of this expression."""
        return invalid(f"Invalid {self.expression}: {message}")


def listed(accept: Callable[[str], bool], one: Callable[[], T]) -> tuple[T, ...]:
    """Read one part or more with commas between them; `accept` takes a sign if it comes next."""
    found = [one()]
    while accept(","):
        found.append(one())
    return tuple(found)
