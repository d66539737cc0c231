"""Finds the values for a definition's marks in a history, such as a function's ARN or a table's name."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.histories import RecordedExecution
from harness.json_types import Json, JsonObject, as_dict
from harness.replay.accepted import Changes
from harness.replay.attempts import Attempt, attempts_of, state_of
from harness.replay.open_values import has_mark, matched
from harness.replay.placing import Places
from harness.stack.unserved_tasks import states_in


def learned(
    definition: Json, execution: RecordedExecution, changes: Changes, places: Places | None = None
) -> dict[str, str]:
    """Return the values for marks from an execution's tasks. The first value for each mark is used."""
    found = _of_arn(execution)
    if not has_mark(json.dumps(definition, ensure_ascii=False)):
        return found
    tasks: dict[str, Attempt] = {}
    for place, visits in attempts_of(execution, changes.renamed, places).items():
        for attempts in visits.by_visit.values():
            tasks.setdefault(state_of(place), attempts[0])
    for name, state in states_in(definition):
        if name in tasks:
            for pattern, text in _pairs(as_dict(state), tasks[name]):
                for key, value in (matched(pattern, text) or {}).items():
                    found.setdefault(key, value)
    return found


def _of_arn(execution: RecordedExecution) -> dict[str, str]:
    """Return the Region and the account of an execution, if its ARN is known."""
    parts = execution.arn.split(":")
    if len(parts) < 6:
        regions = (event.text("region") for event in execution.events)
        return {"AWS::Region": region} if (region := next(filter(None, regions), "")) else {}
    return {"AWS::Region": parts[3], "AWS::AccountId": parts[4]}


def _pairs(state: JsonObject, attempt: Attempt) -> Iterator[tuple[str, str]]:
    """Yield each string with marks in a state, with the string at the same position in an attempt."""
    resource, seen = state.get("Resource"), attempt.scheduled.details.get("resource")
    if isinstance(resource, str) and has_mark(resource) and attempt.scheduled.type != "TaskScheduled":
        yield resource, str(seen)
    yield from _texts(given_by(state), attempt.parameters)


def given_by(state: JsonObject) -> Json:
    """Return a task's Parameters or Arguments, or None if it has neither."""
    return state.get("Parameters", state.get("Arguments"))


def _texts(given: Json, sent: Json) -> Iterator[tuple[str, str]]:
    if isinstance(given, str) and isinstance(sent, str):
        if has_mark(given) and "{%" not in given:
            yield given, sent
    elif isinstance(given, dict) and isinstance(sent, dict):
        for key, value in given.items():
            if key in sent:
                yield from _texts(value, sent[key])
    elif isinstance(given, list) and isinstance(sent, list):
        for one, other in zip(given, sent, strict=False):
            yield from _texts(one, other)
