"""Tokens and literal values in PartiQL statements.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from .errors import Refused, invalid
from .values import Value, checked

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*")"""
    r"""|(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_\-]*)"""
    r"""|(?P<sign><<|>>|<>|!=|<=|>=|[=<>()\[\]{},.:?*+\-])|(?P<other>\S))""",
    re.VERBOSE,
)
END: Final = ""


class Token(NamedTuple):
    """A token: its kind, and its text without quotes."""

    kind: str
    text: str


class Statement:
    """The tokens and parameters of one statement. The tokens are read one at a time."""

    def __init__(self, text: str, parameters: Sequence[object]) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._parameters = [checked(each)[0] for each in parameters]
        self._used = 0

    @property
    def next(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """Advance by one token."""
        token = self.next
        if token.kind != "end":
            self._at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Consume these keywords or this symbol if they come next."""
        for number, word in enumerate(words):
            if self._at + number >= len(self._tokens):
                return False
            token = self._tokens[self._at + number]
            is_there = token.text == word if token.kind == "sign" else token.text.upper() == word
            if token.kind not in ("name", "sign") or not is_there:
                return False
        self._at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Consume these keywords or this symbol. Raises an error for any other token."""
        if not self.accept(*words):
            raise self.unexpected()

    def name(self) -> str:
        """Consume a quoted or unquoted name."""
        if self.next.kind not in ("name", "quoted"):
            raise self.unexpected()
        return self.take().text

    def unexpected(self) -> Refused:
        """Return the error for the next token."""
        told = "the end" if self.next.kind == "end" else f"{self.next.text!r}"
        return invalid(f"Statement wasn't well formed, can't be processed: Unexpected token: {told}")

    def end(self) -> None:
        """Reject trailing tokens and unused parameters."""
        if self.next.kind != "end":
            raise self.unexpected()
        if self._used != len(self._parameters):
            raise invalid("Number of parameters in request and statement don't match.")

    def is_value(self) -> bool:
        """Return whether a value comes next."""
        token = self.next
        if token.kind in ("string", "number"):
            return True
        if token.kind == "sign":
            return token.text in ("?", "[", "{", "<<", "-")
        return token.kind == "name" and token.text.upper() in ("TRUE", "FALSE", "NULL")

    def value(self) -> Value:
        """Consume a value."""
        token = self.take()
        if token.kind == "string":
            return {"S": token.text}
        if token.kind == "number":
            return checked({"N": token.text})[0]
        if token.kind == "name" and token.text.upper() in ("TRUE", "FALSE"):
            return {"BOOL": token.text.upper() == "TRUE"}
        if token.kind == "name" and token.text.upper() == "NULL":
            return {"NULL": True}
        if token.kind == "sign":
            return self._compound(token.text)
        self._at -= 1
        raise self.unexpected()

    def _compound(self, sign: str) -> Value:
        if sign == "?":
            if self._used >= len(self._parameters):
                raise invalid("Number of parameters in request and statement don't match.")
            self._used += 1
            return self._parameters[self._used - 1]
        if sign == "-" and self.next.kind == "number":
            return checked({"N": f"-{self.take().text}"})[0]
        if sign == "[":
            return {"L": self._listed("]")}
        if sign == "<<":
            return self._set()
        if sign == "{":
            return {"M": self.members()}
        self._at -= 1
        raise self.unexpected()

    def members(self) -> dict[str, Value]:
        """Consume the rest of a tuple after its opening brace: `'name': value, ...}`."""
        found: dict[str, Value] = {}
        while not self.accept("}"):
            if found:
                self.expect(",")
            if self.next.kind not in ("string", "quoted", "name"):
                raise self.unexpected()
            name = self.take().text
            self.expect(":")
            found[name] = self.value()
        return found

    def _listed(self, end: str) -> list[Value]:
        found: list[Value] = []
        while not self.accept(end):
            if found:
                self.expect(",")
            found.append(self.value())
        return found

    def _set(self) -> Value:
        found = self._listed(">>")
        kinds = {next(iter(each)) for each in found}
        if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
            raise invalid("Statement wasn't well formed, can't be processed: a set has values of one type")
        kind = kinds.pop()
        return checked({f"{kind}S": [each[kind] for each in found]})[0]


def _tokens(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        if found.lastgroup is None:
            continue
        inner = found[kind]
        if kind in ("string", "quoted"):
            inner = inner[1:-1].replace(inner[0] * 2, inner[0])
        yield Token(kind, inner)
    yield Token("end", END)
