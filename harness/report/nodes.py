"""Trees of labelled nodes, rendered as lines. Repeated nodes are shown once."""

from __future__ import annotations

import io
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from harness.report.layout import QUIET, line

# Maximum length of a repeated sequence of steps, such as Wait, DescribeExecution, Choice.
LONGEST_LOOP = 6


@dataclass(frozen=True)
class Node:
    """A label with child nodes. Nodes with the same `kind` are considered equivalent."""

    name: str
    label: Text
    kind: Hashable = ""
    children: tuple[Node, ...] = ()

    @property
    def shape(self) -> Hashable:
        """A value that is equal for nodes that are alike and have children that are alike."""
        return self.kind, tuple(child.shape for child in self.children)


def lines(nodes: Iterable[Node], width: int) -> Iterator[Text]:
    """Yield the trees as lines of at most `width` columns; longer lines are truncated."""
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    for node in nodes:
        for segments in console.render_lines(_tree(node), pad=False):
            yield Text.assemble(*((segment.text, segment.style or "") for segment in segments))


def without_repeats(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return consecutive nodes. Reduce a loop to its first iteration and the number of other iterations."""
    shapes = [node.shape for node in nodes]
    kept: list[Node] = []
    start = 0
    while start < len(nodes):
        length, rounds = _loop(shapes, start)
        first = nodes[start : start + length]
        kept += first
        if rounds > 1:
            names = f" times: {', '.join(node.name for node in first)}" if length > 1 else " like this"
            kept.append(_more(rounds - 1, names))
        start += length * rounds
    return tuple(kept)


def one_of_each(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return parallel nodes. Reduce nodes that are alike to the first one and the number of others."""
    alike: dict[Hashable, list[Node]] = {}
    for node in nodes:
        alike.setdefault(node.shape, []).append(node)
    kept: list[Node] = []
    for group in alike.values():
        if len(group) <= 2:
            kept += group
        else:
            kept += [group[0], _more(len(group) - 1, " like this")]
    return tuple(kept)


def _loop(shapes: Sequence[Hashable], start: int) -> tuple[int, int]:
    """Return the length of the sequence that repeats from `start`, and how many times it occurs.

    Returns (1, 1) if nothing repeats.
    """
    for length in range(1, LONGEST_LOOP + 1):
        first, rounds = shapes[start : start + length], 1
        while first == shapes[start + rounds * length : start + (rounds + 1) * length]:
            rounds += 1
        if (rounds - 1) * length >= 2:  # otherwise the summary line takes as much space
            return length, rounds
    return 1, 1


def _more(number: int, what: str) -> Node:
    return Node("", line(f"… and {number:,} more{what}", QUIET), ("more", what))


def _tree(node: Node) -> Tree:
    label = node.label.copy()
    label.no_wrap, label.overflow = True, "ellipsis"
    tree = Tree(label, guide_style=QUIET)
    for child in node.children:
        tree.children.append(_tree(child))
    return tree
