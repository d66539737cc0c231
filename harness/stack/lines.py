"""Finds the line numbers of template entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.cloudformation.functions import FOR_EACH
from harness.cloudformation.reading import read
from harness.cloudformation.sam import PREFIX
from harness.cloudformation.yaml_reading import compose
from harness.files import read_text
from harness.plain import DefinitionPath
from harness.scenario.position import Position
from harness.stack.definition_places import DefinitionPlaces
from harness.stack.nodes import Key, member, place_in
from harness.stack.sam_lines import SamSource

VARIABLE_IN_ID: Final = re.compile(r"[$&]\{[^}]*\}")
"""The loop variable in a logical ID."""
_NOTHING = MappingNode("", [])
POLICIES = frozenset({"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"})
"""Types of separate resources that are policies for a role."""


class TemplateLines:
    """Line numbers of the entries in a template, or in a definition without a template. They count from 1."""

    def __init__(self, path: Path) -> None:
        self._definition = DefinitionPlaces(path) if isinstance(path, DefinitionPath) else None
        self.path = Path(path)
        text = "" if self._definition else read_text(path)
        root = _NOTHING if self._definition else compose(text)
        assert root is not None, "it was read before"
        self._root = root
        self._sam = SamSource(read(text)) if PREFIX in text or "Connectors" in text else None

    def line(self, *keys: Key) -> int:
        """Return the line of the entry at `keys`, or of its nearest existing parent.

        A value that is not a list counts as a list with one element. `("Statement", 0)` matches both forms.
        """
        return self.position(*keys).line

    def position(self, *keys: Key) -> Position:
        """Return the location of the entry at `keys`, or of its nearest existing parent.

        Keys may pass through functions in short form: `("Fn::If", 1)`. In a SAM template, keys of a generated
        resource point to its source.
        """
        if self._definition is not None:
            return self._definition.position(*keys)
        if self._sam:
            keys = self._sam.keys(*keys)
        return Position(self.path, *place_in(self._root, self._of_loop(keys)))

    def _of_loop(self, keys: tuple[Key, ...]) -> tuple[Key, ...]:
        """Return the keys of the loop that generates a resource, if the resource itself is not declared."""
        if len(keys) < 2 or keys[0] != "Resources" or self._node(*keys[:2]) is not None:
            return keys
        for name, loop in self._resources():
            made = member(loop, 2) if name.startswith(FOR_EACH) else None
            for pattern, _ in made[0].value if made and isinstance(made[0], MappingNode) else ():
                ways = (re.escape(part) for part in VARIABLE_IN_ID.split(pattern.value))
                if re.fullmatch(r"\w*".join(ways), str(keys[1])):
                    return ("Resources", name, 2, pattern.value, *keys[2:])
        return keys

    def role(self, role: str) -> tuple[Key, ...] | None:
        """Return the keys of the location for adding a statement to the role. None if the role does not
        exist.

        The location is its `Policies`, otherwise a separate policy that is attached to it, otherwise the role
        itself.
        """
        if self._node("Resources", role) is None:
            return self._sam.policy(role, "") if self._sam else None
        within: tuple[Key, ...] = ("Resources", role, "Properties", "Policies")
        if isinstance(self._node(*within), SequenceNode):
            return within
        return next((("Resources", name) for name, _ in self._attached(role)), within[:2])

    def maker(self, name: str) -> str | None:
        """Return the SAM resource that generates the given one: for the role `HelloRole`, the function
        `Hello`.
        """
        owner = self._sam.owner(name) if self._sam else None
        return None if owner == name else owner

    def statement(self, role: str, policy: str, index: int) -> tuple[Key, ...]:
        """Return the keys of a statement: in a policy in the role, found by name, or in a separate policy.

        The policy name `AssumeRolePolicyDocument` selects the role's trust policy. If no such policy is
        found, return the role's keys.
        """
        if self._sam and (of_sam := self._sam.policy(role, policy)) is not None:
            return of_sam if policy == "AssumeRolePolicyDocument" else (*of_sam, "Statement", index)
        properties: tuple[Key, ...] = ("Resources", role, "Properties")
        if policy == "AssumeRolePolicyDocument":
            return (*properties, policy, "Statement", index)
        policies = self._node(*properties, "Policies")
        for number, entry in enumerate(policies.value if isinstance(policies, SequenceNode) else ()):
            if _text(_child(entry, "PolicyName")) == policy:
                return (*properties, "Policies", number, "PolicyDocument", "Statement", index)
        attached = dict(self._attached(role))
        named = {name: resource for name, resource in self._resources() if _name(resource) == policy}
        # Parameters can be part of a name. The policy is then the role's only separate policy with such a
        # name.
        made = [name for name, resource in attached.items() if _name(resource) is None]
        found = [name for name in named if name in attached] or list(named) or made
        if found and (named or len(found) == 1):
            return ("Resources", found[0], "Properties", "PolicyDocument", "Statement", index)
        return properties[:2]

    def _resources(self) -> Iterator[tuple[str, Node]]:
        resources = self._node("Resources")
        for name, resource in resources.value if isinstance(resources, MappingNode) else ():
            yield name.value, resource

    def _attached(self, role: str) -> Iterator[tuple[str, Node]]:
        """Return the separate policies that refer to a role: AWS::IAM::RolePolicy, Policy and
        ManagedPolicy.
        """
        for name, resource in self._resources():
            if _text(_child(resource, "Type")) in POLICIES:
                properties = _child(resource, "Properties")
                roles = (_child(properties, "RoleName"), _child(properties, "Roles"))
                if any(role in _texts(node) for node in roles):
                    yield name, resource

    def _node(self, *keys: Key) -> Node | None:
        node: Node | None = self._root
        for key in keys:
            found = member(node, key)
            node = found[0] if found else None
        return node


def _child(node: Node | None, key: str) -> Node | None:
    found = member(node, key)
    return found[0] if found else None


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, ScalarNode) else None


def _name(resource: Node) -> str | None:
    """Return the literal name of a policy. None if a function such as `!Sub` computes it."""
    node = _child(_child(resource, "Properties"), "PolicyName")
    return None if node is not None and str(node.tag).startswith("!") else _text(node)


def _texts(node: Node | None) -> Iterator[str]:
    """Return all strings in a value: the logical IDs in `!Ref Reader`, `{Ref: Reader}` and `!GetAtt
    Reader.Arn`.
    """
    if isinstance(node, ScalarNode):
        yield str(node.value).partition(".")[0].strip("${}")
    elif isinstance(node, SequenceNode):
        for element in node.value:
            yield from _texts(element)
    elif isinstance(node, MappingNode):
        for _, value in node.value:
            yield from _texts(value)
