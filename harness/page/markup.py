"""HTML from nested parts. All external data is escaped; see `harness.drawing.elements`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from markupsafe import Markup as Html

from harness.drawing.elements import element, joined

__all__ = ("Child", "Html", "el", "join")

Child: TypeAlias = "str | Iterable[Child] | None"
"""A string, safe markup, nothing, or several of these."""


def el(name: str, attributes: Mapping[str, str | bool | int] | None = None, *children: Child) -> Html:
    """Create an element. A True attribute has no value. A False attribute is omitted."""
    return element(name, *_flat(children), **(attributes or {}))


def join(children: Child) -> Html:
    """Create markup from several parts."""
    return joined(*_flat(children))


def _flat(children: Child) -> Iterator[str]:
    if isinstance(children, str):
        yield children
    elif children is not None:
        for each in children:
            yield from _flat(each)
