"""Reads the output of `aws s3 ls --recursive`, with or without `--human-readable` and `--summarize`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from harness.inventory.model import Listed, Place, Reader, shown

_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d +(\d+) (.+)", re.DOTALL)
_HUMAN: Final = re.compile(
    r"(\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d +(\d+(?:\.\d)?) (Bytes?|[KMGTPE]iB) (.+)", re.DOTALL
)
_BUCKET: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^ ]+")
_FOLDER: Final = re.compile(r" +PRE .+")
_TOTAL: Final = re.compile(r"\s*Total (Objects|Size): (.+)")
_UNITS: Final = {"Byte": 1, "Bytes": 1, **{f"{unit}iB": 1024 ** (n + 1) for n, unit in enumerate("KMGTPE")}}


def is_listing(line: str) -> bool:
    """Return whether a line is output from `aws s3 ls`."""
    return any(form.fullmatch(line) for form in (_LINE, _HUMAN, _BUCKET, _FOLDER, _TOTAL))


class Lines:
    """The lines in a file. After the last line, `rounded` is true if sizes are rounded."""

    def __init__(self, lines: Iterable[str], reader: Reader) -> None:
        self.rounded = False
        self._lines: Final = lines
        self._reader: Final = reader
        self._count = self._bytes = 0

    def __iter__(self) -> Iterator[Listed]:
        """Yield each object. Raises Refused for any other line."""
        form = None
        for text in self._lines:
            self._reader.line += 1
            line = text.rstrip("\r\n")
            if not line.strip():
                continue
            if total := _TOTAL.fullmatch(line):
                self._check(total[1], total[2])
                continue
            if form is None:
                form = _HUMAN if _HUMAN.fullmatch(line) else _LINE
                self.rounded = form is _HUMAN
            yield self._listed(line, form)

    def _listed(self, line: str, form: re.Pattern[str]) -> Listed:
        match = form.fullmatch(line)
        if match is None:
            raise self._refused(line)
        self._reader.column_of = lambda place: match.start(int(place)) + 1
        human = form is _HUMAN
        size = round(float(match[2]) * _UNITS[match[3]]) if human else self._reader.size(match[2], 2)
        self._count += 1
        self._bytes += size
        last = match.re.groups
        return Listed("", self._reader.key(match[last], last), size, self._reader.date(match[1], 1))

    def _refused(self, line: str) -> Exception:
        self._reader.column_of = _first
        if _FOLDER.fullmatch(line):
            message, remedy = "this is a folder, and its objects are not listed", "list with --recursive"
        elif _BUCKET.fullmatch(line):
            message, remedy = "this is a bucket", "list its objects: aws s3 ls s3://BUCKET --recursive"
        else:
            message = f"{shown(line)} is not a line of aws s3 ls --recursive"
            remedy = (
                "remove it; if a key contains line feeds, list with aws s3api list-objects-v2 --bucket BUCKET"
            )
        return self._reader.refused(1, message, remedy)

    def _check(self, what: str, text: str) -> None:
        """Compare a total with the lines that were read, because a listing may be incomplete."""
        self._reader.column_of = _first
        number = text.strip()
        if what == "Objects":
            found = self._count
        elif number.isdecimal():
            found = self._bytes
        else:
            return
        if number != str(found):
            message = f"Total {what} is {shown(number)}, but the lines before add up to {found:,}"
            raise self._reader.refused(1, message, "lines are missing; list again")


def _first(_: Place) -> int:
    return 1
