"""The results of compiling either query language: expressions, and templates with expressions in them.

Parts of a template in which nothing is computed are constants and are shared, not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from harness.json_types import Json

from .scope import Scope

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Expression(Protocol[T_co]):
    """Something that has a value in a scope: `Expression[Json]`, `Expression[float]`."""

    def evaluate(self, scope: Scope) -> T_co:
        """Return its value; raises QueryError when there is none."""


Leaf: TypeAlias = Callable[[str, Json, str], "tuple[str, Expression[Json]] | None"]
"""Compiles a field of a template when it is computed: name, value and location -> the name that the computed
value gets, and its expression. The name of an array's item, and of the whole, is empty."""


class Constant(Generic[T]):
    """A value that is written down in the definition."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value: Final = value

    def evaluate(self, scope: Scope) -> T:
        """Return the value itself."""
        return self.value


class ObjectExpression:
    """An object some of whose values are computed."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Expression[Json]]) -> None:
        self._fields: Final = tuple(fields.items())

    def evaluate(self, scope: Scope) -> Json:
        """Build the object."""
        return {name: expression.evaluate(scope) for name, expression in self._fields}


class ArrayExpression:
    """An array some of whose items are computed."""

    __slots__ = ("_items",)

    def __init__(self, items: tuple[Expression[Json], ...]) -> None:
        self._items: Final = items

    def evaluate(self, scope: Scope) -> Json:
        """Build the array."""
        return [item.evaluate(scope) for item in self._items]


def compiled(template: Json, location: str, leaf: Leaf) -> Expression[Json]:
    """Compile a template.

    Args:
        location: the template's place, to which the places of its parts are added: `/name`, `[index]`.
        leaf: says which parts are computed; what it raises is not caught.
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
