"""The parts of JSONata that AWS does not take: references to a context item, and newer operators.

A state's data are variables, `$states` and those of Assign. AWS refuses a definition with a path that begins
with a name: it could only lead nowhere. It has JSONata 2.0.6, without the operators that came later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

# Parts of a node that are evaluated with the same context item as the node itself. Later steps of a path, its
# filters, sort terms and groups have the items of the path instead.
_PARTS: Final = (
    "lhs",
    "rhs",
    "lhs_object",
    "expression",
    "expressions",
    "arguments",
    "procedure",
    "body",
    "condition",
    "then",
    "_else",
)


def unsupported_reference(node: Any) -> str | None:
    """Say why AWS refuses an expression because of what it refers to; None when it does not.

    Args:
        node: of the library's syntax tree.
    """
    if node.type == "path":
        return unsupported_reference(node.steps[0])
    if node.type == "name":
        return f"Reference to '{node.value}' at the top level is not supported."
    if node.type == "variable":
        return "Reference to '$$' is not supported." if node.value == "$" else None
    found = (unsupported_reference(inner) for part in _PARTS for inner in _nodes(getattr(node, part, None)))
    return next((reason for reason in found if reason), None)


def newer_operator(text: str, tokenizer: Any) -> str | None:
    """Give the sign at which JSONata 2.0.6 stops reading `??` or `?:`; None for an expression without them.

    Args:
        tokenizer: the library's class.
    """
    if "??" not in text and "?:" not in text:
        return None
    tokens = tokenizer(text)
    after_value = False  # where a slash divides; elsewhere it begins a regular expression
    while (token := tokens.next(after_value)) is not None:
        if token.type == "operator" and token.value in ("??", "?:"):
            return str(token.value[1])
        after_value = token.type != "operator" or token.value in (")", "]", "}")
    return None


def _nodes(value: Any) -> Iterator[Any]:
    """The nodes in a part, which may be one, a list, or pairs of key and value."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _nodes(item)
    elif hasattr(value, "type"):
        yield value
