"""HTML in which all that comes from outside is text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

from harness.printable import printable

_VOID: Final = frozenset({"br", "col", "hr", "input", "link", "meta"})


@dataclass(frozen=True)
class Html:
    """Markup that is safe: made by `el`, of texts that were escaped."""

    markup: str

    def __str__(self) -> str:
        return self.markup


Child: TypeAlias = "Html | str | int | Iterable[Child] | None"


def el(name: str, attributes: dict[str, str | bool | int] | None = None, *children: Child) -> Html:
    """Make an element; an attribute that is True has no value, and one that is False is left out."""
    shown = "".join(
        f" {key}" if value is True else f' {key}="{escape(printable(str(value)), quote=True)}"'
        for key, value in (attributes or {}).items()
        if value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{join(children)}</{name}>")


def join(children: Child) -> Html:
    """Make markup of several parts."""
    if children is None:
        return Html("")
    if isinstance(children, Html):
        return children
    if isinstance(children, str | int):
        return Html(escape(printable(str(children)), quote=False))
    return Html("".join(join(each).markup for each in children))
