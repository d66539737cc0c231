"""The references of a JSONata expression that AWS does not take, or not everywhere.

A state's data are variables, `$states` and those of Assign. AWS refuses a definition with a path that begins
with a name: it could only lead nowhere. `$states.result` and `$states.errorOutput` are there in some fields.
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
    """Say why AWS refuses an expression because of the context items in it; None when it does not.

    Args:
        words: the expression's tokens.
        read: the fields of the root item that it reads: `{"phone": True}`, True for all of it.
    """
    if any(word == ("variable", "$$") for word in words):
        return "Reference to '$$' is not supported."
    if not isinstance(read, Mapping):
        return None
    for before, word, after in in_context(words):
        name = word.text.strip("`'\"")
        # A text is a name only where a path goes on behind it.
        named = word.kind == "name" or (word.kind == "text" and after == ("operator", "."))
        if named and name in read and before != ("operator", "."):
            return f"Reference to '{name}' at the top level is not supported."
    return None


def absent_field(read: object, available: frozenset[str]) -> str | None:
    """Say which field of `$states` an expression reads where AWS has none; None when there is none.

    Args:
        read: the fields of `$states` that it reads: `{"input": True}`, True for all of it.
        available: those of `OPTIONAL_FIELDS` that are there.
    """
    if not isinstance(read, Mapping):
        return None
    for name, where in OPTIONAL_FIELDS.items():
        if name in read and name not in available:
            return f"Reference to '$states.{name}' is only supported {where}."
    return None
