"""Judges a trial by comparison with the runs on either stack alone, by the invariants, and by the scenario's
`expect`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.exit_codes import FAILED, PASSED
from harness.expect.compare import compare
from harness.expect.limits import compare as compare_limits
from harness.observe.model import Observation
from harness.observe.texts import without_times
from harness.report.happened import happened
from harness.report.model import Result
from harness.sweep import model
from harness.sweep.invariants import duration_s
from harness.sweep.model import Invariant, Outcome, Played, not_evaluated
from harness.sweep.updates import access
from harness.sweep.updates.model import Alone, Sides, Trial, Verdict
from harness.sweep.updates.play import PlayedTrial

OF_THE_WAY = frozenset({"calls", "duration", "invocations", "logs", "never_entered", "path", "polls"})
"""Expectations about the path to the end. In a trial, the path can match neither the old stack nor the new
one.
"""
_ALWAYS_CHECKED = frozenset({"limits", "permissions", "faults", "durations"})
_NO_FAULT = model.Trial(
    (model.Point("task", "cloudformation:UpdateStack", "", "", 1),),
    (model.Variant("update", "", {}),),
    "ever",
    (),
)
"""The trial that invariants receive: it has no fault, and no bucket."""


def judged(
    trial: Trial, played: PlayedTrial, alone: Alone, sides: Sides, invariants: Sequence[Invariant]
) -> Verdict:
    """Return the verdict for a completed trial."""
    result = _with_permissions(played, sides)
    if result.broke or result.observation is None:
        violations = [not_evaluated(result)]
    elif played.problem:
        violations = [played.problem]
    elif not played.changes:
        violations = [f"the runs ended before {trial.at.label}, where they should have paused"]
    else:
        violations = [*dict.fromkeys(_violations(result, played, alone, sides, invariants))]
    runs = result.observation.runs if result.observation else ()
    execution = runs[-1].execution if runs else None
    return Verdict(
        trial=trial,
        outcome="violation" if violations else _outcome(result, alone),
        violations=tuple(violations),
        status=execution.status if execution else "",
        error=(execution.error or "") if execution else "",
        duration_s=duration_s(execution) if execution else None,
        rolled_back=trial.back is not None and len(played.changes) > 1,
        explanation="\n".join(text.plain for text in happened(result)).strip("\n") if violations else "",
        real_s=result.duration_s,
        exit_code=result.exit_code if result.broke else FAILED if violations else PASSED,
    )


def _with_permissions(played: PlayedTrial, sides: Sides) -> Result:
    """Return the result, including the permissions that were missing when they were needed."""
    result = played.result
    if result.observation is None or result.broke:
        return result
    scenario = sides.new.scenario
    found = (
        *access.refused(scenario, result.observation, played.passed, played.changes),
        *compare_limits(scenario, result.observation),
    )
    return replace(result, mismatches=found)


def _violations(
    result: Result, played: PlayedTrial, alone: Alone, sides: Sides, invariants: Sequence[Invariant]
) -> Iterator[str]:
    seen, ends = result.observation, [alone.old.observation, alone.new.observation]
    assert seen is not None
    known = [each for each in ends if each is not None]
    yield from (failed := list(_ended(seen, known)))
    yield from _raised(seen, known)
    yield from access.without_role(seen, played.passed, played.changes)
    yield from _broken(result, alone, invariants)
    if not failed:  # other missing results are a consequence
        yield from _unexpected(result, alone, sides)


def _ended(seen: Observation, known: Sequence[Observation]) -> Iterator[str]:
    """Yield executions that failed in the trial but on neither stack alone."""
    for number, run in enumerate(seen.runs):
        statuses = {each.runs[number].execution.status for each in known if number < len(each.runs)}
        if run.execution.status not in statuses:
            why = ": ".join(filter(None, (run.execution.error, run.execution.cause)))
            yield (
                f"{run.name} ended {run.execution.status}{f' ({_short(why)})' if why else ''}; "
                f"on either stack alone, it ends {' or '.join(sorted(statuses))}"
            )
    usual = {end for each in known for end in _failed_children(each)}
    for status, error in _failed_children(seen) - usual:
        how = "is still running at the end" if status == "RUNNING" else f"ended {status} ({error})"
        yield f"an execution that a run started {how}, unlike on either stack alone"


def _failed_children(seen: Observation) -> set[tuple[str, str]]:
    return {
        (child.status, child.error or "")
        for run in seen.runs
        for child in run.children
        if child.status != "SUCCEEDED"
    }


def _raised(seen: Observation, known: Sequence[Observation]) -> Iterator[str]:
    """Yield functions that failed in the trial but on neither stack alone."""
    usual = {failure[:2] for each in known for failure in _failures(each)}
    for function, kind, message in _failures(seen):
        if (function, kind) not in usual:
            yield f"function {function} raised {kind}: {_short(message)}, unlike on either stack alone"


def _failures(seen: Observation) -> Iterator[tuple[str, str, str]]:
    for each in seen.invocations:
        if each.error is not None:
            name = seen.functions.get(each.function, each.function)
            yield name, each.error.type, each.error.message


def _broken(result: Result, alone: Alone, invariants: Sequence[Invariant]) -> Iterator[str]:
    """Yield the invariants that are violated in the trial but hold on either stack alone."""
    usual = set(_texts(alone.old, alone.old, invariants)) | set(_texts(alone.new, alone.new, invariants))
    old, new = _texts(result, alone.old, invariants), set(_texts(result, alone.new, invariants))
    yield from (text for text in old if text in new and text not in usual)


def _texts(result: Result, base: Result, invariants: Sequence[Invariant]) -> list[str]:
    if base.observation is None:
        return []
    played = Played(_NO_FAULT, base.observation, result)
    return [text for holds in invariants for text in holds(played)]


def _unexpected(result: Result, alone: Alone, sides: Sides) -> Iterator[str]:
    """Yield the expectations about the end that are met on either stack alone but not in this trial."""
    assert result.observation is not None
    if result.reason:
        return
    missed = {mismatch.expectation for each in (alone.old, alone.new) for mismatch in each.mismatches}
    for mismatch in compare(sides.new.scenario, result.observation):
        if mismatch.expectation not in missed | OF_THE_WAY | _ALWAYS_CHECKED:
            run = f"{mismatch.run}: " if mismatch.run else ""
            yield (
                f"{run}{mismatch.summary} (expect.{mismatch.expectation}, which is met on each stack alone)"
            )


def _outcome(result: Result, alone: Alone) -> Outcome:
    seen = result.observation
    assert seen is not None
    if any(run.execution.status != "SUCCEEDED" for run in seen.runs):
        return "failed"
    ends = [_end(each.observation) for each in (alone.old, alone.new) if each.observation is not None]
    return "same" if _end(seen) in ends else "other"


def _end(seen: Observation) -> tuple[list[str], list[str]]:
    return (
        [run.execution.status for run in seen.runs],
        sorted(repr(without_times(message)) for message in seen.messages),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:300]}..." if len(line) > 300 else line
