"""References in a JSONata expression that AWS rejects, either everywhere or in certain fields.

In a state, all data is in variables: `$states`, and the variables set by Assign. A path that begins with a
plain name could never match, so AWS rejects the definition. Only some fields have `$states.result` and
`$states.errorOutput`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .tokens import Token, in_context

OPTIONAL_FIELDS: Final = {
    "errorOutput": "in a Catch",
    "result": "in the Output and the Assign of a Task, Parallel or Map state",
}


def unsupported_reference(words: list[Token], read: object) -> str | None:
    """Return the reason why AWS rejects an expression because of its context items, or None.

    Args:
        words: the expression's tokens.
        read: the root item's fields that it reads: `{"phone": True}`, True for the whole item.
    """
    if any(word == ("variable", "$$") for word in words):
        return "Reference to '$$' is not supported."
    if not isinstance(read, Mapping):
        return None
    for before, word, after in in_context(words):
        name = word.text.strip("`'\"")
        # A string is a name only if a path continues after it.
        named = word.kind == "name" or (word.kind == "text" and after == ("operator", "."))
        if named and name in read and before != ("operator", "."):
            return f"Reference to '{name}' at the top level is not supported."
    return None


def absent_field(read: object, available: frozenset[str]) -> str | None:
    """Return the error for a `$states` field that an expression reads but AWS does not have, or None.

    Args:
        read: the `$states` fields that it reads: `{"input": True}`, True for all fields.
        available: the available fields from `OPTIONAL_FIELDS`.
    """
    if not isinstance(read, Mapping):
        return None
    for name, where in OPTIONAL_FIELDS.items():
        if name in read and name not in available:
            return f"Reference to '$states.{name}' is only supported {where}."
    return None
