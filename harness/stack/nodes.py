"""Finds entries in YAML nodes by their keys, and their locations."""

from __future__ import annotations

from collections.abc import Iterable

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

Key = str | int


def place_in(node: Node, keys: Iterable[Key]) -> tuple[int, int]:
    """Return the line and column of the entry at the given keys, or of its nearest existing parent."""
    line, column = 1, 1
    for key in keys:
        if str(node.tag).startswith("!") and str(key).startswith("Fn::"):
            continue
        found = member(node, key)
        if found is None:
            break
        node, (line, column) = found
    return line, column


def member(node: Node | None, key: Key) -> tuple[Node, tuple[int, int]] | None:
    """Return a member of a mapping with the location of its key, or an element of a list."""
    if isinstance(key, int):
        if not isinstance(node, SequenceNode):
            return (node, _place(node)) if node is not None and key == 0 else None
        return (node.value[key], _place(node.value[key])) if key < len(node.value) else None
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value, _place(name)
    return None


def _place(node: Node) -> tuple[int, int]:
    return int(node.start_mark.line) + 1, int(node.start_mark.column) + 1
