"""Learns from a history what marks in a definition stand for: the ARN of a function, the name of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from harness.histories import RecordedExecution
from harness.json_types import Json, JsonObject, as_dict
from harness.replay.accepted import Changes
from harness.replay.attempts import Attempt, attempts_of
from harness.replay.open_values import has_mark, matched

_PARAMETERS: Final = ("Parameters", "Arguments")


def learned(definition: Json, execution: RecordedExecution, changes: Changes) -> dict[str, str]:
    """The values of marks, as the tasks of an execution show them; the first that is seen of each."""
    found = _of_arn(execution)
    if not has_mark(json.dumps(definition, ensure_ascii=False)):
        return found
    tasks: dict[str, Attempt] = {}
    for place, visits in attempts_of(execution, changes.renamed).items():
        for attempts in visits.by_visit.values():
            tasks.setdefault(place.rpartition("/")[2], attempts[0])
    for name, state in _tasks(definition):
        if name in tasks:
            for pattern, text in _pairs(state, tasks[name]):
                for key, value in (matched(pattern, text) or {}).items():
                    found.setdefault(key, value)
    return found


def _of_arn(execution: RecordedExecution) -> dict[str, str]:
    """The region and the account of an execution, where its ARN is known."""
    parts = execution.arn.split(":")
    if len(parts) < 6:
        regions = (event.text("region") for event in execution.events)
        return {"AWS::Region": region} if (region := next(filter(None, regions), "")) else {}
    return {"AWS::Region": parts[3], "AWS::AccountId": parts[4]}


def _tasks(value: Json) -> Iterator[tuple[str, JsonObject]]:
    """The Task states of a definition with their names, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from _tasks(each)
    elif isinstance(value, dict):
        for name, state in as_dict(value.get("States")).items():
            if as_dict(state).get("Type") == "Task":
                yield name, as_dict(state)
        for each in value.values():
            yield from _tasks(each)


def _pairs(state: JsonObject, attempt: Attempt) -> Iterator[tuple[str, str]]:
    """Texts with marks of a state, each with what an attempt shows in its place."""
    details = attempt.scheduled.details
    resource, seen = state.get("Resource"), details.get("resource")
    if isinstance(resource, str) and has_mark(resource) and attempt.scheduled.type != "TaskScheduled":
        yield resource, str(seen)
    given = next((state[key] for key in _PARAMETERS if key in state), None)
    sent: Json = None
    with suppress(ValueError, RecursionError):
        sent = json.loads(str(details.get("parameters", details.get("input", "null"))))
    yield from _texts(given, sent)


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
