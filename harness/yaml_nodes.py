"""Composes the nodes for YAML text within limits: a maximum depth and a maximum number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer

from harness import yaml_events
from harness.bounds import DEEPEST, MOST_NODES, TOO_DEEP

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node


class TooMuch(Exception):
    """The text has too many or too deeply nested nodes. `place` is the line and column of the first excess
    node.
    """

    def __init__(self, message: str, remedy: str, place: tuple[int, int]) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy
        self.place = place


class _Bounded(Composer):
    """Composes nodes, and stops at the first node beyond the limits."""

    _depth = 0
    _count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._count += 1
        if self._count > MOST_NODES:
            self._stop(f"the file has more than {MOST_NODES:,} keys and values", "reduce their number")
        return super().compose_node(parent, index)

    def compose_sequence_node(self, anchor: Any) -> Any:
        return self._inside(super().compose_sequence_node, anchor)

    def compose_mapping_node(self, anchor: Any) -> Any:
        return self._inside(super().compose_mapping_node, anchor)

    def _inside(self, compose: Any, anchor: Any) -> Any:
        if self._depth == DEEPEST:
            self._stop(TOO_DEEP, "use fewer levels")
        self._depth += 1
        node = compose(anchor)
        self._depth -= 1
        return node

    def _stop(self, message: str, remedy: str) -> None:
        mark = self.parser.peek_event().start_mark
        raise TooMuch(message, remedy, (mark.line + 1, mark.column + 1))


def reader(resolver: Any = None) -> YAML:
    """A YAML reader whose `compose` is limited. It raises TooMuch in addition to ruamel's exceptions."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Bounded
    if resolver is not None:
        yaml.Resolver = resolver
    return yaml


def compose(text: str, resolver: Any = None) -> Node | None:
    """Return the nodes for a text, or None if it has none. Raises YAMLError and TooMuch."""
    return composed(reader(resolver), text)


def composed(yaml: YAML, text: str) -> Node | None:
    """Return the nodes for a text, using the given reader, or the C parser if its result is the same."""
    try:
        return yaml_events.compose(text, yaml.resolver.resolve)
    except yaml_events.Unsure:
        node: Node | None = yaml.compose(text)
        return node
