"""RFC 3339 timestamps, as used by Wait, Choice and the context object."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

# Date, T, time, optional fraction of up to nine digits, zone: "ISO-8601 extended offset date-time format".
_FORMAT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def parse_timestamp(text: object) -> float | None:
    """Read a timestamp as seconds since 1970. Return None if the value is not a timestamp.

    >>> parse_timestamp("1970-01-01T00:01:00Z")
    60.0
    """
    match = _FORMAT.fullmatch(text) if isinstance(text, str) else None
    if not match:
        return None
    seconds, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(seconds + ("+00:00" if zone == "Z" else zone))
    except ValueError:
        return None
    return moment.timestamp() + (float(f"0.{fraction}") if fraction else 0.0)


def format_timestamp(seconds: float) -> str:
    """Format a time as in the context object.

    >>> format_timestamp(60)
    '1970-01-01T00:01:00.000Z'
    """
    moment = datetime.fromtimestamp(round(seconds, 3), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
