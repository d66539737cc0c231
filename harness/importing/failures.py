"""Failures of tasks that actually run: the affected attempts, and the faults that reproduce them.

Stand-ins apply to an attempt first, then task faults, then function faults. If an earlier step answers an
attempt, the later steps do not count it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from harness.histories import Event
from harness.importing.attempts import Answers, Lane
from harness.importing.service_errors import Refusals
from harness.json_types import JsonObject, json_or_text
from harness.replay.attempts import Attempt

Kind: TypeAlias = Literal["stand-in", "task", "function"]
KINDS: Final[tuple[Kind, ...]] = ("stand-in", "task", "function")
_EXCEPTION: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Failed:
    """A reason for an attempt to fail. Two failures are equal if they have the same effect."""

    kind: Kind
    fields: JsonObject
    comment: str = field(default="", compare=False)


_Counted: TypeAlias = tuple[int, Attempt, Failed]
"""The number of an attempt among the attempts that reach this step, and its failure."""


@dataclass(frozen=True)
class Failure:
    """Attempts with the same failure.

    Attributes:
        which: the keys of a scenario that select the attempts; `{}` for all.
        fields: the effect on the attempts, in the keys of the kind.
    """

    kind: Kind
    which: JsonObject
    attempts: tuple[Attempt, ...]
    fields: JsonObject
    comments: tuple[str, ...] = ()

    @property
    def sign(self) -> object:
        """The failure without its source events."""
        return self.kind, self.which, self.fields


def failures(lane: Lane, failing: Callable[[Attempt, Lane], Failed | None]) -> list[Failure]:
    """Return the failures of a lane; `failing` returns None for an attempt that succeeded."""
    reached = dict.fromkeys(KINDS, 0)
    found: dict[Kind, list[_Counted]] = {kind: [] for kind in KINDS}
    for attempt in lane.attempts:
        failed = failing(attempt, lane)
        for kind in KINDS:
            reached[kind] += 1
            if failed is not None and failed.kind == kind:
                found[kind].append((reached[kind], attempt, failed))
                break
    return [each for kind in KINDS for each in _chosen(kind, found[kind], reached[kind])]


def _chosen(kind: Kind, failed: list[_Counted], reached: int) -> Iterator[Failure]:
    """Yield failures with the keys that select them. Combine the first failures if they are alike."""
    alike = 0
    while alike < len(failed) and failed[alike][0] == alike + 1 and failed[alike][2] == failed[0][2]:
        alike += 1
    if alike > 1 or (failed and reached == alike):
        which: JsonObject = {} if alike == reached else {"first": alike}
        yield _failure(kind, which, failed[:alike])
        failed = failed[alike:]
    for each in failed:
        yield _failure(kind, {"nth": each[0]}, [each])


def _failure(kind: Kind, which: JsonObject, failed: list[_Counted]) -> Failure:
    comments = dict.fromkeys(each.comment for _, _, each in failed if each.comment)
    attempts = tuple(attempt for _, attempt, _ in failed)
    return Failure(kind, which, attempts, failed[0][2].fields, tuple(comments))


@dataclass(frozen=True)
class Failing:
    """Determines the fault that reproduces a task's failures.

    Attributes:
        callee: the project's function that it invokes, or the integration.
        waits: the task waits for its token after its call.
    """

    callee: str
    waits: bool
    answers: Answers
    refusals: Refusals

    def of(self, attempt: Attempt, lane: Lane) -> Failed | None:
        """Return the fault that makes an attempt fail as on AWS; None for an attempt that succeeded."""
        if attempt.succeeded or (self.waits and attempt.submitted is not None):
            return None
        is_function, ended = ":" not in self.callee, attempt.ended
        task = "lambda:invoke" if is_function else self.callee
        if ended is None or attempt.timed_out:
            if self.waits:
                return Failed("task", {"task": task, "delay": self.answers.longer(attempt)})
            return Failed("stand-in", *self.answers.answer(attempt, lane))
        if is_function and (fault := _of_function(ended, with_message=self.answers.hiding.keep_data)):
            return Failed("function", fault)
        if refused := self.refusals.of(task, ended):
            return Failed("task", refused)
        return Failed("stand-in", *self.answers.answer(attempt, lane))


def _of_function(ended: Event, *, with_message: bool) -> JsonObject:
    """Return a function's failure as a function fault; `{}` if the function did not cause the
    failure.
    """
    error, cause = ended.text("error"), json_or_text(ended.text("cause"))
    if error == "Sandbox.Timedout":
        return {"ends": "timeout"}
    if isinstance(cause, dict) and cause.get("errorType") == error and _EXCEPTION.fullmatch(error):
        message = cause.get("errorMessage")
        return {"raises": error, **({"message": message} if message and with_message else {})}
    return {}
