"""Data types for a sweep of updates: sides, events, trials, and their outcomes."""

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
"""The separator between the two events in a trial's label, like the separators in `HALF`."""
Part = Literal["", "code", "settings"]
HALF: Mapping[Part, str] = {"settings": ", code first until ", "code": ", settings first until "}
"""Separators, by the part of each function's update that is held back."""
NOTES: dict[Outcome, str] = {
    "same": "ended as on one of the stacks alone",
    "other": "succeeded, with a different result than on either stack",
    "failed": "failed, as on one of the stacks alone",
    "violation": "violation",
}


class UpdateRefused(Exception):
    """A sweep of updates is not possible, because the old stack cannot be deployed, or the scenario does not
    finish on it. The message gives the reason.
    """


@dataclass(frozen=True)
class Side:
    """The old or the new stack.

    `scenario` and `settings` determine the side's templates. `name` is the side's name in messages.

    The scenarios on both sides differ only in their paths.
    """

    name: str
    scenario: Scenario
    settings: Settings


@dataclass(frozen=True)
class Sides:
    """The two sides of a sweep: the deployed commit `ref`, and the current files, to which it is updated.

    `path` is the scenario path as given by the user. Commands use it.
    """

    ref: str
    path: Path
    old: Side
    new: Side


@dataclass(frozen=True)
class Event:
    """An event in the histories of the run on the old stack.

    `number` counts from 1 across all histories. `touched` is equal for events between which the stack was not
    accessed (see `harness.engine.base.PassedEvent`). An update at either of these events has the same effect.
    """

    number: int
    label: str
    touched: int


@dataclass(frozen=True)
class Trial:
    """An update right after an event and, in the second series, a rollback right after a later event.

    With `held`, that part of the function updates is delayed until right after the later event.
    CloudFormation makes two calls for an update, and invocations may occur between them.
    """

    at: Event
    then: Event | None = None
    held: Part = ""

    @property
    def back(self) -> Event | None:
        """Return the event of the rollback, if there is one."""
        return None if self.held else self.then

    @property
    def label(self) -> str:
        """Return a one-line description of the trial, in the format for `--point`."""
        between = HALF[self.held] if self.held else BACK
        return self.at.label + (f"{between}{self.then.label}" if self.then else "")

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of the trial's events."""
        return (self.at.number, self.then.number) if self.then else (self.at.number,)


@dataclass(frozen=True)
class Alone:
    """The run on each stack alone, for comparison with trials. `events` are the events on the old stack."""

    old: Result
    new: Result
    events: tuple[Event, ...]
    is_same: bool
    """Both sides have the same templates, parameters and code."""
    in_halves: bool = False
    """The update changes both the code and the settings of functions."""


@dataclass(frozen=True)
class Verdict:
    """The result of a trial; see `harness.sweep.model.Verdict`.

    `rolled_back` is false if the runs ended before the rollback.
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
    """A sweep of updates. `left` is the number of trials that were not run because the sweep was stopped.

    `alike` counts the events that were omitted because an update there has the same effect as at another
    event.
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
        """Return the trials with violations."""
        return tuple(v for v in self.verdicts if v.violations)

    @property
    def explanation(self) -> str:
        """Return the violations in detail, or "" if there are none."""
        return explained((v.trial.label, v.violations, v.explanation) for v in self.violations)
