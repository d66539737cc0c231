"""Data types for a sweep: points, trials, and their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.exit_codes import PASSED
from harness.functions.shared.model import Target
from harness.json_types import Json
from harness.notes import Note
from harness.observe.model import Observation
from harness.report.model import Result
from harness.settings import SettingsError

Times = Literal["once", "ever"]
Outcome = Literal["same", "other", "failed", "violation"]

NOTES: Mapping[Outcome, str] = {
    "same": "same as without the fault",
    "other": "succeeded, with a different result",
    "failed": "failed",
    "violation": "invariant violated",
}


class SelectionError(SettingsError):
    """No trial is selected, or a kind is unknown. The message lists the choices."""


@dataclass(frozen=True)
class Point:
    """A place that can fail: a call from a function, a task in a state machine, or an invocation.

    `what` is `s3:ListObjectsV2` for a call, `sns:publish` or `aws-sdk:s3:listObjectsV2` for a task, empty for
    an invocation. `number` counts identical points in the lane of `state`, starting at 1. `bucket` is the
    bucket that the call uses, if any. `params` are the observed parameters. `fails` is true if the invocation
    also fails without a fault.
    """

    target: Target
    what: str
    function: str
    state: str
    number: int
    bucket: str = field(default="", compare=False)
    params: Mapping[str, Any] = field(default_factory=dict, compare=False)
    fails: bool = field(default=False, compare=False)

    @property
    def label(self) -> str:
        """Return the name of the point: `ListObject0: s3:ListObjectsV2 1`."""
        what = self.what or f"invocation of {self.function}"
        return f"{self.state}: {what} {self.number}"

    @property
    def where(self) -> dict[str, str]:
        """Return the YAML keys that select this point as a fault's target."""
        if self.target == "function":
            return {"function": self.function, "state": self.state}
        return {self.target: self.what, "state": self.state}


@dataclass(frozen=True)
class Variant:
    """A fault without its point.

    `kind` is its key in the `faults` block. `label` distinguishes faults of the same kind.
    """

    kind: str
    label: str
    keys: Mapping[str, Json]


@dataclass(frozen=True)
class Trial:
    """A trial to run: one fault at one point, or a pair of faults. `faults` is the scenario's block."""

    points: tuple[Point, ...]
    variants: tuple[Variant, ...]
    times: Times
    faults: tuple[Mapping[str, Json], ...]

    @property
    def label(self) -> str:
        """Return a one-line description of the trial."""
        parts = [
            f"{p.label}: {v.kind} {v.label}".strip() for p, v in zip(self.points, self.variants, strict=True)
        ]
        return " and ".join(parts) + f", {'once' if self.times == 'once' else 'for ever'}"


@dataclass(frozen=True)
class Played:
    """A completed trial, as passed to invariants.

    `base` is the observation of the run without faults. `seen` is the observation of this trial. It is None
    if the run's end was not observed; `result.reason` then contains the reason.
    """

    trial: Trial
    base: Observation
    result: Result

    @property
    def seen(self) -> Observation | None:
        """The observation after the trial."""
        return self.result.observation


Invariant = Callable[[Played], Iterable[str]]
"""A function that yields a sentence for each violation of an invariant."""


@dataclass(frozen=True)
class Verdict:
    """The result of a trial.

    `status` is the status of the last started execution. `duration_s` is its time on the clock, or None if it
    did not end. `messages` are the subjects of sent messages. `explanation` describes the run in detail. It
    is empty if there are no violations. `played` is false if the trial was not run because it would be the
    same as the previous one. `exit_code` is the exit code for a command with this verdict. `coverage` is the
    input for a Recorder, if requested. It is discarded after the report.
    """

    trial: Trial
    outcome: Outcome
    violations: tuple[str, ...] = ()
    status: str = ""
    error: str = ""
    duration_s: float | None = None
    messages: tuple[str, ...] = ()
    explanation: str = ""
    real_s: float = 0.0
    played: bool = True
    exit_code: int = PASSED
    coverage: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Swept:
    """A sweep. `left` is the number of trials that were not run because the sweep was stopped."""

    scenario: str
    points: tuple[Point, ...]
    verdicts: tuple[Verdict, ...]
    real_s: float
    left: int = 0
    notes: tuple[Note, ...] = ()

    @property
    def violations(self) -> tuple[Verdict, ...]:
        """Return the trials that violate an invariant."""
        return tuple(v for v in self.verdicts if v.violations)

    @property
    def explanation(self) -> str:
        """Return the violations in detail, or "" if there are none."""
        return explained((v.trial.label, v.violations, v.explanation) for v in self.violations)


def not_evaluated(result: Result) -> str:
    """Return the violation for a trial whose result cannot be evaluated."""
    return f"it could not be evaluated: {result.reason.partition(chr(10))[0]}"


def explained(violations: Iterable[tuple[str, Sequence[str], str]]) -> str:
    """Return the violations in detail, each with its trial's label, its messages, and the explanation."""
    return "\n\n".join(
        "\n".join([label, *(f"  {text}" for text in texts), happened])
        for label, texts, happened in violations
    )
