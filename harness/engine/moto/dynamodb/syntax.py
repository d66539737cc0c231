"""The syntax tree for an expression, before and after names and values are inserted."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeAlias, TypeVar

from .values import Value

T = TypeVar("T")

Part: TypeAlias = str | int
"""A step of a path: the name of an attribute, or the index of an element."""


class Path(NamedTuple):
    """A document path: `info.tags[0]`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        """Return the path as shown in errors."""
        return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in self.parts) + "]"


class Constant(NamedTuple):
    """A value in ExpressionAttributeValues. `value` is None until it is inserted."""

    name: str
    value: Value | None = None


class Call(NamedTuple):
    """A function and its arguments."""

    name: str
    arguments: tuple[Operand, ...]


class Sum(NamedTuple):
    """`a + b` or `a - b` in an update."""

    sign: str
    left: Operand
    right: Operand


Operand: TypeAlias = Path | Constant | Call | Sum


class Compare(NamedTuple):
    """`a = b`."""

    sign: str
    left: Operand
    right: Operand


class Between(NamedTuple):
    """`a BETWEEN b AND c`."""

    operand: Operand
    low: Operand
    high: Operand


class In(NamedTuple):
    """`a IN (b, c)`."""

    operand: Operand
    choices: tuple[Operand, ...]


class Not(NamedTuple):
    """`NOT a`."""

    inner: Condition


class Join(NamedTuple):
    """Two conditions joined by `AND` or `OR`."""

    word: str
    left: Condition
    right: Condition


Condition: TypeAlias = Compare | Between | In | Not | Join | Call


class Action(NamedTuple):
    """One action in an update: SET, REMOVE, ADD or DELETE. REMOVE has no value."""

    section: str
    path: Path
    value: Operand | None = None


class Parsed(NamedTuple, Generic[T]):
    """A parsed expression, with its names and values in order of appearance.

    Attributes:
        root: a Condition, the paths in a projection, or the actions in an update.
        reserved: the first reserved word that is used as an attribute name.
        functions: the function names.
        names: the name placeholders.
        values: the value placeholders.
    """

    expression: str
    root: T
    reserved: str | None
    functions: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[str, ...]
