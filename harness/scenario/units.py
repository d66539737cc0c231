"""Parse sizes such as `2 MiB` and times such as `30 s` into numbers."""

from __future__ import annotations

import re
from decimal import Decimal

from harness.scenario.position import RefusedError

_BYTES = {
    "B": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMGTP", start=1)},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGTP", start=1)},
}
_SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "min": Decimal(60), "h": Decimal(3600)}
_QUANTITY = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([^\s\d.-]*)\s*")

LONGEST_H = 87_600
"""The maximum time in hours: ten years. An execution ends after one year, and calendars end in the year 9999.
"""
SIZE_REMEDY = "write bytes (5) or a number and a unit, such as 5 B, 2 MiB (binary) or 24 MB (decimal)"
TIME_REMEDY = "write a number and a unit, such as 500 ms, 30 s, 5 min or 2 h"


def size_bytes(value: object) -> int:
    """Return a size in bytes: `5`, `"5 B"`, `"2 MiB"` (2 x 1024 x 1024), `"24 MB"` (24 x 1000 x 1000).

    Raises: RefusedError if it is not a size, is negative, or is not a whole number of bytes.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise RefusedError(f"{_shown(value)} is not a valid size", SIZE_REMEDY)
    number, unit = _quantity(f"{value} B" if isinstance(value, int) else value, "size", SIZE_REMEDY)
    factor = {name.lower(): factor for name, factor in _BYTES.items()}.get(unit.lower())
    if factor is None:
        raise RefusedError(f"unknown unit {unit!r} in {value!r}", f"the units are {', '.join(_BYTES)}")
    size = number * factor
    if size < 0:
        raise RefusedError(f"invalid size {value}", "write 0 or more bytes")
    if size != int(size):
        raise RefusedError(f"{value!r} is not a whole number of bytes", "use a smaller unit")
    return int(size)


def seconds(value: object) -> float:
    """Return a time in seconds: `"500 ms"`, `"30 s"`, `"5 min"`, `"2 h"`.

    Raises: RefusedError if it is not a time, has no unit, or is negative.
    """
    if not isinstance(value, str):
        raise RefusedError(f"{_shown(value)} is not a valid time", TIME_REMEDY)
    number, unit = _quantity(value, "time", TIME_REMEDY)
    if unit not in _SECONDS:
        raise RefusedError(f"unknown unit {unit!r} in {value!r}", f"the units are {', '.join(_SECONDS)}")
    if number < 0:
        raise RefusedError(f"invalid time {value}", "write 0 s or more")
    if number * _SECONDS[unit] > LONGEST_H * 3600:
        shown = value if len(value) <= 40 else f"{value[:40]}..."
        raise RefusedError(f"the time {shown} is out of range", f"use at most {LONGEST_H} h, ten years")
    return float(number * _SECONDS[unit])


def _quantity(text: str, what: str, remedy: str) -> tuple[Decimal, str]:
    match = _QUANTITY.fullmatch(text)
    if match is None or not match[2]:
        raise RefusedError(f"{text!r} is not a valid {what}", remedy)
    return Decimal(match[1]), match[2]


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)
