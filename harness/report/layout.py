"""Lines of styled text, the only building blocks for failures. Nothing depends on width, so there are no
tables.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from harness.files import read_text
from harness.printable import one_line, printable
from harness.scenario.position import Position

GOOD, BAD, QUIET, STRONG = "green", "red", "dim", "bold"
EXPECTED, SEEN = BAD, GOOD
"""Colours for comparisons, as in pytest's diffs: `- expected` is red, and `+ seen` is green."""
# The middle of longer text is omitted, except with -v.
SHOWN_LINES = 16
_FROM_START = re.compile(r"@@ -1[, ]")


def line(text: str = "", style: str = "", indent: int = 0) -> Text:
    """Return one line. Control characters, which could take over a terminal, are escaped."""
    return Text(" " * indent + printable(text), style=style)


def shown_path(path: Path) -> str:
    """Return the path in printable form, relative to the current folder if it is inside it."""
    relative = os.path.relpath(path)
    return one_line(path if relative.startswith("..") else relative)


def in_words(where: Position | None) -> str:
    """Return a location as a suffix: ` (order.asl.json:33)`; "" for None."""
    return f" ({shown_path(where.path)}:{where.line})" if where is not None else ""


def prose(text: str, style: str = "", indent: int = 0) -> Text:
    """Return one line of prose, which a narrower screen may wrap."""
    made = line(text, style, indent)
    made.overflow = "fold"
    return made


def cut(lines: Sequence[str], verbose: bool, shown: int = SHOWN_LINES, tail: bool = False) -> Iterator[str]:
    """Yield the lines, or their beginning and end (with `tail`, only the end) and the number of omitted
    lines.
    """
    left_out = len(lines) - shown
    if verbose or left_out <= 1:
        yield from lines
        return
    head = 0 if tail else shown // 2
    yield from lines[:head]
    yield f"… {left_out} more lines (-v shows all)"
    yield from lines[head + left_out :]


def excerpt(lines: Sequence[tuple[int, str]], marked: int, column: int, indent: int) -> Iterator[Text]:
    """Yield numbered lines from a file, with a marker at a line and column."""
    width = len(str(lines[-1][0])) if lines else 0
    for number, text in lines:
        if number != marked:
            yield line(f"  {number:{width}} | {text}", QUIET, indent)
            continue
        yield line(f"> {number:{width}} | {text}", STRONG, indent)
        if text[: column - 1].strip():
            yield line(f"  {' ' * width} | {' ' * (column - 1)}^", STRONG, indent)


def lines_around(where: Position, around: int) -> list[tuple[int, str]]:
    """Return the numbered lines around a location in a file; an empty list if the file cannot be read."""
    try:
        texts = read_text(where.path).splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    first = max(1, where.line - around)
    return list(enumerate(texts[first - 1 : where.line + around], start=first))


def compared(expected: str, seen: str, indent: int, verbose: bool) -> Iterator[Text]:
    """Yield the difference between the expected and the actual value.

    It is a diff if they share lines. Otherwise, one is below the other. An empty string is omitted.
    """
    wanted, found = expected.splitlines(), seen.splitlines()
    common = {text.strip(" {}[],") for text in wanted} & {text.strip(" {}[],") for text in found}
    if common - {""}:
        yield from _diff(wanted, found, indent, verbose)
        return
    both = bool(wanted and found)
    for label, lines, style in (("expected  ", wanted, EXPECTED), ("seen      ", found, SEEN)):
        for index, text in enumerate(cut(lines, verbose)):
            yield line((label if index == 0 else " " * len(label)) + text, style if both else "", indent)


def _diff(wanted: list[str], found: list[str], indent: int, verbose: bool) -> Iterator[Text]:
    yield line("- expected", EXPECTED, indent)
    yield line("+ seen", SEEN, indent)
    context = max(len(wanted), len(found)) if verbose else 3
    changes = list(difflib.unified_diff(wanted, found, n=context, lineterm=""))
    for text in cut([c for c in changes if not c.startswith(("---", "+++"))], verbose, 4 * SHOWN_LINES):
        if text.startswith("@@"):
            if not _FROM_START.match(text):
                yield line("…", QUIET, indent)
        else:
            style = {"-": EXPECTED, "+": SEEN}.get(text[:1], "")
            yield line(f"{text[:1]} {text[1:]}".rstrip(), style, indent)
