"""libyaml's nodes are those of ruamel.yaml, at the same places; it leaves alone what may differ."""

from __future__ import annotations

from typing import Any

import pytest

from harness import yaml_events, yaml_nodes
from harness.bounds import DEEPEST


def laid_out(node: Any, known: dict[int, int]) -> object:
    """All of a node that is looked at; an alias is the number of its node."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = len(known)
    inner = node.value
    if isinstance(inner, list):
        pairs = [each if isinstance(each, tuple) else (each,) for each in inner]
        inner = [tuple(laid_out(part, known) for part in each) for each in pairs]
    place = node.start_mark.line, node.start_mark.column
    return str(node.tag), place, getattr(node, "style", None), node.anchor, inner


SAME = [
    "a: b\nc: {d: e, f: [g, h: i]}\n",
    "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n",
    "é: 😀 x # ß\n日本: [語, 本: 1]\n",
    "k: |\n  text\n   more\n\nl: >-\n  fold\n  ed\n",
    "a: 'it''s'\nb: \"x\\ty\\u00e9\"\nc: plain\n  multi\n",
    "a: !!set {b, c}\nd: !!binary aGk=\ne: !Ref f\n",
    "a:\n\nb:\n  # x\nc: 1\n",
    "-\n- - x\n  -\n- yes\n- 0o7\n- 1e3\n- ~\n",
    "---\nurl: http://a.b/c:d\ntime: 12:30\n",
    f"a: {'[' * (DEEPEST - 1)}{']' * (DEEPEST - 1)}\n",
    "when: cron(0 6 1 * ? *) # a ? b\nwhy: is it ? is it\n",
    "no: newline",
]
OTHERWISE = [
    "a:\tb\n",
    "a: b\r\nc: d\r\n",
    "\ufeffa: b\n",
    "a: b\u2028c\n",
    "%YAML 1.1\n---\na: yes\n",
    "a: b\n---\nc: d\n",
    "a: b\n...\n",
    "? a\n: b\n",
    "!x ? a\n: b\n",
    "a: [? b]\n",
    '{"a":1}\n',
    "{a: , b}\n",
    "a: *b\n",
    "a: &b 1\nc: &b 2\n",
    "&a: b\n",
    "!~!x a\n",
    "a: >#b\n",
    "a: [b\n",
    "a: 'b\n",
    "",
    '"\\ud83d\\ude00"\n',
    "a: \x01\n",
    f"a: {'[' * DEEPEST}{']' * DEEPEST}\n",
]


@pytest.mark.parametrize("text", SAME)
def test_nodes_are_the_same(text: str) -> None:
    yaml = yaml_nodes.reader()
    found = yaml_events.compose(text, yaml.resolver.resolve)
    assert laid_out(found, {}) == laid_out(yaml.compose(text), {})


@pytest.mark.parametrize("text", OTHERWISE)
def test_what_may_differ_and_what_is_wrong_is_left_to_ruamel(text: str) -> None:
    with pytest.raises(yaml_events.Unsure):
        yaml_events.compose(text, yaml_nodes.reader().resolver.resolve)
