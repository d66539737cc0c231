"""The parts of an expression, before and after names and values are put in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .values import Value

Part: TypeAlias = str | int
"""A step of a path: the name of an attribute, or the number of an element."""


@dataclass(frozen=True)
class Path:
    """A document path: `info.tags[0]`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        """Write the path as errors do."""
        return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in self.parts) + "]"


@dataclass(frozen=True)
class Constant:
    """A value of ExpressionAttributeValues; `value` is None before it is put in."""

    name: str
    value: Value | None = None


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True)
class Sum:
    """`a + b` or `a - b` of an update."""

    sign: str
    left: Operand
    right: Operand


Operand: TypeAlias = Path | Constant | Call | Sum


@dataclass(frozen=True)
class Compare:
    """`a = b`."""

    sign: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Between:
    """`a BETWEEN b AND c`."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True)
class In:
    """`a IN (b, c)`."""

    operand: Operand
    choices: tuple[Operand, ...]


@dataclass(frozen=True)
class Not:
    """`NOT a`."""

    inner: Condition


@dataclass(frozen=True)
class Join:
    """Two conditions with `AND` or `OR` between them."""

    word: str
    left: Condition
    right: Condition


Condition: TypeAlias = Compare | Between | In | Not | Join | Call


@dataclass(frozen=True)
class Action:
    """One action of an update: SET, REMOVE, ADD or DELETE; REMOVE has no value."""

    section: str
    path: Path
    value: Operand | None = None


@dataclass(frozen=True)
class Parsed:
    """An expression, and the names and values that it mentions, in its order.

    Attributes:
        root: a Condition, the paths of a projection, or the actions of an update.
        reserved: the first reserved word that stands for an attribute.
        functions: the names of functions.
        names: placeholders of names.
        values: placeholders of values.
    """

    expression: str
    root: Condition | tuple[Path, ...] | tuple[Action, ...]
    reserved: str | None
    functions: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[str, ...]
