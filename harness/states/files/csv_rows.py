"""Delimited text, as Step Functions reads it.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html. For cases that
the page does not cover, the rules follow OpenCSV, whose behaviour the page describes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.json_types import Json, JsonObject

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_DUPLICATES: Final = "CSV headers cannot contain duplicates."
"""AWS's message, as recorded."""


def csv_items(text: str, delimiter: str, headers: tuple[str, ...] | None) -> list[Json]:
    """Read rows as objects whose values are strings.

    A row with fewer fields than headers is filled with empty strings. Fields beyond the headers are dropped.
    Empty lines are not rows.

    Args:
        headers: the names of the fields; None to use the first row.

    Raises:
        ValueError: a header is missing or duplicated, or a quoted field is not closed.
    """
    rows = csv_rows(text, delimiter)
    if headers is None:
        first = next(rows, None)
        if first is None:
            raise ValueError("The CSV file has no header row.")
        headers = tuple(first)
    if len(set(headers)) < len(headers):
        raise ValueError(_DUPLICATES)
    order = _member_order(headers)
    items: list[Json] = []
    for row in rows:
        item: JsonObject = {headers[at]: row[at] if at < len(row) else "" for at in order}
        items.append(item)
    return items


def csv_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Return the fields of each row.

    Raises:
        ValueError: a quoted field is not closed.
    """
    begun: list[str] = []
    for line in _LINE_END.split(text):
        # Escaped quotation marks also count. AWS documents that quotation marks work only in pairs.
        turns = line.count('"') % 2 == 1
        if turns != bool(begun):
            begun.append(line)
            continue
        record = "\n".join([*begun, line])
        begun.clear()
        if record:
            yield _fields(record, delimiter)
    if begun:
        raise ValueError(f"A quoted field is not closed: {begun[0][:80]}")


def _fields(record: str, delimiter: str) -> list[str]:
    """Split a row.

    A backslash before a backslash, a quotation mark or the delimiter escapes that character. Any other
    backslash is dropped. Two quotation marks represent one, unless they enclose an empty field. White space
    before a quotation mark is dropped, and a single quotation mark inside a word is kept.
    """
    if '"' not in record and "\\" not in record:
        return record.split(delimiter)
    fields: list[str] = []
    field: list[str] = []
    quoted, blank = False, True
    at, end = 0, len(record)
    while at < end:
        character = record[at]
        following = record[at + 1 : at + 2]
        at += 1
        if character == "\\":
            if following not in ("\\", '"', delimiter):
                continue
            character = following
            at += 1
        elif character == '"':
            if following == '"' and (quoted or field or _is_in_field(record, at + 1, delimiter)):
                at += 1
            else:
                quoted = not quoted
                if blank:
                    field.clear()
                if blank or following in ("", delimiter):
                    continue
        elif character == delimiter and not quoted:
            fields.append("".join(field))
            field.clear()
            blank = True
            continue
        field.append(character)
        blank = blank and not quoted and character.isspace()
    return [*fields, "".join(field)]


def _is_in_field(record: str, at: int, delimiter: str) -> bool:
    """Return whether two quotation marks at the start of a field are followed by more text in that field."""
    return at < len(record) and record[at] not in (delimiter, '"')


def _member_order(headers: tuple[str, ...]) -> list[int]:
    """Return the positions of the headers in AWS's order, which is the iteration order of Java's HashMap.

    The order was recorded for files with two to four columns. With more columns, HashMap uses a larger hash
    table.
    """
    size = 16
    while len(headers) > size * 3 // 4:
        size *= 2
    return sorted(range(len(headers)), key=lambda at: _java_hash(headers[at]) & (size - 1))


def _java_hash(text: str) -> int:
    units = text.encode("utf-16-be", "surrogatepass")
    value = 0
    for at in range(0, len(units), 2):
        value = (31 * value + (units[at] << 8 | units[at + 1])) & 0xFFFFFFFF
    return value ^ value >> 16
