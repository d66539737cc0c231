"""The parts of keys, and the forms in which many keys are alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9_+~-]{1,16}")
_MARKERS: Final = ("_$folder$", "/")
"""The ends of keys of objects that stand for folders."""
RUN: Final = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?<![A-Za-z0-9])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}(?![A-Za-z0-9])"
    r"|[0-9]+"
)
"""A part that counts, or is made by chance: a UUID, hexadecimal digits, a number."""
ANY: Final = "#"
"""Stands for such a run in a form, and for a whole name where names differ."""


class Parts(NamedTuple):
    """A key: folders with their slashes, a name, and its end, which is the extension with its dot."""

    folder: str
    stem: str
    suffix: str


def parts_of(key: str) -> Parts:
    """Take a key apart.

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
    (_without_numbers, "folders that differ in numbers only are one"),
    (_folders_only, "names differ much: each folder has a pattern for each extension"),
    (_first_folder, "folders are many: those at the top have a pattern for each extension"),
    (_suffix_only, "folders are many: each extension has a pattern, without folders"),
)
"""Forms from fine to coarse; each can be made of the one before. The sentence says what is lost."""
