"""Reads rows from an S3 Inventory report in CSV. It has no header, and its keys are URL-encoded.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote_plus

from harness.inventory.model import DELETED, EARLIER, LATEST, Listed, Place, Reader, Refused, shown

NEEDED: Final = ("Bucket", "Key", "Size")
_BOOLEANS: Final = {"true": True, "false": False, "": False}
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_CLASS: Final = re.compile(r"[A-Z][A-Z_]+")
_WITH_VERSIONS: Final = 6


def guessed(row: Sequence[str]) -> tuple[str, ...]:
    """Guess the columns of a row from its values and AWS's column order. Empty if they cannot be guessed."""
    row = list(row)
    names = ["Bucket", "Key"]
    if len(row) >= _WITH_VERSIONS and {row[3], row[4]} <= {"true", "false"}:
        names += ["VersionId", "IsLatest", "IsDeleteMarker"]
    if len(row) <= len(names) or not (row[len(names)].isdecimal() or row[len(names)] == ""):
        return ()
    names.append("Size")
    if len(row) > len(names) and _TIME.fullmatch(row[len(names)]):
        names.append("LastModifiedDate")
    for value in row[len(names) :]:
        is_class = _CLASS.fullmatch(value) and "StorageClass" not in names
        names.append("StorageClass" if is_class else f"column {len(names) + 1}")
    return tuple(names)


def rows(lines: Iterable[str], columns: Sequence[str], reader: Reader) -> Iterator[Listed]:
    """Yield each row. If `columns` is empty, they are guessed from the first row.

    Raises:
        Refused: a row is invalid.
    """
    source = _Lines(lines, reader)
    where: _Columns | None = None
    try:
        for row in csv.reader(source, strict=True):
            if not row:
                continue
            source.row = row
            if where is None:
                where = _Columns(tuple(columns) or _guessed(row, reader), reader)
            if len(row) != where.number:
                message = f"the row has {len(row)} columns instead of {where.number}"
                raise reader.refused(
                    0, message, "if the file is truncated, download it again; otherwise correct --columns"
                )
            yield where.listed(row)
    except csv.Error as error:
        source.row = []
        raise reader.refused(
            0, f"invalid CSV ({error})", "if the file is truncated, download it again"
        ) from None


class _Lines:
    """Yield the lines of a file. The last line is stored to locate its values."""

    def __init__(self, lines: Iterable[str], reader: Reader) -> None:
        self.row: list[str] = []
        self._last = ""
        self._lines: Final = lines
        self._reader: Final = reader
        reader.column_of = self._column

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._reader.line += 1
            self._last = line
            yield line

    def _column(self, place: Place) -> int:
        at = 0
        for value in self.row[: int(place)]:
            at = max(self._last.find(value, at), at) + len(value)
        wanted = self.row[int(place)] if int(place) < len(self.row) else ""
        return max(self._last.find(wanted, at), at) + 1


class _Columns:
    def __init__(self, names: Sequence[str], reader: Reader) -> None:
        lowered = [_plain(name) for name in names]

        def at(name: str) -> int:
            return lowered.index(name.lower()) if name.lower() in lowered else -1

        self.number: Final = len(names)
        self._reader: Final = reader
        self._bucket, self._key, self._size = at("Bucket"), at("Key"), at("Size")
        self._date, self._class = at("LastModifiedDate"), at("StorageClass")
        self._latest, self._marker = at("IsLatest"), at("IsDeleteMarker")

    def listed(self, row: Sequence[str]) -> Listed:
        """Read a row."""
        reader, key, size, kind = self._reader, row[self._key], row[self._size], self._kind(row)
        if "%" not in key:
            key = key.replace("+", " ")
        else:
            try:
                key = unquote_plus(key, errors="strict")
            except UnicodeDecodeError:
                message = f"the key {shown(key)} is not UTF-8"
                raise reader.refused(self._key, message, "list again") from None
        return Listed(
            row[self._bucket] if self._bucket >= 0 else "",
            reader.key(key, self._key),
            0 if kind == DELETED and not size else reader.size(size, self._size),
            reader.date(row[self._date], self._date) if self._date >= 0 else "",
            row[self._class] if self._class >= 0 else "",
            kind,
        )

    def _kind(self, row: Sequence[str]) -> str:
        if self._marker >= 0 and self._flag(row, self._marker):
            return DELETED
        return EARLIER if self._latest >= 0 and not self._flag(row, self._latest) else LATEST

    def _flag(self, row: Sequence[str], at: int) -> bool:
        found = _BOOLEANS.get(row[at].lower())
        if found is None:
            raise self._reader.refused(at, f"{shown(row[at])} must be true or false", "list again")
        return found


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "")


def check_columns(names: Sequence[str], where: str) -> None:
    """Reject columns that lack a value required for a seed. Raises Refused."""
    lacks = [name for name in NEEDED if _plain(name) not in map(_plain, names)]
    if lacks:
        raise Refused(
            f"{where}: column {lacks[0]} not found; an inventory needs {', '.join(NEEDED)}: add the "
            "optional field Size to it"
        )


def _guessed(row: Sequence[str], reader: Reader) -> tuple[str, ...]:
    if names := guessed(row):
        return names
    remedy = "use its manifest.json instead, or set its columns: --columns Bucket,Key,Size"
    raise reader.refused(0, "this is not a row of an S3 Inventory report with sizes", remedy)
