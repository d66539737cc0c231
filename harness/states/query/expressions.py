"""Compiled form of both query languages: expressions, and templates that contain expressions.

Parts of a template that contain no expressions are constants. They are shared, not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from harness.json_types import Json

from .scope import Scope

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Expression(Protocol[T_co]):
    """An expression that is evaluated in a scope: `Expression[Json]`, `Expression[float]`."""

    def evaluate(self, scope: Scope) -> T_co:
        """Return the value. Raises QueryError if the expression has no value."""


Leaf: TypeAlias = Callable[[str, Json, str], "tuple[str, Expression[Json]] | None"]
"""Compiles a computed field in a template. Takes the field's name, value and location. Returns the name of
the computed value, and its expression. The name is empty for an array item, and for the whole template.
"""


class Constant(Generic[T]):
    """A literal value in the definition."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value: Final = value

    def evaluate(self, scope: Scope) -> T:
        """Return the value itself."""
        return self.value


class ObjectExpression:
    """An object with computed values."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Expression[Json]]) -> None:
        self._fields: Final = tuple(fields.items())

    def evaluate(self, scope: Scope) -> Json:
        """Build the object."""
        return {name: expression.evaluate(scope) for name, expression in self._fields}


class ArrayExpression:
    """An array with computed items."""

    __slots__ = ("_items",)

    def __init__(self, items: tuple[Expression[Json], ...]) -> None:
        self._items: Final = items

    def evaluate(self, scope: Scope) -> Json:
        """Build the array."""
        return [item.evaluate(scope) for item in self._items]


def compiled(template: Json, location: str, leaf: Leaf) -> Expression[Json]:
    """Compile a template.

    Args:
        location: the position of the template. The positions of its parts are appended: `/name`, `[index]`.
        leaf: decides which parts are computed. Its exceptions are not caught.
    """
    return _compiled("", template, location, leaf)[1]


def _compiled(name: str, value: Json, location: str, leaf: Leaf) -> tuple[str, Expression[Json]]:
    computed = leaf(name, value, location)
    if computed is not None:
        return computed
    if isinstance(value, dict):
        fields = dict(_compiled(key, item, f"{location}/{key}", leaf) for key, item in value.items())
        if not all(isinstance(field, Constant) for field in fields.values()):
            return name, ObjectExpression(fields)
    elif isinstance(value, list):
        items = tuple(_compiled("", item, f"{location}[{at}]", leaf)[1] for at, item in enumerate(value))
        if not all(isinstance(item, Constant) for item in items):
            return name, ArrayExpression(items)
    return name, Constant(value)
