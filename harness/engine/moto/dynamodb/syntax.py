"""The parts of an expression, before and after names and values are put in."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeAlias, TypeVar

from .values import Value

T = TypeVar("T")

Part: TypeAlias = str | int
"""A step of a path: the name of an attribute, or the number of an element."""


class Path(NamedTuple):
    """A document path: `info.tags[0]`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        """Write the path as errors do."""
        return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in self.parts) + "]"


class Constant(NamedTuple):
    """A value of ExpressionAttributeValues; `value` is None before it is put in."""

    name: str
    value: Value | None = None


class Call(NamedTuple):
    """A function and its arguments."""

    name: str
    arguments: tuple[Operand, ...]


class Sum(NamedTuple):
    """`a + b` or `a - b` of an update."""

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
    """Two conditions with `AND` or `OR` between them."""

    word: str
    left: Condition
    right: Condition


Condition: TypeAlias = Compare | Between | In | Not | Join | Call


class Action(NamedTuple):
    """One action of an update: SET, REMOVE, ADD or DELETE; REMOVE has no value."""

    section: str
    path: Path
    value: Operand | None = None


class Parsed(NamedTuple, Generic[T]):
    """An expression, and the names and values that it mentions, in its order.

    Attributes:
        root: a Condition, the paths of a projection, or the actions of an update.
        reserved: the first reserved word that stands for an attribute.
        functions: the names of functions.
        names: placeholders of names.
        values: placeholders of values.
    """

    expression: str
    root: T
    reserved: str | None
    functions: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[str, ...]
