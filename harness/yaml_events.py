"""Builds the nodes for YAML text with libyaml, the parser in C, if it is installed and agrees with
ruamel.yaml.

The result consists of ruamel.yaml's nodes, with its tags and positions. Text that the two parsers read
differently, and invalid text, is left to ruamel.yaml, so that users see its error messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tag import Tag

from harness.bounds import DEEPEST, MOST_NODES

Resolve: TypeAlias = Callable[[type[Node], str | None, tuple[bool, bool]], Tag]
# Tabs, carriage returns, other line breaks, byte order marks, characters that YAML does not allow,
# directives, ends of documents, keys with a question mark (except within a text), and block indicators
# without a space.
_OTHERWISE: Final = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    r"|^%|^\.\.\.|(?:^|[-?:,\[{]|[&!][^\s]*) *\?(?![^\s,\[\]{}])|[|>][-+0-9]*#",
    re.MULTILINE,
)
_NAMED: Final = re.compile(
    r"(?:&[A-Za-z0-9_]+[ \n]+)?(?:!!?[A-Za-z][A-Za-z0-9]*(?:::[A-Za-z]+)?[ \n](?!\s*&)|(?=[^&!]))"
)
_ALIAS: Final = re.compile(r"\*[A-Za-z0-9_]+(?=[ \n,\]}]|\Z)")


class Unsure(Exception):
    """The text must be read by ruamel.yaml."""


def compose(text: str, resolve: Resolve) -> Node:
    """Return the nodes for YAML text. `resolve` returns the tag for a node that has none.

    Raises Unsure.
    """
    if _OTHERWISE.search(text):
        raise Unsure
    try:
        from yaml.cyaml import CParser  # type: ignore[import-untyped]  # noqa: PLC0415  (start-up)
        from yaml.error import YAMLError  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:  # without libyaml
        raise Unsure from None
    try:
        return _Composer(text, CParser(text).get_event, resolve).document()
    except YAMLError:
        raise Unsure from None


class _Composer:
    """Builds nodes from events, within the limits of a file."""

    def __init__(self, text: str, next_event: Callable[[], Any], resolve: Resolve) -> None:
        self._text = text
        self._next = next_event
        self._resolve = resolve
        self._anchors: dict[str, Node] = {}
        self._plain: dict[str, Tag] = {}
        self._quoted = resolve(ScalarNode, "", (False, True))
        self._count = 0

    def document(self) -> Node:
        """Return the root of the only document."""
        self._next()  # the start of the stream
        if type(self._next()).__name__ != "DocumentStartEvent":
            raise Unsure
        root = self._node(self._next(), 0)
        if root.value == "":
            raise Unsure
        self._next()  # the end of the document
        if type(self._next()).__name__ != "StreamEndEvent":
            raise Unsure
        return root

    def _node(self, event: Any, depth: int) -> Node:
        self._count += 1
        if self._count > MOST_NODES:
            raise Unsure
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._anchored(event)
        if (event.tag or event.anchor) and not _NAMED.match(self._text, event.start_mark.index):
            raise Unsure
        if kind == "ScalarEvent":
            tag = self._tag_of(event)
            return self._known(
                ScalarNode(tag, event.value, event.start_mark, style=event.style or None, anchor=event.anchor)
            )
        if depth == DEEPEST:
            raise Unsure
        of_kind = MappingNode if kind == "MappingStartEvent" else SequenceNode
        tag = self._resolve(of_kind, None, (True, False)) if event.tag is None else Tag(suffix=event.tag)
        node = self._known(
            of_kind(tag, [], event.start_mark, flow_style=event.flow_style, anchor=event.anchor)
        )
        if of_kind is MappingNode:
            self._fill(node, depth + 1)
            return node
        while type(inner := self._next()).__name__ != "SequenceEndEvent":
            node.value.append(self._node(inner, depth + 1))
        return node

    def _fill(self, mapping: Any, depth: int) -> None:
        """Compose keys and values. In a block, an empty value has the position of the next event."""
        event = self._next()
        while type(event).__name__ != "MappingEndEvent":
            key, key_end = self._node(event, depth), event.end_mark.index
            if self._text[key_end : key_end + 1] == ":" != self._text[key_end : key_end + 2].strip():
                raise Unsure  # as in {"a":1}
            event = self._next()
            value: Any = self._node(event, depth)
            is_nothing = value.value == "" and value.style is None and event.start_mark is value.start_mark
            is_nothing = is_nothing and not (event.anchor or event.tag)
            mapping.value.append((key, value))
            event = self._next()
            if is_nothing and mapping.flow_style:
                if value.start_mark.index != key_end:
                    raise Unsure  # after a colon
            elif is_nothing:
                if event.start_mark.index >= len(self._text) and not self._text.endswith("\n"):
                    raise Unsure  # in a line that does not exist
                value.start_mark = event.start_mark

    def _tag_of(self, event: Any) -> Tag:
        if event.tag is not None:
            return Tag(suffix=event.tag)
        if not event.implicit[0]:
            return self._quoted
        if event.value not in self._plain:
            self._plain[event.value] = self._resolve(ScalarNode, event.value, (True, False))
        return self._plain[event.value]

    def _anchored(self, event: Any) -> Node:
        if event.anchor not in self._anchors or not _ALIAS.match(self._text, event.start_mark.index):
            raise Unsure
        return self._anchors[event.anchor]

    def _known(self, node: Node) -> Node:
        if node.anchor is not None:
            if node.anchor in self._anchors:
                raise Unsure
            self._anchors[node.anchor] = node
        return node
