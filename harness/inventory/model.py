"""A line in a listing, and the error for a line that cannot be read."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from harness.scenario.names import MAX_KEY_BYTES, MAX_OBJECT_BYTES

_DIGITS_OF_LARGEST: Final = len(str(MAX_OBJECT_BYTES))
DATE: Final = len("2024-05-01")


class Refused(Exception):
    """A listing cannot be used. The message gives the location, the reason and the remedy."""


class Listed(NamedTuple):
    """A version of an object.

    Attributes:
        bucket: "" if the listing does not contain it.
        date: the last change, in ISO 8601 format; "" if the listing has none.
        storage_class: "" if the listing has none.
        kind: `latest` is the current object. The other kinds are reported and left out.
    """

    bucket: str
    key: str
    size_bytes: int
    date: str = ""
    storage_class: str = ""
    kind: str = "latest"


LATEST: Final = "latest"
EARLIER: Final = "earlier version"
DELETED: Final = "delete marker"


Place: TypeAlias = int | str
"""The position of a value in its line, or its name."""


class Reader:
    """Reads values from a file, and rejects invalid ones.

    Attributes:
        line: the number of the current line or row.
        column_of: returns the column to show for the position of a value.
    """

    def __init__(self, path: Path) -> None:
        self.name: Final = "stdin" if str(path) == "-" else str(path)
        self.line = 0
        self.column_of: Callable[[Place], Place] = lambda place: place
        self._dates: dict[str, None] = {"": None}

    def refused(self, place: Place, message: str, remedy: str) -> Refused:
        """Return the error for a value in this line."""
        return Refused(f"{self.name}:{self.line}:{self.column_of(place)}: {message}; {remedy}")

    def size(self, text: str, place: Place) -> int:
        """Parse a number of bytes."""
        if not (text.isascii() and text.isdecimal()):
            raise self.refused(
                place, f"invalid size {shown(text)}", "a size is a whole number of bytes; list again"
            )
        if len(text) >= _DIGITS_OF_LARGEST and int(text) > MAX_OBJECT_BYTES:
            raise self.refused(place, f"an object cannot have {shown(text)} bytes", "S3 allows 50 TB")
        return int(text)

    def key(self, text: str, place: Place) -> str:
        """Check a key."""
        if not text:
            raise self.refused(place, "the key is empty", "list again")
        try:
            if len(text) * 4 > MAX_KEY_BYTES and len(text.encode()) > MAX_KEY_BYTES:
                raise self.refused(place, f"the key {shown(text)} is too long", "S3 allows 1,024 bytes")
            if not text.isascii():
                text.encode()
        except UnicodeEncodeError:
            raise self.refused(
                place, "the key is not UTF-8", "save the listing as UTF-8, without editing it"
            ) from None
        return text

    def date(self, text: str, place: Place) -> str:
        """Return the day of a time, or "" if the time is empty."""
        day = text[:DATE]
        if day not in self._dates:
            try:
                datetime.date.fromisoformat(day)
            except ValueError:
                raise self.refused(
                    place, f"invalid time {shown(text)}", "a time must be in ISO 8601 format; list again"
                ) from None
            self._dates[day] = None
        return day


def shown(text: str) -> str:
    """Format a value for messages."""
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
