"""Findings about a template, in the format that the process writes and the cache stores."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Key: TypeAlias = str | int


class Finding(NamedTuple):
    """A match for one of cfn-lint's rules.

    `line` and `column` count from 1. `path` leads to the entry in the template. `keyword` is the violated
    JSON schema keyword, such as `maximum`; empty if the rule does not use a schema.
    """

    rule: str
    line: int
    column: int
    message: str
    path: tuple[Key, ...] = ()
    keyword: str = ""


def written(findings: Iterable[Finding]) -> str:
    """Return findings as JSON text."""
    return json.dumps([list(finding) for finding in findings])


def read(text: str) -> tuple[Finding, ...]:
    """Parse findings from JSON text.

    Raises:
        ValueError: the text is not a list of findings.
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
