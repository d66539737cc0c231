"""Parses conditions, projections and updates.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Final, TypeVar

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from .syntax import (
    Action,
    Between,
    Call,
    Compare,
    Condition,
    Constant,
    In,
    Join,
    Not,
    Operand,
    Parsed,
    Part,
    Path,
    Sum,
)
from .tokens import Tokens, listed

T = TypeVar("T")

COMPARATORS: Final = ("=", "<>", "<", "<=", ">", ">=")
SECTIONS: Final = ("SET", "REMOVE", "ADD", "DELETE")


@lru_cache(maxsize=256)
def condition(expression: str, text: str) -> Parsed[Condition]:
    """Parse a condition, for example the request's `FilterExpression`."""
    reader = _Reader(Tokens(expression, text))
    return reader.parsed(reader.condition())


@lru_cache(maxsize=256)
def paths(expression: str, text: str) -> Parsed[tuple[Path, ...]]:
    """Parse a projection."""
    reader = _Reader(Tokens(expression, text))
    return reader.parsed(reader.paths())


@lru_cache(maxsize=256)
def actions(expression: str, text: str) -> Parsed[tuple[Action, ...]]:
    """Parse an update."""
    reader = _Reader(Tokens(expression, text))
    return reader.parsed(reader.actions())


class _Reader:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._reserved: str | None = None
        self._functions: list[str] = []
        self._names: list[str] = []
        self._values: list[str] = []
        self._in_brackets: list[object] = []

    def parsed(self, root: T) -> Parsed[T]:
        if self._tokens.next.kind != "end":
            raise self._tokens.unexpected()
        return Parsed(
            self._tokens.expression,
            root,
            self._reserved,
            tuple(self._functions),
            tuple(self._names),
            tuple(self._values),
        )

    def paths(self) -> tuple[Path, ...]:
        return listed(self._tokens.accept, self._path)

    def condition(self) -> Condition:
        found = self._either()
        return self._conditional(found)

    def _either(self) -> Condition | Operand:
        found = self._both()
        while self._tokens.is_word("OR"):
            self._take_condition(found)
            found = Join("OR", found, self._conditional(self._both()))  # type: ignore[arg-type]
        return found

    def _both(self) -> Condition | Operand:
        found = self._negated()
        while self._tokens.is_word("AND"):
            self._take_condition(found)
            found = Join("AND", found, self._conditional(self._negated()))  # type: ignore[arg-type]
        return found

    def _take_condition(self, found: Condition | Operand) -> None:
        self._conditional(found)
        self._tokens.take()

    def _conditional(self, found: Condition | Operand) -> Condition:
        """Parse a condition. An operand alone is not a condition."""
        if isinstance(found, Path | Constant | Sum):
            raise self._tokens.unexpected()
        return found

    def _negated(self) -> Condition | Operand:
        if self._tokens.is_word("NOT"):
            self._tokens.take()
            return Not(self._conditional(self._negated()))
        return self._compared(self._first())

    def _first(self) -> Condition | Operand:
        if not self._tokens.accept("("):
            return self._operand()
        found = self._either()
        self._tokens.expect(")")
        if any(found is each for each in self._in_brackets):
            raise self._tokens.error("The expression has redundant parentheses;")
        self._in_brackets.append(found)
        return found

    def _compared(self, left: Condition | Operand) -> Condition | Operand:
        if not isinstance(left, Path | Constant | Call):
            return left
        if self._tokens.is_sign(*COMPARATORS):
            sign = self._tokens.take().text
            return Compare(sign, left, self._operand())
        if self._tokens.is_word("BETWEEN"):
            self._tokens.take()
            low = self._operand()
            if not self._tokens.is_word("AND"):
                raise self._tokens.unexpected()
            self._tokens.take()
            return Between(left, low, self._operand())
        if self._tokens.is_word("IN"):
            self._tokens.take()
            self._tokens.expect("(")
            choices = listed(self._tokens.accept, self._operand)
            self._tokens.expect(")")
            return In(left, choices)
        return left

    def _operand(self) -> Operand:
        if self._tokens.accept("("):
            found = self._operand()
            self._tokens.expect(")")
            return found
        if self._tokens.next.kind == "value":
            name = self._tokens.take().text
            self._values.append(name)
            return Constant(name)
        if self._tokens.next.kind == "name" and self._tokens.after.text == "(":
            return self._call()
        return self._path()

    def _call(self) -> Call:
        name = self._tokens.take().text
        self._functions.append(name)
        self._tokens.expect("(")
        arguments = listed(self._tokens.accept, self._operand)
        self._tokens.expect(")")
        return Call(name, arguments)

    def _path(self) -> Path:
        parts: list[Part] = [self._name()]
        while self._tokens.is_sign(".", "["):
            if self._tokens.accept("."):
                parts.append(self._name())
                continue
            self._tokens.take()
            if self._tokens.next.kind != "number":
                raise self._tokens.unexpected()
            parts.append(int(self._tokens.take().text))
            self._tokens.expect("]")
        return Path(tuple(parts))

    def _name(self) -> str:
        token = self._tokens.next
        if token.kind not in ("name", "alias"):
            raise self._tokens.unexpected()
        self._tokens.take()
        if token.kind == "alias":
            self._names.append(token.text)
        elif self._reserved is None and token.text.upper() in _reserved_words():
            self._reserved = token.text
        return token.text

    def actions(self) -> tuple[Action, ...]:
        """Parse the sections of an update, each of which may appear once."""
        found: list[Action] = []
        seen: list[str] = []
        while self._tokens.next.kind != "end":
            if not self._tokens.is_word(*SECTIONS):
                raise self._tokens.unexpected()
            section = self._tokens.take().text.upper()
            if section in seen:
                raise self._tokens.error(
                    f'The "{section}" section can only be used once in an update expression;'
                )
            seen.append(section)
            found += listed(self._tokens.accept, partial(self._action, section))
        return tuple(found)

    def _action(self, section: str) -> Action:
        path = self._path()
        if section == "REMOVE":
            return Action(section, path)
        if section == "SET":
            self._tokens.expect("=")
            return Action(section, path, self._sum())
        if self._tokens.next.kind != "value":
            raise self._tokens.unexpected()
        return Action(section, path, self._operand())

    def _sum(self) -> Operand:
        left = self._operand()
        if self._tokens.is_sign("+", "-"):
            sign = self._tokens.take().text
            return Sum(sign, left, self._operand())
        return left


@lru_cache(maxsize=1)
def _reserved_words() -> frozenset[str]:
    return frozenset(ReservedKeywords.get_reserved_keywords())
