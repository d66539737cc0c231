"""Reads the objects in the JSON output of `aws s3api list-objects-v2` or `list-object-versions`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from harness.inventory.model import DELETED, EARLIER, LATEST, Listed, Place, Reader, shown

_LISTS: Final = ("Contents", "Versions", "DeleteMarkers")
_MOST: Final = 1 << 20
"""Maximum length of one value in characters. A longer value is not an object in a listing."""
_SPACE: Final = " \t\r\n"
_LIST_AGAIN: Final = "create the listing with: aws s3api list-objects-v2 --bucket BUCKET --output json"


class Objects:
    """Reads a file from beginning to end, holding only one value in memory."""

    def __init__(self, chunks: Iterable[str], reader: Reader) -> None:
        self._chunks: Final = iter(chunks)
        self._reader: Final = reader
        self._text = ""
        self._at = 0
        self._column = 1
        self._ended = False
        self._decoder: Final = json.JSONDecoder()
        reader.line = 1
        reader.column_of = self._column_of

    def __iter__(self) -> Iterator[Listed]:
        """Yield each object. Raises Refused if the text is not AWS CLI output."""
        self._take("{")
        is_list = False
        while self._next() != "}":
            name = self._value()
            self._take(":")
            if name in _LISTS:
                is_list = True
                yield from self._list(str(name))
            else:
                value = self._value()
                is_list |= name in ("Prefix", "RequestCharged")
                if name == "EncodingType" and value == "url":
                    raise self._refused("the keys are URL-encoded", "list without --encoding-type")
                if name == "IsTruncated" and value is True:
                    raise self._refused(
                        "the listing is incomplete", "list without --no-paginate and --max-items"
                    )
                if name == "NextToken":
                    raise self._refused("the listing is incomplete", "list without --max-items")
            if self._next() == ",":
                self._at += 1
        if not is_list:
            raise self._refused("the listing contains no objects (Contents)", _LIST_AGAIN)

    def _list(self, name: str) -> Iterator[Listed]:
        if self._next() == "n":  # null
            self._value()
            return
        self._take("[")
        while self._next() != "]":
            line, column = self._reader.line, self._column
            value = self._value()
            after = self._reader.line, self._column
            self._reader.line, self._column = line, column
            yield self._listed(name, value)
            self._reader.line, self._column = after
            if self._next() == ",":
                self._at += 1
                self._column += 1
        self._take("]")

    def _listed(self, name: str, value: object) -> Listed:
        if not isinstance(value, dict):
            raise self._refused("this is not an object in a listing", _LIST_AGAIN)
        kind = DELETED if name == "DeleteMarkers" else LATEST
        if name == "Versions" and value.get("IsLatest") is False:
            kind = EARLIER
        size = value.get("Size", 0 if kind == DELETED else None)
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise self._refused(
                f"invalid Size {shown(json.dumps(size))}", "a size is a whole number of bytes"
            )
        key = value.get("Key")
        return Listed(
            "",
            self._reader.key(key if isinstance(key, str) else "", 0),
            self._reader.size(str(size), 0),
            self._reader.date(str(value.get("LastModified", "")), 0),
            str(value.get("StorageClass") or ""),
            kind,
        )

    def _column_of(self, _: Place) -> int:
        return self._column

    def _refused(self, message: str, remedy: str) -> Exception:
        return self._reader.refused(0, message, remedy)

    def _more(self) -> bool:
        """Continue reading. Discard the text that was consumed."""
        if self._ended:
            return False
        chunk = next(self._chunks, "")
        self._ended = not chunk
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return not self._ended

    def _next(self) -> str:
        """Return the next character that is not white space, without consuming it."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _SPACE:
                    return character
                self._moved(self._at + 1)
            if not self._more():
                raise self._refused("the JSON is incomplete", "the file is truncated; list again")

    def _take(self, wanted: str) -> None:
        found = self._next()
        if found != wanted:
            raise self._refused(f"expected {wanted!r}, found {found!r}", _LIST_AGAIN)
        self._moved(self._at + 1)

    def _moved(self, to: int) -> None:
        part = self._text[self._at : to]
        feeds = part.count("\n")
        self._reader.line += feeds
        self._column = len(part) - part.rfind("\n") if feeds else self._column + len(part)
        self._at = to

    def _value(self) -> object:
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                problem: json.JSONDecodeError | None = error
            except RecursionError:
                raise self._refused("it is nested too deeply", _LIST_AGAIN) from None
            else:
                problem = None
            if problem is None and (end < len(self._text) or self._ended):
                self._moved(end)
                found: object = value
                return found
            if len(self._text) - self._at > _MOST or not self._more():
                if problem is None:
                    continue
                raise self._refused(f"invalid JSON ({problem.msg})", "the file is truncated; list again")
