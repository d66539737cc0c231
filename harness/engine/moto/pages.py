"""Pages of S3's lists: the parameters of a request, what a page takes, and the texts of its answer."""

from __future__ import annotations

import base64
import hashlib
import re
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from moto.s3.exceptions import InvalidArgumentError, InvalidContinuationToken

T = TypeVar("T")

MOST: Final = 1000
"""The entries of a page: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html."""
OWNER_ID: Final = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
"""The canonical user of every account here; moto's access control lists name it, too."""
LARGEST: Final = 2**31 - 1
"""The largest number that S3 accepts."""
_CHECK_BYTES: Final = 8
# XML 1.0 has no place for most of them; S3 writes them as character references all the same.
_REFERENCES: Final = {chr(code): f"&#{code};" for code in range(0x20) if chr(code) not in "\t\n"}
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", **_REFERENCES})


class WrongToken(InvalidContinuationToken):
    """A continuation token that no earlier page has given."""

    def __init__(self) -> None:
        super().__init__()
        self.argument_name = "continuation-token"


@dataclass(frozen=True)
class Asked:
    """The parameters of a request for a list, by their names in its URL."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, querystring: Mapping[str, list[str]]) -> Asked:
        """Read a query. Raises InvalidArgumentError for an encoding that is not `url`."""
        values = {name: next(iter(found), "") for name, found in querystring.items()}
        if values.get("encoding-type", "url") != "url":
            said = "Invalid Encoding Method specified in Request"
            raise InvalidArgumentError(said, "encoding-type", values["encoding-type"])
        return cls(values)

    def text(self, name: str) -> str:
        """Give a parameter; empty when it is not given."""
        return self.values.get(name) or ""

    def number(self, name: str, argument: str, usual: int = MOST) -> int:
        """Give a number that is at most `usual`. Raises InvalidArgumentError when it is none."""
        given = self.text(name)
        if not given:  # S3 takes an empty number for none
            return usual
        if not re.fullmatch(r"[+-]?\d+", given, re.ASCII) or int(given) > LARGEST:
            said = f"Provided {name} not an integer or within integer range"
            raise InvalidArgumentError(said, name, given)
        if int(given) < 0:
            said = f"Argument {argument} must be an integer between 0 and {LARGEST}"
            raise InvalidArgumentError(said, argument, given)
        return min(int(given), usual)

    def quoted_text(self, text: str) -> str:
        """Give a text that is yet to become XML: quoted as in URLs when that is asked for."""
        return _as_url(text) if "encoding-type" in self.values else text

    @property
    def plain_prefix(self) -> str:
        """The prefix as ListObjects tells it: only there botocore does not decode it."""
        prefix = self.text("prefix")
        return _as_url(prefix) if any(each in prefix for each in _REFERENCES) else as_xml(prefix)

    @property
    def quoted(self) -> Callable[[str], str]:
        """The way in which keys are written: quoted as in URLs when that is asked for, else as XML."""
        return _as_url if "encoding-type" in self.values else as_xml


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: what is listed by itself.
        prefixes: the prefixes that stand for all keys which begin with them.
        last: the last of both; empty for an empty page.
        more: tells that another page follows.
    """

    items: list[T]
    prefixes: list[str]
    last: str
    more: bool


def page_of(items: Iterable[tuple[str, T]], asked: Asked, after: str, limit: int) -> Page[T]:
    """Take a page of `(key, item)`, which are in order and behind `after`; a delimiter groups them."""
    start, delimiter = len(asked.text("prefix")), asked.text("delimiter")
    page = Page[T]([], [], "", False)
    found, prefixes, last = page.items, page.prefixes, ""
    for name, item in items:
        end = name.find(delimiter, start) if delimiter else -1
        prefix = name[: end + len(delimiter)] if end >= 0 else None
        if prefix is not None and (prefix <= after or (prefixes and prefix == prefixes[-1])):
            continue
        if len(found) + len(prefixes) >= limit:
            return Page(found, prefixes, last, limit > 0)
        if prefix is None:
            found.append(item)
            last = name
        else:
            prefixes.append(prefix)
            last = prefix
    return Page(found, prefixes, last, False)


def token_of(last: str) -> str:
    """Give the token of the page behind `last`."""
    name = last.encode()
    return base64.b64encode(_check(name) + name).decode()


def last_of(token: str) -> str:
    """Give the entry that a token points behind. Raises WrongToken."""
    try:
        made = base64.b64decode(token, validate=True)
        name = made[_CHECK_BYTES:]
        if made[:_CHECK_BYTES] == _check(name):
            return name.decode()
    except ValueError:
        pass
    raise WrongToken


def element(name: str, value: str) -> str:
    """Write an element whose text is XML already."""
    return f"<{name}>{value}</{name}>"


def as_xml(text: str) -> str:
    """Escape a text."""
    return text.translate(_ESCAPES)


def _as_url(text: str) -> str:
    return urllib.parse.quote_plus(text, safe="/*")


def _check(name: bytes) -> bytes:
    return hashlib.blake2s(name, digest_size=_CHECK_BYTES).digest()
