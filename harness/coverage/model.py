"""The coverage data types: machines with their reached and missed edges."""

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
"""The parts of the coverage for which percentages are shown."""


@dataclass(frozen=True)
class Witness:
    """A witness: the visit to a state that required the fewest failures.

    `scenario` is the file, and `run` the number of its run. `name` is the state's name in the shape, and
    `raw` its original name. `path` contains the previous states and the parent states, outermost first. Each
    entry consists of the state's original name, its name in the shape, and the error with which it was left
    ("" for none). `input` is JSON text, or "" if it is too long to store. `own` is true if the execution is
    the run's own and not a child execution. `faulty` is true if any of the scenario's faults had fired.
    `failed` is true if the visit failed.
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
        """A measure of the effort that the visit requires. Lower is better."""
        errors = sum(bool(error) for *_, error in self.path)
        return int(self.faulty), int(self.failed), errors, len(self.path)

    @property
    def number(self) -> str:
        """The number from the state's original name, with which to replace `<n>` in other names; "0" if it
        has none.
        """
        found = re.search(r"\d+", self.raw)
        return found[0] if found else "0"


@dataclass
class Machine:
    """A state machine with the edges reached in all executions of machines with its shape.

    `template` and `logical_id` come from its declaration. They are None and "" for a machine created at run
    time. `hits` counts the times that each edge was reached, by edge ID. `texts` maps each observed
    definition to whether it added new edges. `shown` is the title, followed by a number if another machine
    has the same title.
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
        """Return whether it was created at run time."""
        return not self.logical_id

    @property
    def missed(self) -> Iterator[Edge]:
        """The edges that no run reached, in definition order."""
        return (edge for edge in self.edges.values() if not self.hits[edge.id])

    @property
    def told(self) -> Iterator[Edge]:
        """The missed edges, except those of states that were never entered."""
        for edge in self.missed:
            if edge.kind == "state" or not edge.state or edge.state in self.witnesses:
                yield edge

    def covered(self, kinds: tuple[Kind, ...] | None = None) -> tuple[int, int]:
        """Return the number of reached edges of these kinds (default: all), and the total."""
        chosen = [edge for edge in self.edges.values() if kinds is None or edge.kind in kinds]
        return sum(bool(self.hits[edge.id]) for edge in chosen), len(chosen)


@dataclass(frozen=True)
class Missed:
    """An edge that no run reached."""

    machine: Machine
    edge: Edge

    @property
    def label(self) -> str:
        """The edge's description: `Choice: rule 1 -> Wait`."""
        return ": ".join(filter(None, (self.edge.state, self.edge.label)))


@dataclass(frozen=True)
class Coverage:
    """All machines with their reached edges.

    `functions` maps deployed function names to logical IDs. `unknown` contains the names of machines that ran
    but whose definitions the engine does not report.
    """

    machines: tuple[Machine, ...]
    functions: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def missed(self) -> tuple[Missed, ...]:
        """All missed edges."""
        return tuple(Missed(machine, edge) for machine in self.machines for edge in machine.missed)

    @property
    def percent(self) -> float:
        """Percentage of edges that were reached. A graph without edges counts as 100."""
        return percent(*self.counted())

    @property
    def percentages(self) -> Mapping[str, float]:
        """The percentage for each part: `states`, `transitions`, ... Parts without edges are omitted."""
        counted = {name: self.counted(kinds) for name, kinds in GROUPS.items()}
        return {name: percent(*numbers) for name, numbers in counted.items() if numbers[1]}

    def counted(self, kinds: tuple[Kind, ...] | None = None) -> tuple[int, int]:
        """Return the number of reached edges of these kinds, and the total."""
        pairs = [machine.covered(kinds) for machine in self.machines]
        return sum(hit for hit, _ in pairs), sum(of for _, of in pairs)


def percent(hit: int, of: int) -> float:
    """Return a share as a percentage."""
    return 100.0 * hit / of if of else 100.0
