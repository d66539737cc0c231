"""A part of the gate, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from harness.exit_codes import PASSED
from harness.gate.base import Base
from harness.gate.budget import Budget
from harness.gate.finding import Finding, Rule
from harness.gate.judged import Judge
from harness.gate.resolved import Resolved
from harness.gate.root import relative
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import Settings

NO_TIME = "no time is left"


@dataclass(frozen=True)
class LeftOut:
    """Something that a part did not do: `what` it is, `why`, and the `command` that does it ("" for none)."""

    what: str
    why: str
    command: str = ""

    def __str__(self) -> str:
        text = ": ".join(filter(None, (self.what, self.why)))
        return f"{text}: {self.command}" if self.command else text


def today() -> date:
    """The date of today in UTC; nothing else of the gate depends on it than the ends of accepted entries."""
    return datetime.now(UTC).date()


@dataclass
class Context:
    """The things that parts are given, and those that they leave for those after them.

    `paths` are the scenarios that were named; `settings` are those of the project, whose folder is `project`.
    `base` is the commit that is deployed now, `base_template` the file that is; at most one of them is there.
    `play` gives the results of scenarios one by one, on the project's engine. `scenarios` and `results` are
    those of the parts `validate` and `scenarios`; `invalid` says why there are none. `left` is what the part
    that runs did not do, `code` its exit code besides that of its findings. `sides` are the resources of base
    and head, and `differs` tells whether anything of what is deployed does, once they are worked out.
    """

    settings: Settings
    settings_of: Callable[[Path], Settings]
    judge: Judge
    budget: Budget
    play: Callable[[Sequence[Scenario]], Iterator[Result]]
    paths: tuple[Path, ...] = ()
    workers: int = 1
    base: Base | None = None
    base_template: Path | None = None
    today: Callable[[], date] = today
    scenarios: tuple[Scenario, ...] = ()
    results: list[Result] = field(default_factory=list)
    invalid: str = ""
    left: list[LeftOut] = field(default_factory=list)
    code: int = PASSED
    complete: set[str] = field(default_factory=set)
    sides: tuple[Resolved, Resolved] | None = None
    differs: bool | None = None

    @property
    def project(self) -> Path:
        """The folder of the project."""
        return self.settings.root

    @property
    def has_base(self) -> bool:
        """Tell whether there is something to compare with."""
        return self.base is not None or self.base_template is not None

    def name(self, path: Path) -> str:
        """The name of a file in subjects: its path from the project, wherever the command is started."""
        return relative(path, self.project.resolve())

    def leave_out(self, what: str, why: str, command: str = "") -> None:
        """Say that the part that runs does not do something."""
        self.left.append(LeftOut(what, why, command))


Run = Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True)
class Part:
    """A part of the gate: `run` gives its findings as they are found, `rules` are all that it may break.

    `needs` says what it cannot do without: `base` something to compare with, `scenarios` valid scenarios.
    `command` does the same by itself, "" where nothing does. `quick`: it takes next to no time, and is
    run also when the budget is over.
    """

    name: str
    run: Run
    rules: tuple[Rule, ...]
    needs: frozenset[str] = frozenset()
    command: str = ""
    quick: bool = False
