"""Pages in S3 list responses: request parameters, page entries and response text."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Generic, TypeVar

from moto.s3.exceptions import InvalidArgumentError, InvalidContinuationToken

T = TypeVar("T")

MOST: Final = 1000
"""The maximum number of entries in a page:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html.
"""
OWNER_ID: Final = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
"""The canonical user ID of all accounts in the engine. moto's access control lists also contain it."""
LARGEST: Final = 2**31 - 1
"""The largest number that S3 accepts."""
_CHECK_BYTES: Final = 8
_GONE_THROUGH: Final = 16
"""The number of keys in a group that are skipped one by one before the rest is skipped at once."""
_MOST_LETTERS: Final = 1024
"""The maximum length of a key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html."""
_SURROGATES, _BEHIND_SURROGATES = 0xD800, 0xE000
"""The half-open range of code points that are not valid characters."""
# XML 1.0 does not allow most of them, but S3 writes them as character references.
_REFERENCES: Final = {chr(code): f"&#{code};" for code in range(0x20) if chr(code) not in "\t\n"}
_SAFE_IN_URLS: Final = re.compile(r"[A-Za-z0-9_.~/*-]*")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", **_REFERENCES})
_SAFE_IN_XML: Final = re.compile(f"[^{re.escape(''.join(map(chr, _ESCAPES)))}]*")


class WrongToken(InvalidContinuationToken):
    """The error for a continuation token that no previous page returned."""

    def __init__(self) -> None:
        super().__init__()
        self.argument_name = "continuation-token"


@dataclass(frozen=True)
class Asked:
    """The parameters of a list request, by their names in the URL."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, querystring: Mapping[str, list[str]]) -> Asked:
        """Read a query. Raises InvalidArgumentError for an encoding other than `url`."""
        values = {name: next(iter(found), "") for name, found in querystring.items()}
        if values.get("encoding-type", "url") != "url":
            said = "Invalid Encoding Method specified in Request"
            raise InvalidArgumentError(said, "encoding-type", values["encoding-type"])
        return cls(values)

    def text(self, name: str) -> str:
        """Return a parameter, or "" if it is missing."""
        return self.values.get(name) or ""

    def number(self, name: str, argument: str, usual: int = MOST) -> int:
        """Return a numeric parameter, limited to `usual`, which is also the default.

        Raises InvalidArgumentError if the parameter is not a number.
        """
        given = self.text(name)
        if not given:  # S3 treats an empty number as missing
            return usual
        if not re.fullmatch(r"[+-]?\d+", given, re.ASCII) or int(given) > LARGEST:
            said = f"Provided {name} not an integer or within integer range"
            raise InvalidArgumentError(said, name, given)
        if int(given) < 0:
            said = f"Argument {argument} must be an integer between 0 and {LARGEST}"
            raise InvalidArgumentError(said, argument, given)
        return min(int(given), usual)

    def quoted_text(self, text: str) -> str:
        """Return a string before XML escaping. It is URL-encoded if the request specifies that."""
        return _as_url(text) if "encoding-type" in self.values else text

    @property
    def plain_prefix(self) -> str:
        """The prefix as returned by ListObjects. This is the only operation in which botocore does not decode
        it.
        """
        prefix = self.text("prefix")
        return _as_url(prefix) if any(each in prefix for each in _REFERENCES) else as_xml(prefix)

    @property
    def quoted(self) -> Callable[[str], str]:
        """The function that encodes keys: URL encoding if the request specifies that, otherwise XML."""
        return _as_url if "encoding-type" in self.values else as_xml

    def quoted_texts(self, texts: Iterable[str]) -> Iterable[str]:
        """Encode keys like `quoted`. Most keys do not need encoding, so all of them are checked at once."""
        plain = _SAFE_IN_URLS if "encoding-type" in self.values else _SAFE_IN_XML
        known = list(texts)
        return known if plain.fullmatch("".join(known)) else map(self.quoted, known)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: the individually listed items with their keys.
        prefixes: the common prefixes. Each represents all keys that begin with it.
        last: the last item or prefix. Empty for an empty page.
        more: True if another page follows.
    """

    items: list[tuple[str, T]]
    prefixes: list[str]
    last: str
    more: bool


def page_of(
    items: Iterator[tuple[str, T]],
    asked: Asked,
    after: str,
    limit: int,
    seek: Callable[[str], Iterator[tuple[str, T]]] | None = None,
) -> Page[T]:
    """Return a page of sorted `(key, item)` pairs that come after `after`. A delimiter groups them.

    Args:
        seek: returns the items starting at a key, so that large groups can be skipped.
    """
    start, delimiter = len(asked.text("prefix")), asked.text("delimiter")
    found: list[tuple[str, T]] = []
    prefixes: list[str] = []
    last, grouped = "", 0
    if not delimiter:
        taken = list(islice(items, limit + 1))
        page = taken[:limit]
        return Page(page, [], page[-1][0] if page else "", 0 < limit < len(taken))
    while (entry := next(items, None)) is not None:
        name = entry[0]
        end = name.find(delimiter, start)
        prefix = name[: end + len(delimiter)] if end >= 0 else None
        if prefix is not None and (prefix <= after or (prefixes and prefix == prefixes[-1])):
            grouped += 1
            if seek and grouped > _GONE_THROUGH:
                items, grouped = seek(_behind(prefix)), 0
            continue
        grouped = 0
        if len(found) + len(prefixes) >= limit:
            return Page(found, prefixes, last, limit > 0)
        if prefix is None:
            found.append(entry)
            last = name
        else:
            prefixes.append(prefix)
            last = prefix
    return Page(found, prefixes, last, False)


def _behind(prefix: str) -> str:
    """Return the first string after all strings with a prefix.

    >>> _behind("2026/")
    '20260'
    """
    last = ord(prefix[-1]) + 1
    if last > sys.maxunicode:
        return prefix + chr(sys.maxunicode) * _MOST_LETTERS
    return prefix[:-1] + chr(_BEHIND_SURROGATES if last == _SURROGATES else last)


def token_of(last: str) -> str:
    """Return the token of the page after `last`."""
    name = last.encode()
    return base64.b64encode(_check(name) + name).decode()


def last_of(token: str) -> str:
    """Return the last entry before the page that a token refers to. Raises WrongToken."""
    try:
        made = base64.b64decode(token, validate=True)
        name = made[_CHECK_BYTES:]
        if made[:_CHECK_BYTES] == _check(name):
            return name.decode()
    except ValueError:
        pass
    raise WrongToken


def element(name: str, value: str) -> str:
    """Return an element whose content is already XML."""
    return f"<{name}>{value}</{name}>"


def as_xml(text: str) -> str:
    """Escape a string."""
    return text.translate(_ESCAPES)


def _as_url(text: str) -> str:
    if _SAFE_IN_URLS.fullmatch(text):
        return text
    return urllib.parse.quote_plus(text, safe="/*")


def _check(name: bytes) -> bytes:
    return hashlib.blake2s(name, digest_size=_CHECK_BYTES).digest()
