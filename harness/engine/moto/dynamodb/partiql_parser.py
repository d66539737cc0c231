"""Parses PartiQL statements into the same tree as expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .checks import Checker
from .partiql_tokens import Statement
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
    Part,
    Path,
    Sum,
)
from .tokens import listed
from .values import Item

_SIGNS: Final = ("=", "<>", "!=", "<", "<=", ">", ">=")
_FUNCTIONS: Final = ("begins_with", "contains", "attribute_type", "size", "list_append", "if_not_exists")


@dataclass(frozen=True)
class Query:
    """A parsed statement.

    Attributes:
        kind: SELECT, INSERT, UPDATE, DELETE or EXISTS.
        index: the index that a SELECT reads.
        paths: the paths that a SELECT returns, or None for all attributes.
        item: the item that an INSERT adds.
        returning: a RETURNING clause, such as `ALL OLD` or `MODIFIED NEW`.
        descending: the attributes in ORDER BY. True means descending order.
    """

    kind: str
    table: str
    index: str | None = None
    paths: tuple[Path, ...] | None = None
    condition: Condition | None = None
    item: Item | None = None
    actions: tuple[Action, ...] = ()
    returning: str | None = None
    order: tuple[tuple[str, bool], ...] = ()


def parse(text: str, parameters: Sequence[object]) -> Query:
    """Parse a statement.

    Raises:
        Refused: ValidationException for a malformed statement.
    """
    reader = _Reader(Statement(text, parameters))
    return reader.query()


class _Reader:
    def __init__(self, statement: Statement) -> None:
        self._statement = statement

    def query(self) -> Query:
        found = self._query()
        self._statement.end()
        if found.condition is not None:
            Checker("PartiQL statement").condition(found.condition)
        return found

    def _query(self) -> Query:
        take = self._statement.accept
        if take("SELECT"):
            return self._select("SELECT")
        if take("EXISTS"):
            self._statement.expect("(")
            self._statement.expect("SELECT")
            found = self._select("EXISTS")
            self._statement.expect(")")
            return found
        if take("INSERT", "INTO"):
            table = self._statement.name()
            self._statement.expect("VALUE")
            self._statement.expect("{")
            return Query("INSERT", table, item=self._statement.members())
        if take("UPDATE"):
            return self._update()
        if take("DELETE", "FROM"):
            table = self._statement.name()
            condition = self._where()
            return Query("DELETE", table, condition=condition, returning=self._returning())
        raise self._statement.unexpected()

    def _select(self, kind: str) -> Query:
        paths: tuple[Path, ...] | None = None
        if not self._statement.accept("*"):
            paths = listed(self._statement.accept, self._path)
        self._statement.expect("FROM")
        table = self._statement.name()
        index = self._statement.name() if self._statement.accept(".") else None
        condition = self._where()
        return Query(kind, table, index, paths, condition, order=self._order())

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._statement.accept("ORDER", "BY"):
            return ()
        return listed(self._statement.accept, self._ordered)

    def _ordered(self) -> tuple[str, bool]:
        name = self._statement.name()
        descending = self._statement.accept("DESC")
        if not descending:
            self._statement.accept("ASC")
        return name, descending

    def _update(self) -> Query:
        table = self._statement.name()
        actions: list[Action] = []
        while True:
            if self._statement.accept("SET"):
                actions += listed(self._statement.accept, self._assignment)
            elif self._statement.accept("REMOVE"):
                actions += [Action("REMOVE", path) for path in listed(self._statement.accept, self._path)]
            else:
                break
        if not actions:
            raise self._statement.unexpected()
        condition = self._where()
        return Query(
            "UPDATE", table, condition=condition, actions=tuple(actions), returning=self._returning()
        )

    def _assignment(self) -> Action:
        path = self._path()
        self._statement.expect("=")
        for name, section in (("SET_ADD", "ADD"), ("SET_DELETE", "DELETE")):
            if self._statement.accept(name, "("):
                self._path()
                self._statement.expect(",")
                value = self._operand()
                self._statement.expect(")")
                return Action(section, path, value)
        left = self._operand()
        for sign in "+-":
            if self._statement.accept(sign):
                return Action("SET", path, Sum(sign, left, self._operand()))
        return Action("SET", path, left)

    def _returning(self) -> str | None:
        if not self._statement.accept("RETURNING"):
            return None
        words = [self._statement.name().upper(), self._statement.name().upper()]
        self._statement.expect("*")
        if words[0] not in ("ALL", "MODIFIED") or words[1] not in ("OLD", "NEW"):
            raise self._statement.unexpected()
        return " ".join(words)

    def _where(self) -> Condition | None:
        return self._either() if self._statement.accept("WHERE") else None

    def _either(self) -> Condition:
        found = self._both()
        while self._statement.accept("OR"):
            found = Join("OR", found, self._both())
        return found

    def _both(self) -> Condition:
        found = self._single()
        while self._statement.accept("AND"):
            found = Join("AND", found, self._single())
        return found

    def _single(self) -> Condition:
        if self._statement.accept("NOT"):
            return Not(self._single())
        if self._statement.accept("("):
            found = self._either()
            self._statement.expect(")")
            return found
        return self._compared(self._operand())

    def _compared(self, left: Operand) -> Condition:
        statement = self._statement
        for sign in _SIGNS:
            if statement.accept(sign):
                return Compare("<>" if sign == "!=" else sign, left, self._operand())
        if statement.accept("BETWEEN"):
            low = self._operand()
            statement.expect("AND")
            return Between(left, low, self._operand())
        if statement.accept("IN"):
            return In(left, self._choices())
        if statement.accept("IS"):
            negated = statement.accept("NOT")
            found = self._state(left)
            return Not(found) if negated else found
        if isinstance(left, Call):
            return left
        raise statement.unexpected()

    def _state(self, left: Operand) -> Condition:
        """Parse the part after IS: MISSING or NULL."""
        if self._statement.accept("MISSING"):
            return Call("attribute_not_exists", (left,))
        self._statement.expect("NULL")
        return Call("attribute_type", (left, Constant("", {"S": "NULL"})))

    def _choices(self) -> tuple[Operand, ...]:
        end = "]" if self._statement.accept("[") else ")"
        if end == ")":
            self._statement.expect("(")
        found = listed(self._statement.accept, self._operand)
        self._statement.expect(end)
        return found

    def _operand(self) -> Operand:
        if self._statement.is_value():
            return Constant("", self._statement.value())
        for name in _FUNCTIONS:
            if self._statement.accept(name.upper(), "("):
                arguments = listed(self._statement.accept, self._operand)
                self._statement.expect(")")
                return Call(name, arguments)
        return self._path()

    def _path(self) -> Path:
        parts: list[Part] = [self._statement.name()]
        while True:
            if self._statement.accept("."):
                parts.append(self._statement.name())
            elif self._statement.accept("["):
                if self._statement.next.kind != "number":
                    raise self._statement.unexpected()
                parts.append(int(self._statement.take().text))
                self._statement.expect("]")
            else:
                return Path(tuple(parts))
