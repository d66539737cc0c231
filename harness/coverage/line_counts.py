"""Line-by-line coverage of definition files, templates and generated files, for LCOV and Cobertura."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.coverage.edges import Edge, Kind
from harness.coverage.model import Coverage, Machine
from harness.coverage.places import Places

BLOCKS: Mapping[Kind, int] = {
    "choice": 0,
    "default": 0,
    "catch": 1,
    "retried": 2,
    "used-up": 2,
    "map": 3,
    "timeout": 4,
    "heartbeat": 4,
}
"""The kinds of edges that are reported as branches on their state's line, each with its block number."""


@dataclass(frozen=True)
class BranchCount:
    """A branch on a line: its block, its number in the block, its name, and how many times it was taken.

    `taken` is None if the line itself was not reached.
    """

    block: int
    number: int
    label: str
    taken: int | None


@dataclass
class FileCounts:
    """A file's lines: the hits by line number, and the branches on lines that have any."""

    file: Path
    lines: dict[int, int] = field(default_factory=dict)
    branches: dict[int, list[BranchCount]] = field(default_factory=dict)


def file_counts(coverage: Coverage, places: Mapping[str, Places]) -> tuple[FileCounts, ...]:
    """Return the files for all machines with their lines, by path. `places` is keyed by machine."""
    found: dict[Path, FileCounts] = {}
    for machine in coverage.machines:
        at = places[machine.key]
        for edge in machine.edges.values():
            place = at.of(edge)
            if place is None:
                continue
            counts = found.setdefault(place.file, FileCounts(place.file))
            hits = machine.hits[edge.id]
            counts.lines[place.line] = max(hits, counts.lines.get(place.line, 0))
            if edge.kind in BLOCKS:
                _add_branch(counts, machine, edge, at)
    return tuple(found[path] for path in sorted(found))


def _add_branch(counts: FileCounts, machine: Machine, edge: Edge, places: Places) -> None:
    """Add a branch to the line of its state, or to the line of the machine's timeout."""
    of_state = machine.edges.get(Edge(edge.state, "state").id, edge)
    place = places.of(of_state)
    assert place is not None, "the edge itself has a place"
    branches = counts.branches.setdefault(place.line, [])
    counts.lines.setdefault(place.line, 0)
    taken = machine.hits[edge.id] if machine.hits[of_state.id] else None
    if of_state is edge and machine.executions:
        taken = machine.hits[edge.id]
    number = sum(each.block == BLOCKS[edge.kind] for each in branches)
    branches.append(BranchCount(BLOCKS[edge.kind], number, edge.label, taken))
