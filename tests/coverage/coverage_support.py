"""Run definitions with the interpreter, and return the result as an observation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from states_support import run

from harness.coverage.hints import Hint, hint
from harness.coverage.model import Coverage
from harness.coverage.record import covered
from harness.observe.model import Definition, Execution, HistoryEvent, Observation, Run
from harness.states import Outcome, TaskFailed, TaskRequest, TaskSucceeded

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
FUNCTIONS = {"work": "WorkFunction"}
Answers = Mapping[str, Sequence[Any]]
"""Attempt outcomes by state name. The last one applies to all further attempts."""


def failed(error: str, cause: str = "") -> TaskFailed:
    return TaskFailed(error, cause)


def _answering(answers: Answers) -> Callable[[TaskRequest], Outcome]:
    left = {name: list(each) for name, each in answers.items()}

    def answer(request: TaskRequest) -> Outcome:
        given = left.get(request.state_name, [{}])
        value = given.pop(0) if len(given) > 1 else given[0]
        return value if isinstance(value, TaskFailed) else TaskSucceeded(value)

    return answer


def execution(definition: Mapping[str, Any], payload: Any, answers: Answers, name: str = "m") -> Execution:
    """The observed execution of a machine."""
    played = run(json.dumps(definition), payload, answer=_answering(answers))
    began = datetime.fromtimestamp(played.started_at, UTC)
    events = tuple(
        HistoryEvent(e.id, e.previous, e.type, datetime.fromtimestamp(e.time, UTC), e.details or {})
        for e in played.history.events
    )
    status, given = played.status.value, json.dumps({} if payload is None else payload)
    arn = f"{MACHINE}{name}".replace("stateMachine", "execution") + f":{id(played)}"
    return Execution(arn, "x", MACHINE + name, name, status, began, None, given, None, None, None, events)


def observed(
    definition: Mapping[str, Any],
    payload: Any = None,
    answers: Answers | None = None,
    *,
    declared: str = "Machine",
) -> Observation:
    """The observation of one run. A machine without a name in the template was created at run time."""
    seen = execution(definition, payload, answers or {})
    found = Definition(seen.machine_arn, json.dumps(definition), declared)
    return Observation((Run("run-1", seen),), functions=FUNCTIONS, definitions={seen.arn: found})


def coverage(*observations: Observation) -> Coverage:
    return covered((f"scenarios/s{n}.yaml", each) for n, each in enumerate(observations, start=1))


def hit(found: Coverage) -> set[str]:
    """The labels of all covered edges in all machines."""
    return {
        ": ".join(filter(None, (edge.state, edge.label)))
        for machine in found.machines
        for edge in machine.edges.values()
        if machine.hits[edge.id]
    }


def missed(found: Coverage) -> set[str]:
    return {each.label for each in found.missed}


def hint_for(found: Coverage, label: str) -> Hint:
    """The hint for the missed edge of this label."""
    return next(hint(found, each) for each in found.missed if each.label == label)
