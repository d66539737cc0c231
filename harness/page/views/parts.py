"""Parts that several views are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from harness.json_types import json_or_text
from harness.page.markup import Child, Html, el
from harness.states.timestamps import format_timestamp

LONGEST: Final = 65_536
"""Characters of a text that are shown."""
_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"))
_BYTES: Final = ("B", "KiB", "MiB", "GiB", "TiB")


def moment(at: datetime | float) -> Html:
    """A time as people read it, to the millisecond."""
    text = format_timestamp(at.timestamp() if isinstance(at, datetime) else at)
    return el("time", {"datetime": text}, text[:-1].replace("T", " "))


def span(seconds: float) -> str:
    """A duration: `0.1 s`, `1 min 35 s`, `2 d 3 h`."""
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    left, parts = round(seconds), []
    for size, unit in _UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join([*parts, *([f"{left} s"] if left else [])][:2])


def size(number: float) -> str:
    """A number of bytes: `512 B`, `3.4 MiB`."""
    unit = 0
    while number >= 1024 and unit < len(_BYTES) - 1:
        number /= 1024
        unit += 1
    return f"{number:.0f} {_BYTES[unit]}" if unit == 0 or number >= 100 else f"{number:.1f} {_BYTES[unit]}"


def number(text: str) -> Html:
    """A number with its unit, in one line."""
    return el("span", {"class": "number"}, text)


def status(text: str) -> Html:
    """The status of an execution, in its colour."""
    return el("span", {"class": f"status {_class(text)}"}, text.replace("_", " ").lower())


def _class(text: str) -> str:
    known = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
    return text.lower().replace("_", "-") if text in known else "unknown"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Child]]) -> Html:
    """A table; the first cell of a row is its heading. A head that begins with `-` is left out on phones."""
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
    """A sentence in the place of what is not there."""
    return el("p", {"class": "nothing"}, text)


def long_text(text: str, label: str) -> Html:
    """A text of several lines, as it is; the end of a long one is left out."""
    cut = text[:LONGEST]
    note = el("p", {"class": "note"}, f"The first {LONGEST:,} of {len(text):,} characters.")
    return el(
        "div",
        {"class": "long"},
        el("pre", {"tabindex": "0", "role": "region", "aria-label": label}, cut),
        note if len(text) > LONGEST else None,
    )


def value(text: str, label: str) -> Html:
    """A JSON text, laid out; a text that is none as it is."""
    if len(text) > LONGEST:
        return long_text(text, label)
    parsed = json_or_text(text)
    laid_out = json.dumps(parsed, indent=2, ensure_ascii=False) if isinstance(parsed, dict | list) else text
    return long_text(laid_out, label)


def folded(name: str, heading: Child, *inside: Child, opened: bool = False) -> Html:
    """Something that is shown on demand; `name` tells it from others on the page."""
    return el("details", {"id": name, "open": opened}, el("summary", None, heading), *inside)


def facts(pairs: Iterable[tuple[str, Child]]) -> Html:
    """A list of names and values."""
    return el(
        "dl",
        {"class": "facts"},
        [el("div", None, el("dt", None, name), el("dd", None, shown)) for name, shown in pairs],
    )
