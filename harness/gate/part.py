"""A gate part, and its context."""

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
    """Work that a part did not do: `what`, `why`, and the `command` that does it ("" if there is none)."""

    what: str
    why: str
    command: str = ""

    def __str__(self) -> str:
        text = ": ".join(filter(None, (self.what, self.why)))
        return f"{text}: {self.command}" if self.command else text


def today() -> date:
    """Return today's date in UTC. Only the expiry dates of accepted entries depend on it."""
    return datetime.now(UTC).date()


@dataclass
class Context:
    """The input for the parts, and the results that they leave for later parts.

    `paths` are the specified scenarios. `settings` are the settings for the project in the folder `project`.
    `base` is the deployed commit, `base_template` the deployed template; at most one of them is set. `play`
    yields the results of scenarios one by one, on the project's engine.

    The `validate` part sets `scenarios`, and the `scenarios` part sets `results`. `invalid` is the reason why
    there are none. `left` is the work that the current part left out. `code` is its exit code, apart from its
    findings. `sides` are the resources in base and head. `differs` is true if the deployed content differs.
    Both are None until computed.
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
        """Return the folder of the project."""
        return self.settings.root

    @property
    def has_base(self) -> bool:
        """Return whether a base is available for the comparison."""
        return self.base is not None or self.base_template is not None

    def name(self, path: Path) -> str:
        """Return a file name for subjects: the file's path relative to the project."""
        return relative(path, self.project.resolve())

    def leave_out(self, what: str, why: str, command: str = "") -> None:
        """Record work that the current part leaves out."""
        self.left.append(LeftOut(what, why, command))


Run = Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True)
class Part:
    """A gate part. `run` yields its findings one by one. `rules` are all of its rules.

    `needs` are its requirements: `base` means a base for comparison, `scenarios` means valid scenarios.
    `command` is the equivalent separate command, or "". `quick`: it takes almost no time, and also runs when
    the budget is used up.
    """

    name: str
    run: Run
    rules: tuple[Rule, ...]
    needs: frozenset[str] = frozenset()
    command: str = ""
    quick: bool = False
