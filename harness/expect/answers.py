"""Always checked: that every entry of `answers` has answered a task, and each in its time."""

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
    "would never end: nobody answers, and the task has no TimeoutSeconds; give it output, error, or a number "
    "of heartbeats (times)"
)
_LEFT = (
    "falls silent for ever: the task has neither TimeoutSeconds nor HeartbeatSeconds; give it output or error"
)


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """A mismatch for each entry that was not used, or not as it is written; none where it is not known."""
    seen = observation.answered
    if seen is None:
        return
    for placed, entry in zip(placed_answers(scenario), seen.entries, strict=True):
        for summary in _summaries(placed, entry, seen, scenario, observation):
            yield Mismatch("answers", scenario.position(*placed.at), f"{words(placed.spec)} {summary}")


def words(spec: AnswerSpec) -> str:
    """An answer in words: `the answer of Ask after 10 min`."""
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
            "were never given"
            if placed.spec.heartbeats and placed.spec.kind == "silence"
            else "was never given"
        )
        yield f"{never}: {_why(placed, entry, seen, scenario, observation)}"


def _missed(spec: AnswerSpec, missed: Sequence[Missed]) -> str:
    """The tasks that were not answered as it is written; the first of them in full."""
    first, *others = missed
    said = {
        "late": f"came too late: the task had timed out {time(first.since_s)} before",
        "answered": f"came too late: somebody else had answered the task {time(first.since_s)} before",
        "output": f"was not given: {first.detail}",
        "endless": _ENDLESS if spec.heartbeats else _LEFT,
        "worker": f"has a worker, {spec.worker}, and nobody takes a task that has a token; remove worker",
    }[first.trouble]
    if first.trouble == "late" and spec.kind == "silence":
        said = f"came too late: the task had timed out {time(first.since_s)} before the first of them"
    more = f" (and so of {counted(len(others), 'other task')})" if others else ""
    execution = first.execution_arn.rpartition(":")[2]
    return f"{said}, in execution {execution}{more}"


def _why(
    placed: PlacedAnswer, entry: AnswerSeen, seen: AnswersSeen, scenario: Scenario, observation: Observation
) -> str:
    """The reason for which an entry has answered nothing."""
    spec = placed.spec
    if spec.state not in seen.states:
        return f"no state machine has such a state; {nearest(spec.state, _waiting(seen), 'those that wait')}"
    if (what := seen.states[spec.state]) != WAITS:
        return f"the state waits for nobody, it is {what}; {nearest('', _waiting(seen), 'those that wait')}"
    if not entry.waited:
        return _never_waited(placed, scenario, observation)
    if not entry.fitted:
        where = f"in other iterations than {iterations(spec.iterations)}, or " if spec.iterations else ""
        waited = f"the state waited {_times(entry.waited)}, {where}with other input"
        return f"{waited}, such as {_shown(entry.other_input)}"
    first, _ = spec.which
    if entry.fitted < first:
        return f"{_fitting(spec)} {_times(entry.fitted)}, and this is for number {first}"
    if entry.aborted:
        return (
            f"{counted(entry.aborted, 'task')} for it ended before, with the execution or the branch around"
        )
    return f"{_fitting(spec)} {_times(entry.fitted)}, but an entry before it answered"


def _never_waited(placed: PlacedAnswer, scenario: Scenario, observation: Observation) -> str:
    state, run = placed.spec.state, placed.run
    entered = [
        each.name for each in observation.runs for execution in each.executions if state in execution.path
    ]
    own = [each.name for each in scenario.runs if each.answers is not None]
    if not run and entered and set(entered) <= set(own):
        return (
            f"the state was entered in run {joined(dict.fromkeys(entered))} only, which has its own answers"
        )
    if run and entered and run not in entered:
        return f"the state was entered in run {joined(dict.fromkeys(entered))}, and this is for run {run}"
    if entered:
        return "the state was entered, but its task failed before it waited"
    return "the state was never entered"


def _waiting(seen: AnswersSeen) -> list[str]:
    return sorted(name for name, what in seen.states.items() if what == WAITS)


def _fitting(spec: AnswerSpec) -> str:
    return "the state waited so" if spec.when is not None or spec.params else "the state waited"


def _times(number: int) -> str:
    return counted(number, "time")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= QUOTED_LIMIT else f"{text[: QUOTED_LIMIT - 1]}…"
