"""Parts that several views use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from harness.json_types import json_or_text
from harness.page.markup import Child, Html, el
from harness.states.timestamps import format_timestamp

LONGEST: Final = 65_536
"""Maximum number of characters of text to show."""
_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"))
_BYTES: Final = ("B", "KiB", "MiB", "GiB", "TiB")


def moment(at: datetime | float) -> Html:
    """Return a time in readable form, to the millisecond."""
    text = format_timestamp(at.timestamp() if isinstance(at, datetime) else at)
    return el("time", {"datetime": text}, text[:-1].replace("T", " "))


def span(seconds: float) -> str:
    """Return a duration: `0.1 s`, `1 min 35 s`, `2 d 3 h`."""
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    left, parts = round(seconds), []
    for size, unit in _UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join([*parts, *([f"{left} s"] if left else [])][:2])


def size(number: float) -> str:
    """Return a number of bytes: `512 B`, `3.4 MiB`."""
    unit = 0
    while number >= 1024 and unit < len(_BYTES) - 1:
        number /= 1024
        unit += 1
    return f"{number:.0f} {_BYTES[unit]}" if unit == 0 or number >= 100 else f"{number:.1f} {_BYTES[unit]}"


def number(text: str) -> Html:
    """Return a number with its unit, without line breaks."""
    return el("span", {"class": "number"}, text)


def status(text: str) -> Html:
    """Return an execution's status in its colour."""
    return el("span", {"class": f"status {_class(text)}"}, text.replace("_", " ").lower())


def _class(text: str) -> str:
    known = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
    return text.lower().replace("_", "-") if text in known else "unknown"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Child]]) -> Html:
    """Return a table. The first cell in a row is a heading. Columns whose head begins with `-` are
    hidden on phones.
    """
    classes = [{"class": "roomy"} if head.startswith("-") else {} for head in heads]
    shown = [
        el(
            "tr",
            None,
            el("th", {"scope": "row", **classes[0]}, row[0]),
            [el("td", {**of}, cell) for of, cell in zip(classes[1:], row[1:], strict=True)],
        )
        for row in rows
    ]
    return el(
        "div",
        {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption},
        el(
            "table",
            None,
            el("caption", {"class": "unseen"}, caption),
            el(
                "thead",
                None,
                el(
                    "tr",
                    None,
                    [
                        el("th", {"scope": "col", **of}, head.removeprefix("-"))
                        for of, head in zip(classes, heads, strict=True)
                    ],
                ),
            ),
            el("tbody", None, shown),
        ),
    )


def nothing(text: str) -> Html:
    """Return a message that there is nothing to show."""
    return el("p", {"class": "nothing"}, text)


def long_text(text: str, label: str) -> Html:
    """Return multi-line text unchanged, but truncated if it is long."""
    cut = text[:LONGEST]
    note = el("p", {"class": "note"}, f"The first {LONGEST:,} of {len(text):,} characters.")
    return el(
        "div",
        {"class": "long"},
        el("pre", {"tabindex": "0", "role": "region", "aria-label": label}, cut),
        note if len(text) > LONGEST else None,
    )


def value(text: str, label: str) -> Html:
    """Return formatted JSON. Invalid JSON is returned unchanged."""
    if len(text) > LONGEST:
        return long_text(text, label)
    parsed = json_or_text(text)
    laid_out = json.dumps(parsed, indent=2, ensure_ascii=False) if isinstance(parsed, dict | list) else text
    return long_text(laid_out, label)


def folded(name: str, heading: Child, *inside: Child, opened: bool = False) -> Html:
    """Return content that is shown on request; `name` identifies it on the page."""
    return el("details", {"id": name, "open": opened}, el("summary", None, heading), *inside)


def facts(pairs: Iterable[tuple[str, Child]]) -> Html:
    """Return a list of names and values."""
    return el(
        "dl",
        {"class": "facts"},
        [el("div", None, el("dt", None, name), el("dd", None, shown)) for name, shown in pairs],
    )
