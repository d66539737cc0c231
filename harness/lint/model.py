"""Findings about a template, as the process writes them and the cache keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Key: TypeAlias = str | int


class Finding(NamedTuple):
    """A match of one of cfn-lint's rules.

    `line` and `column` count from 1. `path` leads to the entry in the template. `keyword` is that of the JSON
    schema which was not met, such as `maximum`; empty where there is none.
    """

    rule: str
    line: int
    column: int
    message: str
    path: tuple[Key, ...] = ()
    keyword: str = ""


def written(findings: Iterable[Finding]) -> str:
    """Findings as JSON text."""
    return json.dumps([list(finding) for finding in findings])


def read(text: str) -> tuple[Finding, ...]:
    """Findings of JSON text.

    Raises:
        ValueError: the text is something else.
    """
    try:
        return tuple(_finding(*entry) for entry in json.loads(text))
    except TypeError as error:
        raise ValueError(f"not a list of findings: {error}") from error


def _finding(rule: str, line: int, column: int, message: str, path: list[Key], keyword: str) -> Finding:
    texts = (rule, message, keyword)
    if not all(isinstance(text, str) for text in texts) or not isinstance(line, int):
        raise TypeError(f"{rule!r}, {line!r}, {message!r}")
    return Finding(rule, line, int(column), message, tuple(path), keyword)
