"""Always checked: every entry in `answers` answered a task at its specified time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from harness.expect.model import Mismatch
from harness.expect.wording import QUOTED_LIMIT, counted, iterations, joined, time
from harness.observe.model import Observation
from harness.scenario.answers import AnswerSpec, PlacedAnswer, placed_answers
from harness.scenario.model import Scenario
from harness.scenario.wording import nearest
from harness.stepfunctions.answer import WAITS, AnswerSeen, AnswersSeen, Missed

_ENDLESS = (
    "would never end: the task has neither an answer nor TimeoutSeconds; add output, error, or a number of "
    "heartbeats (times)"
)
_LEFT = "would wait forever: the task has neither TimeoutSeconds nor HeartbeatSeconds; add output or error"


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each entry that was not used exactly as written; none if this is unknown."""
    seen = observation.answered
    if seen is None:
        return
    for placed, entry in zip(placed_answers(scenario), seen.entries, strict=True):
        for summary in _summaries(placed, entry, seen, scenario, observation):
            yield Mismatch("answers", scenario.position(*placed.at), f"{words(placed.spec)} {summary}")


def words(spec: AnswerSpec) -> str:
    """Describe an answer: `the answer of Ask after 10 min`."""
    if spec.kind == "silence":
        return f"the {'heartbeats' if spec.heartbeats else 'worker'} of {spec.state}"
    after = f" after {time(spec.after_s)}" if spec.after_s else ""
    return f"the answer of {spec.state}{after}"


def _summaries(
    placed: PlacedAnswer, entry: AnswerSeen, seen: AnswersSeen, scenario: Scenario, observation: Observation
) -> Iterator[str]:
    if entry.missed:
        yield _missed(placed.spec, entry.missed)
    elif not entry.given:
        never = (
            "were never sent"
            if placed.spec.heartbeats and placed.spec.kind == "silence"
            else "was never sent"
        )
        yield f"{never}: {_why(placed, entry, seen, scenario, observation)}"


def _missed(spec: AnswerSpec, missed: Sequence[Missed]) -> str:
    """Describe the tasks that were not answered as written. Only the first one is described in detail."""
    first, *others = missed
    said = {
        "late": f"came too late: the task had timed out {time(first.since_s)} earlier",
        "answered": "came too late: the task had been answered by another caller "
        f"{time(first.since_s)} earlier",
        "output": f"was not sent: {first.detail}",
        "endless": _ENDLESS if spec.heartbeats else _LEFT,
        "worker": f"has a worker, {spec.worker}, but a task with a token is never taken by a worker; remove "
        "worker",
    }[first.trouble]
    if first.trouble == "late" and spec.kind == "silence":
        said = f"came too late: the task had timed out {time(first.since_s)} before the first of them"
    more = f" (and {counted(len(others), 'other task')})" if others else ""
    execution = first.execution_arn.rpartition(":")[2]
    return f"{said}, in execution {execution}{more}"


def _why(
    placed: PlacedAnswer, entry: AnswerSeen, seen: AnswersSeen, scenario: Scenario, observation: Observation
) -> str:
    """Return the reason why an entry did not answer any task."""
    spec = placed.spec
    if spec.state not in seen.states:
        return f"no state machine has this state; {nearest(spec.state, _waiting(seen), 'waiting states')}"
    if (what := seen.states[spec.state]) != WAITS:
        return (
            f"the state does not wait for an answer, it is {what}; "
            f"{nearest('', _waiting(seen), 'waiting states')}"
        )
    if not entry.waited:
        return _never_waited(placed, scenario, observation)
    if not entry.fitted:
        where = f"in iterations other than {iterations(spec.iterations)}, or " if spec.iterations else ""
        waited = f"the state waited {_times(entry.waited)}, {where}with different input"
        return f"{waited}, such as {_shown(entry.other_input)}"
    first, _ = spec.which
    if entry.fitted < first:
        return f"{_fitting(spec)} {_times(entry.fitted)}, but this entry is for match number {first}"
    if entry.aborted:
        return (
            f"{counted(entry.aborted, 'task')} for it ended earlier, with the execution or the enclosing "
            "branch"
        )
    return f"{_fitting(spec)} {_times(entry.fitted)}, but an earlier entry answered"


def _never_waited(placed: PlacedAnswer, scenario: Scenario, observation: Observation) -> str:
    state, run = placed.spec.state, placed.run
    entered = [
        each.name for each in observation.runs for execution in each.executions if state in execution.path
    ]
    own = [each.name for each in scenario.runs if each.answers is not None]
    if not run and entered and set(entered) <= set(own):
        return (
            f"the state was entered only in run {joined(dict.fromkeys(entered))}, which has its own answers"
        )
    if run and entered and run not in entered:
        return (
            f"the state was entered in run {joined(dict.fromkeys(entered))}, but this entry is for run {run}"
        )
    if entered:
        return "the state was entered, but its task failed before it waited"
    return "the state was never entered"


def _waiting(seen: AnswersSeen) -> list[str]:
    return sorted(name for name, what in seen.states.items() if what == WAITS)


def _fitting(spec: AnswerSpec) -> str:
    return "the state waited with such input" if spec.when is not None or spec.params else "the state waited"


def _times(number: int) -> str:
    return counted(number, "time")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= QUOTED_LIMIT else f"{text[: QUOTED_LIMIT - 1]}…"
