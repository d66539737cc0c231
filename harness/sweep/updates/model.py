"""The nouns of a sweep of updates: sides, events, trials, and how they ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.exit_codes import PASSED
from harness.notes import Note
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import Settings
from harness.sweep.model import Outcome, explained

BACK = ", back at "
"""Stands in a trial's label between its two events, as do those of `HALF`."""
Part = Literal["", "code", "settings"]
HALF: Mapping[Part, str] = {"settings": ", code first until ", "code": ", settings first until "}
"""By the part of functions' updates that is held back."""
NOTES: dict[Outcome, str] = {
    "same": "ended as on one of the stacks alone",
    "other": "succeeded, with another result than on either stack",
    "failed": "failed, as on one of the stacks alone",
    "violation": "violation",
}


class UpdateRefused(Exception):
    """Updates cannot be swept: a stack does not come to an end by itself; the message says why."""


@dataclass(frozen=True)
class Side:
    """The old or the new stack: `scenario` and `settings` lead to its templates; `name` is how it is told of.

    The scenarios of both sides are the same but for their paths.
    """

    name: str
    scenario: Scenario
    settings: Settings


@dataclass(frozen=True)
class Sides:
    """The commit `ref` that is deployed, and the files here, which it is updated to.

    `path` is the scenario as it was named; it stands in commands.
    """

    ref: str
    path: Path
    old: Side
    new: Side


@dataclass(frozen=True)
class Event:
    """An event of the histories of the run on the old stack.

    `number` counts from 1 over all histories. `touched` is equal for events between which nothing looked at
    the stack, see `harness.engine.base.PassedEvent`: an update at either is the same.
    """

    number: int
    label: str
    touched: int


@dataclass(frozen=True)
class Trial:
    """An update right after an event, and in the second series a rollback right after a later one.

    With `held`, that part of the functions' updates is made right after the later one instead: between the
    two calls that CloudFormation makes for it, invocations may come.
    """

    at: Event
    then: Event | None = None
    held: Part = ""

    @property
    def back(self) -> Event | None:
        """The event of the rollback, if there is one."""
        return None if self.held else self.then

    @property
    def label(self) -> str:
        """The trial in one line, as `--point` takes it."""
        between = HALF[self.held] if self.held else BACK
        return self.at.label + (f"{between}{self.then.label}" if self.then else "")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its events."""
        return (self.at.number, self.then.number) if self.then else (self.at.number,)


@dataclass(frozen=True)
class Alone:
    """The run on each stack alone, with which trials are compared; `events` are those on the old one."""

    old: Result
    new: Result
    events: tuple[Event, ...]
    is_same: bool
    """The templates with their parameters are the same, code included."""
    in_halves: bool = False
    """Functions change both their code and their settings."""


@dataclass(frozen=True)
class Verdict:
    """The end of a trial; see `harness.sweep.model.Verdict`.

    `rolled_back` is false where the runs had ended before it came to that.
    """

    trial: Trial
    outcome: Outcome
    violations: tuple[str, ...] = ()
    status: str = ""
    error: str = ""
    duration_s: float | None = None
    rolled_back: bool = False
    explanation: str = ""
    real_s: float = 0.0
    exit_code: int = PASSED


@dataclass(frozen=True)
class Swept:
    """A sweep of updates; `left` is the number of trials that it did not come to, as it was stopped.

    `alike` counts the events that were left out, as an update there is the same as at another one.
    """

    scenario: str
    ref: str
    events: int
    alike: int
    is_same: bool
    verdicts: tuple[Verdict, ...]
    real_s: float
    left: int = 0
    notes: tuple[Note, ...] = ()

    @property
    def violations(self) -> tuple[Verdict, ...]:
        """The trials in which something did not hold."""
        return tuple(v for v in self.verdicts if v.violations)

    @property
    def explanation(self) -> str:
        """The violations at length; empty when there are none."""
        return explained((v.trial.label, v.violations, v.explanation) for v in self.violations)
