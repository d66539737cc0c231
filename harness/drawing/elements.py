"""Builds HTML and SVG with all text and attributes escaped."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup, escape

from harness.printable import printable

Child = str | Markup | None
_SHAPES: Final = frozenset(("circle", "path", "rect", "use"))
_VOID: Final = frozenset(("br", "hr", "meta", "link", "input"))
_NOTHING: Final = Markup("")
_START: Final = Markup("<{}{}>")
_CLOSED: Final = Markup("<{}{}/>")
_WHOLE: Final = Markup("<{0}{1}>{2}</{0}>")
_ATTRIBUTE: Final = Markup(' {}="{}"')
_BARE: Final = Markup(" {}")


def element(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """Create an element. Children that are not Markup are escaped as text. None adds nothing.

    An underscore in an attribute's name becomes a hyphen. A trailing underscore is removed (`class_`). None
    and False omit an attribute. True adds it without a value.

        element("a", "<b>", href="#x", class_="name")  # <a href="#x" class="name">&lt;b&gt;</a>
    """
    shown = _NOTHING.join(_attribute(key, value) for key, value in attributes.items())
    if name in _SHAPES and not children:
        return _CLOSED.format(name, shown)
    return _START.format(name, shown) if name in _VOID else _WHOLE.format(name, shown, joined(*children))


def joined(*children: Child) -> Markup:
    """Concatenate children."""
    return _NOTHING.join(as_markup(child) for child in children if child is not None)


def as_markup(child: Child) -> Markup:
    """Escape text for HTML. Control and bidirectional characters become visible escape sequences."""
    if child is None:
        return _NOTHING
    return child if isinstance(child, Markup) else escape(printable(child))


def _attribute(key: str, value: str | float | bool | None) -> Markup:
    if value is None or value is False:
        return _NOTHING
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return _BARE.format(name)
    text = f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
    return _ATTRIBUTE.format(name, as_markup(text))
