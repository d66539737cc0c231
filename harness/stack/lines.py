"""Finds the lines of a template's entries."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.scenario.position import Position

Key = str | int


class TemplateLines:
    """The lines of a template's entries, counted from 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root: Node = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))

    def line(self, *keys: Key) -> int:
        """The line of the entry that `keys` lead to, or of the last entry on the way that there is.

        A value that is not a list counts as a list of one: `("Statement", 0)` leads to it in both forms.
        """
        return self.position(*keys).line

    def position(self, *keys: Key) -> Position:
        """The place of the entry that `keys` lead to, or of the last entry on the way that there is."""
        node, line, column = self._root, 1, 1
        for key in keys:
            found = _member(node, key)
            if found is None:
                break
            node, (line, column) = found
        return Position(self.path, line, column)

    def statement(self, role: str, policy: str, index: int) -> tuple[Key, ...]:
        """The keys that lead to a statement: of a policy of the role by its name, or of one beside it.

        `AssumeRolePolicyDocument` as the policy's name is the role's trust policy. The keys of the role when
        no such policy is found.
        """
        properties: tuple[Key, ...] = ("Resources", role, "Properties")
        if policy == "AssumeRolePolicyDocument":
            return (*properties, policy, "Statement", index)
        policies = self._node(*properties, "Policies")
        for number, entry in enumerate(policies.value if isinstance(policies, SequenceNode) else ()):
            if _text(_child(entry, "PolicyName")) == policy:
                return (*properties, "Policies", number, "PolicyDocument", "Statement", index)
        resources = self._node("Resources")
        for name, resource in resources.value if isinstance(resources, MappingNode) else ():
            if _text(_child(_child(resource, "Properties"), "PolicyName")) == policy:
                return ("Resources", name.value, "Properties", "PolicyDocument", "Statement", index)
        return properties[:2]

    def _node(self, *keys: Key) -> Node | None:
        node: Node | None = self._root
        for key in keys:
            found = _member(node, key)
            node = found[0] if found else None
        return node


def _member(node: Node | None, key: Key) -> tuple[Node, tuple[int, int]] | None:
    """A member of a mapping with the place of its key, or an element of a list."""
    if isinstance(key, int):
        if not isinstance(node, SequenceNode):
            return (node, _place(node)) if node is not None and key == 0 else None
        return (node.value[key], _place(node.value[key])) if key < len(node.value) else None
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value, _place(name)
    return None


def _child(node: Node | None, key: str) -> Node | None:
    found = _member(node, key)
    return found[0] if found else None


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, ScalarNode) else None


def _place(node: Node) -> tuple[int, int]:
    return int(node.start_mark.line) + 1, int(node.start_mark.column) + 1
