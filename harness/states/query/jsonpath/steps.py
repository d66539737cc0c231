"""The steps of a JSONPath in Jayway's dialect, each a selection from a node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, TypeAlias

from harness.json_types import Json

from ...errors import QueryError
from ...payload import to_text
from .search import Search

Children: TypeAlias = Callable[[Json, Search], Iterable[Json]]
"""Returns the values that a step selects from a node."""
Accepts: TypeAlias = Callable[[Json, Search], bool]
"""Returns whether a filter accepts an item."""


class InvalidPath(ValueError):
    """The text is not a JSONPath.

    Attributes:
        location: its position in the template, e.g. `/a/b.$`; empty for a single path.
        said: true if the message is a complete error message, false if it contains only the reason.
    """

    def __init__(self, message: str, location: str = "", *, said: bool = False) -> None:
        super().__init__(message)
        self.location = location
        self.said = said


class InnerPath(Protocol):
    """A path in a filter, or as a function argument."""

    def find_in(self, document: Json, search: Search) -> Json:
        """Return the selected value. Raises QueryError if none exists."""

    def leads_somewhere(self, document: Json, search: Search) -> bool:
        """Return whether a filter that consists of only the path accepts the document."""


CompilePath: TypeAlias = Callable[[str], InnerPath]
"""Compiles a path that begins with `$`. Raises InvalidPath."""


class Step:
    """One step of a path.

    Attributes:
        text: the step in Jayway's bracket notation.
        children: returns the values that the step selects from a node.
        key: the name or index for a step that selects one value, otherwise None.
        names: the properties for a step that names several: `['a','b']`. The last step of a path combines
            them into one object.
        of: the values to which the step applies: `objects`, `arrays` or `containers`; None if it skips all
            other values.
        is_call: true for a function.
    """

    __slots__ = ("children", "is_call", "key", "names", "of", "text")

    def __init__(
        self,
        text: str,
        children: Children,
        *,
        key: str | int | None = None,
        names: tuple[str, ...] = (),
        of: str | None = None,
        is_call: bool = False,
    ) -> None:
        self.text: Final = text
        self.children: Final = children
        self.key: Final = key
        self.names: Final = names
        self.of: Final = of
        self.is_call: Final = is_call

    def misses(self, node: Json) -> bool:
        """Return whether the step selects a property that the object does not have."""
        return isinstance(self.key, str) and isinstance(node, dict) and self.key not in node

    def check(self, node: Json) -> None:
        """Raise QueryError, with Jayway's message, if the step does not apply to the only selected node."""
        if self.of == "arrays" and not isinstance(node, list):
            problem = f"Filter: {self.text} can only be applied to arrays."
        elif self.of == "containers" and not isinstance(node, list | dict):
            problem = f"Filter: {self.text} can not be applied to primitives."
        elif self.of == "objects" and not isinstance(node, dict):
            problem = f"Property {self.text} not found."
        else:
            return
        raise QueryError(f"{problem} Current context is: {to_text(node)}")


def property_step(name: str) -> Step:
    """Return the step that selects a property."""

    def children(node: Json, _search: Search) -> Iterator[Json]:
        if isinstance(node, dict) and name in node:
            yield node[name]

    return Step(f"['{name}']", children, key=name, of="objects")


def index_step(index: int) -> Step:
    """Return the step that selects an array item. A negative index counts from the end."""

    def children(node: Json, _search: Search) -> Iterator[Json]:
        if isinstance(node, list) and -len(node) <= index < len(node):
            yield node[index]

    return Step(f"[{index}]", children, key=index, of="arrays")


def names_step(names: tuple[str, ...]) -> Step:
    """Return the step that selects several properties."""

    def children(node: Json, _search: Search) -> Iterator[Json]:
        return (node[name] for name in names if name in node) if isinstance(node, dict) else iter(())

    return Step("[" + ",".join(f"'{name}'" for name in names) + "]", children, names=names, of="objects")


def indices_step(indices: tuple[int, ...]) -> Step:
    """Return the step that selects several array items."""

    def children(node: Json, _search: Search) -> Iterator[Json]:
        if isinstance(node, list):
            yield from (node[index] for index in indices if -len(node) <= index < len(node))

    return Step(f"[{','.join(map(str, indices))}]", children, of="arrays")


def slice_step(text: str, start: int | None, end: int | None) -> Step:
    """Return the step that selects a slice. As in Jayway, a negative end counts from the end of the array
    only if no start is set.
    """

    def children(node: Json, _search: Search) -> Iterable[Json]:
        if not isinstance(node, list):
            return ()
        length = len(node)
        if start is None:
            last = end or 0
            return node[: last if last >= 0 else max(length + last, 0)]
        if end is None:
            return node[start if start >= 0 else max(length + start, 0) :]
        return (node[index] for index in range(max(start, -length), min(length, end)))

    return Step(text, children, of="arrays")


def wildcard_step() -> Step:
    """Return the step that selects all items or values."""
    return Step("[*]", lambda node, _search: _elements(node))


def filter_step(accepts: Accepts) -> Step:
    """Return a filter, which selects array items. An object is accepted or rejected as a whole."""

    def children(node: Json, search: Search) -> Iterator[Json]:
        candidates = node if isinstance(node, list) else [node] if isinstance(node, dict) else []
        for candidate in candidates:
            search.spend(1)
            if accepts(candidate, search):
                yield candidate

    return Step("[?]", children, of="containers")


def scan_filter_step(accepts: Accepts) -> Step:
    """Return a filter after `..`. It tests each array and object only once, not a second time as an item."""
    within = filter_step(accepts)

    def children(node: Json, search: Search) -> Iterable[Json]:
        return within.children(node, search) if accepts(node, search) else ()

    return scan_step(Step("[?]", children))


def scan_names_step(names: tuple[str, ...]) -> Step:
    """Return the step that selects several properties after `..`, in objects that have all of them."""

    def children(node: Json, _search: Search) -> Iterator[Json]:
        if isinstance(node, dict) and all(name in node for name in names):
            yield {name: node[name] for name in names}

    return scan_step(Step("[" + ",".join(f"'{name}'" for name in names) + "]", children))


def scan_step(step: Step) -> Step:
    """Return `..`: the step that selects the node and its descendants, top-down and left to right."""

    def children(node: Json, search: Search) -> Iterator[Json]:
        below = [node]
        while below:
            each = below.pop()
            yield from step.children(each, search)
            elements = _elements(each)
            search.spend(1 + len(elements))
            below += [element for element in elements if isinstance(element, list | dict)][::-1]

    return Step(f"..{step.text}", children)


def _elements(node: Json) -> list[Json]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
