"""Limits for lists and mappings in a file: maximum nesting depth and maximum number. Imports only types."""

from __future__ import annotations

import json
from typing import Final

from harness.json_types import Json

DEEPEST: Final = 100
"""Maximum nesting depth in a file. Deeper nesting is a mistake, and Python can neither compare
nor write it.
"""
MOST_NODES: Final = 300_000
"""Maximum number of keys and values in a file. ruamel.yaml reads a few thousand per second."""
TOO_DEEP: Final = f"lists and mappings are nested more than {DEEPEST} levels deep"
TOO_MANY: Final = f"more than {MOST_NODES:,} values"


def is_deeper(value: Json, depth: int = DEEPEST) -> bool:
    """Return whether a value has more than `depth` levels. Iterates instead of recursing, because Python's
    own stack is hardly deeper.
    """
    level = [value]
    for _ in range(depth):
        arrays = [each for each in level if isinstance(each, list)]
        objects = [each.values() for each in level if isinstance(each, dict)]
        level = [
            inner for values in (*arrays, *objects) for inner in values if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return any(isinstance(each, list | dict) for each in level)


def values_in(value: Json) -> int:
    """Return the number of parts in a value, including the value itself."""
    count, waiting = 0, [value]
    while waiting:
        part = waiting.pop()
        count += 1
        if isinstance(part, list | dict):
            waiting += part if isinstance(part, list) else part.values()
    return count


def has_too_many(value: Json, text: str) -> bool:
    """Return whether a value, read from this JSON text, has more than MOST_NODES parts."""
    most = sum(text.count(each) for each in ",[{") + 1  # a fast upper bound
    return most > MOST_NODES and values_in(value) > MOST_NODES


def json_of(text: str) -> Json:
    """Parse JSON text from a user.

    Raises:
        ValueError: it is not JSON, is nested too deeply, or has too many values.
    """
    try:
        value: Json = json.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if is_deeper(value):
        raise ValueError(TOO_DEEP)
    if has_too_many(value, text):
        raise ValueError(f"it has {TOO_MANY}")
    return value
