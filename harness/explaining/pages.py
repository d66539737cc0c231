"""Reads the pages that explain errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

_BEGIN: Final = re.compile(r"^## (?=\S+$)", re.MULTILINE)
_MESSAGES: Final = re.compile(r"\n```text\n(.*?)```\n", re.DOTALL)
_READ: Final = re.compile(r"^Read: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """An explanation of an error.

    `code` identifies the explanation, for example `scenario-unknown-key` or `States.Timeout`. `title` is the
    first sentence. `messages` contains fragments of the messages that the page explains, in which `…` stands
    for any text. `text` is the rest of the page, as Markdown. `read` lists related pages in the
    documentation, such as `how-to/faults`.
    """

    code: str
    title: str
    messages: tuple[str, ...]
    text: str
    read: tuple[str, ...]


@cache
def pages() -> Mapping[str, Page]:
    """All pages by code, sorted by file and then by position in the file."""
    return MappingProxyType({page.code: page for text in files().values() for page in _pages(text)})


@cache
def files() -> Mapping[str, str]:
    """The text of each file that contains pages, by file name, such as `scenario.md`."""
    from importlib import resources  # noqa: PLC0415  (start-up)

    folder = resources.files(__package__) / "pages"
    found = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".md")), key=lambda each: each.name
    )
    return MappingProxyType({each.name: each.read_text(encoding="utf-8") for each in found})


def _pages(text: str) -> Iterator[Page]:
    for section in _BEGIN.split(text)[1:]:
        code, _, body = section.partition("\n")
        messages = _MESSAGES.search(body)
        read = _READ.search(body)
        body = _READ.sub("", _MESSAGES.sub("", body)).strip()
        title, _, rest = body.partition("\n\n")
        yield Page(
            code=code,
            title=" ".join(title.split()),
            messages=tuple(messages[1].splitlines()) if messages else (),
            text=rest.strip(),
            read=tuple(read[1].split(", ")) if read else (),
        )
