"""Times in the formats used by AWS clients."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from harness.json_types import Json

_MILLISECONDS: Final = 1e11
"""Numbers of at least this value are milliseconds. In seconds, this value is in the year 5138."""


def seconds_of(moment: Json) -> float | None:
    """Convert a time to seconds since 1970. Return None if the value is not a time.

    A time is a number, or text in ISO 8601 with a time zone, in the format of the AWS CLI and
    `json.dumps(default=str)`.

    >>> seconds_of("2025-01-01 00:00:00.123000+00:00"), seconds_of("1735689600123"), seconds_of("today")
    (1735689600.123, 1735689600.123, None)
    """
    if isinstance(moment, bool) or moment is None:
        return None
    if isinstance(moment, str):
        if moment.isascii() and moment.isdigit():
            return _scaled(float(moment))
        try:
            read = datetime.fromisoformat(moment)
        except ValueError:
            return None
        return None if read.tzinfo is None else read.timestamp()
    return _scaled(float(moment)) if isinstance(moment, int | float) else None


def _scaled(number: float) -> float:
    return number / 1000 if number >= _MILLISECONDS else number
