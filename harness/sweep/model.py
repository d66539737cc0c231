"""The nouns of a sweep: points, trials, and how they ended."""

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
    "same": "as without the fault",
    "other": "succeeded, with another result",
    "failed": "failed",
    "violation": "invariant violated",
}


class SelectionError(SettingsError):
    """Nothing is selected, or an unknown kind is named; the message lists what there is."""


@dataclass(frozen=True)
class Point:
    """A place where something can fail: a call of a function, a task of a state machine, or an invocation.

    `what` is `s3:ListObjectsV2` for a call, `sns:publish` or `aws-sdk:s3:listObjectsV2` for a task, empty for
    an invocation. `number` counts it among its like in the lane of `state`, from 1. `bucket` is the one that
    it is about, if it is about one; `params` are those that were seen. `fails`: the
    invocation fails without a fault, too.
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
        """The name of the point: `ListObject0: s3:ListObjectsV2 1`."""
        what = self.what or f"invocation of {self.function}"
        return f"{self.state}: {what} {self.number}"

    @property
    def where(self) -> dict[str, str]:
        """The keys of a fault that name this point's target."""
        if self.target == "function":
            return {"function": self.function, "state": self.state}
        return {self.target: self.what, "state": self.state}


@dataclass(frozen=True)
class Variant:
    """A fault without its place: `kind` is the key of the block, `label` tells it from others of its kind."""

    kind: str
    label: str
    keys: Mapping[str, Json]


@dataclass(frozen=True)
class Trial:
    """One fault at one point, or two of them, to be tried. `faults` is the scenario's block."""

    points: tuple[Point, ...]
    variants: tuple[Variant, ...]
    times: Times
    faults: tuple[Mapping[str, Json], ...]

    @property
    def label(self) -> str:
        """The trial in one line."""
        parts = [
            f"{p.label}: {v.kind} {v.label}".strip() for p, v in zip(self.points, self.variants, strict=True)
        ]
        return " and ".join(parts) + f", {'once' if self.times == 'once' else 'for ever'}"


@dataclass(frozen=True)
class Played:
    """A trial that was played, as invariants get it.

    `base` is what the run without faults left, `seen` what this one did; it is None when there was no end
    that could be observed, and then `result.reason` says why.
    """

    trial: Trial
    base: Observation
    result: Result

    @property
    def seen(self) -> Observation | None:
        """The observation after the trial."""
        return self.result.observation


Invariant = Callable[[Played], Iterable[str]]
"""Gives a sentence for each way in which what must always hold does not; nothing when it holds."""


@dataclass(frozen=True)
class Verdict:
    """The end of a trial.

    `status` is that of the last execution that was started, `duration_s` its time on the clock (None when
    there was no end), `messages` the subjects of what was sent. `explanation` says at length what happened;
    it is empty unless there are violations. `played` is false when it is the same run as the one before.
    `exit_code` is that of a command that ends with it. `coverage` is what a Recorder merges, where that was
    asked for; it is not kept once it was told.
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
    """A sweep; `left` is the number of trials that it did not come to, as it was stopped."""

    scenario: str
    points: tuple[Point, ...]
    verdicts: tuple[Verdict, ...]
    real_s: float
    left: int = 0
    notes: tuple[Note, ...] = ()

    @property
    def violations(self) -> tuple[Verdict, ...]:
        """The trials in which an invariant did not hold."""
        return tuple(v for v in self.verdicts if v.violations)

    @property
    def explanation(self) -> str:
        """The violations at length; empty when there are none."""
        return explained((v.trial.label, v.violations, v.explanation) for v in self.violations)


def explained(violations: Iterable[tuple[str, Sequence[str], str]]) -> str:
    """Violations at length, each with the label of its trial, what does not hold, and what happened."""
    return "\n\n".join(
        "\n".join([label, *(f"  {text}" for text in texts), happened])
        for label, texts, happened in violations
    )
