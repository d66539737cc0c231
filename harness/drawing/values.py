"""Shows values and text. Long values are truncated, and their length is shown."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Final

from markupsafe import Markup

from harness.drawing.elements import element, joined
from harness.printable import printable

SHOWN: Final = 4096
"""Maximum number of characters of text to show."""
BRIEF: Final = 400
"""Maximum number of characters where the value is less important."""
_IN_A_LINE: Final = 72


def shown_text(
    label: str, text: str, *, most: int = SHOWN, tail: bool = False, open_: bool = False
) -> Markup:
    """Show a string with its name, on one line if it is short, and folded otherwise. `tail` shows its end."""
    text = printable(text)  # before truncation: a part of a secret would not be recognized
    if len(text) <= _IN_A_LINE and "\n" not in text:
        return element("p", element("b", label), " ", element("code", text or "(nothing)"), class_="value")
    length = f"{len(text):,} characters"
    if len(text) > most:
        length = f"{length}, {'the last' if tail else 'the first'} {most:,} are shown"
        text = text[-most:] if tail else text[:most]
    return element(
        "details",
        element("summary", element("b", label), " ", element("span", length, class_="quiet")),
        element("pre", text),
        class_="value",
        open=open_,
    )


def shown_json(label: str, text: str | None, *, most: int = SHOWN, open_: bool = False) -> Markup:
    """Format a JSON value with one member per line. Return an empty result for None."""
    if text is None:
        return joined()
    if _IN_A_LINE < len(text) <= most:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return shown_text(label, text, most=most, open_=open_)
