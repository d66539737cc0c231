"""Lines of the terminal report as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from markupsafe import Markup
from rich.text import Text

from harness.drawing.elements import as_markup, element, joined
from harness.drawing.values import SHOWN
from harness.report.layout import BAD, GOOD, QUIET

_CLASSES: Final = ((BAD, "bad"), (GOOD, "good"), (QUIET, "quiet"))
MOST: Final = 64 * 1024
"""Maximum number of characters in one block."""


def block(lines: Iterable[Text], class_: str = "") -> Markup:
    """Return lines as they appear in a terminal, with colours; return nothing if there are no lines."""
    shown: list[Markup] = []
    left = MOST
    for line in _moved_left(list(lines)):
        if left <= 0:
            shown.append(as_markup(f"… truncated after {MOST:,} characters"))
            break
        shown.append(_line(line, min(left, SHOWN)))
        left -= len(line.plain) + 1
    while shown and not shown[0]:
        shown.pop(0)
    if not shown:
        return joined()
    return element("pre", Markup("\n").join(shown), class_=class_ or None, tabindex="0" if class_ else None)


def _moved_left(lines: Sequence[Text]) -> Iterator[Text]:
    """Return the lines without their common indentation."""
    texts = [line.plain for line in lines if line.plain.strip()]
    indent = min((len(text) - len(text.lstrip(" ")) for text in texts), default=0)
    return (line[indent:] if line.plain.strip() else Text("") for line in lines)


def _line(line: Text, most: int) -> Markup:
    text = line.plain if len(line.plain) <= most else f"{line.plain[:most]}… {len(line.plain):,} characters"
    style = str(line.style)
    found = " ".join(name for word, name in _CLASSES if word in style)
    return element("span", text, class_=found) if found and text.strip() else as_markup(text)
