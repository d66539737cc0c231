"""The nouns of coverage: machines with their edges, what of them was reached, and what was missed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.coverage.edges import TRANSITIONS, Edge, Kind
from harness.coverage.flat import Shape

GROUPS: Mapping[str, tuple[Kind, ...]] = {
    "states": ("state",),
    "transitions": TRANSITIONS,
    "retries": ("retried", "used-up"),
    "time-outs": ("timeout", "heartbeat"),
    "maps": ("map",),
    "branches": ("branch",),
}
"""The parts in which percentages are given."""


@dataclass(frozen=True)
class Witness:
    """A visit of a state, the one that took the fewest failures.

    `scenario` is the file, `run` the number of its run. `name` is the state's name in the shape, `raw` its
    own. `path` has the states before it, the outermost first and those around it, too: the own name of each,
    that in the shape, and the error that it was left with, "" for none.
    `input` is JSON text, "" where it is too long to keep. `own` tells that the execution is the run's own,
    and not one that it started. `faulty` tells that faults of the scenario had fired, `failed` that the visit
    failed.
    """

    scenario: str
    run: int
    own: bool
    name: str
    raw: str
    path: tuple[tuple[str, str, str], ...]
    input: str
    run_input: str
    faulty: bool = False
    failed: bool = False

    @property
    def cost(self) -> tuple[int, int, int, int]:
        """A measure of how much had to happen for it: the lower, the better."""
        errors = sum(bool(error) for *_, error in self.path)
        return int(self.faulty), int(self.failed), errors, len(self.path)

    @property
    def number(self) -> str:
        """The number in the state's own name, which stands for `<n>` in others; "0" if it has none."""
        found = re.search(r"\d+", self.raw)
        return found[0] if found else "0"


@dataclass
class Machine:
    """A state machine with what was reached in it, over all executions of all that have its shape.

    `template` and `logical_id` are those of its declaration, None and "" for one that was made at run time.
    `hits` counts how often each edge was reached, by its id. `texts` are the definitions that were met, with
    whether each brought new edges. `shown` is the title, with a number where others have the same.
    """

    key: str
    title: str
    shape: Shape
    template: Path | None = None
    logical_id: str = ""
    executions: int = 0
    edges: dict[str, Edge] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    texts: dict[str, bool] = field(default_factory=dict)
    shown: str = ""

    @property
    def made(self) -> bool:
        """Tell whether it was made at run time."""
        return not self.logical_id

    @property
    def missed(self) -> Iterator[Edge]:
        """The edges that nothing reached, in the order of the definition."""
        return (edge for edge in self.edges.values() if not self.hits[edge.id])

    @property
    def told(self) -> Iterator[Edge]:
        """The same without what states lead to that were never entered."""
        for edge in self.missed:
            if edge.kind == "state" or not edge.state or edge.state in self.witnesses:
                yield edge

    def covered(self, kinds: tuple[Kind, ...] | None = None) -> tuple[int, int]:
        """The number of edges of these kinds (of all) that were reached, and how many there are."""
        chosen = [edge for edge in self.edges.values() if kinds is None or edge.kind in kinds]
        return sum(bool(self.hits[edge.id]) for edge in chosen), len(chosen)


@dataclass(frozen=True)
class Missed:
    """An edge that nothing reached."""

    machine: Machine
    edge: Edge

    @property
    def label(self) -> str:
        """The edge in words: `Choice: rule 1 -> Wait`."""
        return ": ".join(filter(None, (self.edge.state, self.edge.label)))


@dataclass(frozen=True)
class Coverage:
    """All machines with what was reached.

    `functions` maps the deployed names of functions to logical ids. `unknown` are the names of machines that
    ran, and whose definitions the engine does not tell.
    """

    machines: tuple[Machine, ...]
    functions: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def missed(self) -> tuple[Missed, ...]:
        """All that nothing reached."""
        return tuple(Missed(machine, edge) for machine in self.machines for edge in machine.missed)

    @property
    def percent(self) -> float:
        """The edges that were reached, of 100; 100 where there are none."""
        return percent(*self.counted())

    @property
    def percentages(self) -> Mapping[str, float]:
        """The same for each of the parts: `states`, `transitions`, ...; without those that have no edge."""
        counted = {name: self.counted(kinds) for name, kinds in GROUPS.items()}
        return {name: percent(*numbers) for name, numbers in counted.items() if numbers[1]}

    def counted(self, kinds: tuple[Kind, ...] | None = None) -> tuple[int, int]:
        """The number of edges of these kinds that were reached, and how many there are."""
        pairs = [machine.covered(kinds) for machine in self.machines]
        return sum(hit for hit, _ in pairs), sum(of for _, of in pairs)


def percent(hit: int, of: int) -> float:
    """A part of a whole, of 100."""
    return 100.0 * hit / of if of else 100.0
