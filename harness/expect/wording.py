"""Format numbers, names and sizes for mismatch messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from harness.scenario import units

QUOTED_LIMIT = 80
BINARY = ("PiB", "TiB", "GiB", "MiB", "KiB", "B")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 object`, `2 objects`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


CASE = "only letter case differs"


def case_of(wanted: str, seen: str) -> str:
    """Return ` (only letter case differs)` if two strings differ only in case; otherwise ""."""
    return f" ({CASE})" if wanted != seen and wanted.casefold() == seen.casefold() else ""


def off(seen: int, wanted: int, noun: str) -> str:
    """Return the difference between two numbers as text: `1 object too few`."""
    return f"{counted(abs(seen - wanted), noun)} too {'few' if seen < wanted else 'many'}"


def joined(names: Iterable[str], last: str = "and") -> str:
    """Join words: `a`, `a and b`, `a, b and c`."""
    *others, final = names
    return f"{', '.join(others)} {last} {final}" if others else final


def iterations(given: Mapping[str, int]) -> str:
    """Return Map iterations in the format used for histories: `Orders[3]/Lines[0]`."""
    return "/".join(f"{name}[{index}]" for name, index in given.items())


def quoted(text: str) -> str:
    """Return the string in quotes, on one line. If it is long, replace its middle with an ellipsis."""
    if len(text) > QUOTED_LIMIT:
        text = f"{text[: QUOTED_LIMIT - 20]}…{text[-19:]}"
    return json.dumps(text, ensure_ascii=False)


def size(size_bytes: int, unit: str = "") -> str:
    """Return a size in `unit` if that is exact to at most three decimals, otherwise in a binary unit or
    bytes.
    """
    for name in (unit, *BINARY) if unit else BINARY:
        number = Decimal(size_bytes) / units.size_bytes(f"1 {name}")
        if number == round(number, 3) and (number >= 1 or name in (unit, "B")):
            return f"{number.normalize():,f} {name}"
    raise AssertionError("every size is a whole number of bytes")


def shown(path: Path) -> str:
    """Return a path, relative to the working directory if it is below that directory."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def time(seconds: float) -> str:
    """Return a time with its units: `6 h 2 min 0.5 s`."""
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{round(rest, 3):g} s"] if rest or not parts else []
    return " ".join(parts)
