"""The parts of keys, and the formats that similar keys share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9_+~-]{1,16}")
_MARKERS: Final = ("_$folder$", "/")
"""Suffixes of keys for objects that represent folders."""
RUN: Final = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?<![A-Za-z0-9])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}(?![A-Za-z0-9])"
    r"|[0-9]+"
)
"""A counting or random part: a UUID, hexadecimal digits, a number."""
ANY: Final = "#"
"""Placeholder for such a part in a format, and for a whole name if names differ."""


class Parts(NamedTuple):
    """A key: folders with their slashes, a name, and the extension with its dot."""

    folder: str
    stem: str
    suffix: str


def parts_of(key: str) -> Parts:
    """Split a key into its parts.

    >>> parts_of("raw/2024/a.b.nef"), parts_of("raw/")
    (Parts(folder='raw/2024/', stem='a.b', suffix='.nef'), Parts(folder='', stem='raw', suffix='/'))
    """
    for marker in _MARKERS:
        if key.endswith(marker):
            folder, slash, stem = key[: -len(marker)].rpartition("/")
            return Parts(folder + slash, stem, marker)
    folder, slash, name = key.rpartition("/")
    stem, dot, end = name.rpartition(".")
    if stem.strip(".") and _SUFFIX.fullmatch(dot + end):
        return Parts(folder + slash, stem, dot + end)
    return Parts(folder + slash, name, "")


def _whole(parts: Parts) -> Parts:
    return Parts(parts.folder, RUN.sub(ANY, parts.stem), parts.suffix)


def _without_numbers(parts: Parts) -> Parts:
    return Parts(RUN.sub("0", parts.folder), RUN.sub(ANY, parts.stem), parts.suffix)


def _folders_only(parts: Parts) -> Parts:
    return Parts(RUN.sub("0", parts.folder), ANY, parts.suffix)


def _first_folder(parts: Parts) -> Parts:
    first, slash, _ = RUN.sub("0", parts.folder).partition("/")
    return Parts(first + slash, ANY, parts.suffix)


def _suffix_only(parts: Parts) -> Parts:
    return Parts("", ANY, parts.suffix)


LEVELS: Final[Sequence[tuple[Callable[[Parts], Parts], str]]] = (
    (_whole, ""),
    (_without_numbers, "folders that differ only in numbers are merged"),
    (_folders_only, "names vary widely: each folder has one pattern for each extension"),
    (_first_folder, "there are many folders: each top-level folder has one pattern for each extension"),
    (_suffix_only, "there are many folders: each extension has one pattern, without folders"),
)
"""Formats from fine to coarse. Each is computed from the previous one. The sentence says which information
is lost.
"""
