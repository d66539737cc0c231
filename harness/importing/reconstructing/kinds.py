"""Derives the states of a definition, each from its visits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from harness.importing.reconstructing.choosing import choice_fields
from harness.importing.reconstructing.flowing import (
    all_same,
    assign_fields,
    given_fields,
    pass_fields,
    passing_fields,
    result_fields,
)
from harness.importing.reconstructing.jsonata import in_jsonata
from harness.importing.reconstructing.mapping import concurrency_fields, items_fields
from harness.importing.reconstructing.notes import Notes
from harness.importing.reconstructing.trying import catch_fields, retry_fields
from harness.importing.reconstructing.values import Source, common_path, places, text_of
from harness.importing.reconstructing.visits import Visit, seconds_between
from harness.json_types import Json, JsonObject

_TOKEN: Final = re.compile(r"[\w+/=.-]{100,}")
_LIMITS: Final = {"timeoutInSeconds": "TimeoutSeconds", "heartbeatInSeconds": "HeartbeatSeconds"}


def state_of(visits: Sequence[Visit], notes: Notes) -> JsonObject:
    """Return a state without its inner workflows."""
    kind, name = visits[0].kind, visits[0].name
    if kind == "Choice":
        return {"Type": kind, **choice_fields(visits, name, notes)}
    fields = _KINDS[kind](visits, name, notes)
    for visit in visits:
        if (
            kind != "Fail"
            and not visit.exited
            and not visit.attempts
            and not visit.flows
            and visit.flow_failed
        ):
            error = visit.flow_failed[0] or "no error"
            notes.add(
                name, f"it failed with {error} for an unknown reason; in the definition, it does not fail"
            )
    if fields.get("QueryLanguage") == "JSONata":
        fields = in_jsonata(fields)
    if kind in ("Succeed", "Fail"):
        return {"Type": kind, **fields}
    return {"Type": kind, **fields, **_next(visits, name, notes)}


def _next(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    then = Counter(each.then for each in visits if each.succeeded)
    if not then:
        notes.add(name, "Next: unknown, because it never succeeded")
        return {"End": True}
    (first, _), *others = then.most_common()
    if others:
        notes.add(name, f"Next: {', '.join(repr(each) for each, _ in others)} followed it, too")
    return {"Next": first} if first else {"End": True}


def _task(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    attempts = [(visit, number, each) for visit in visits for number, each in enumerate(visit.attempts)]
    if not attempts:
        notes.add(name, "Resource: unknown, because it failed before its call")
        return {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}}
    scheduled = attempts[0][2].scheduled
    resource = scheduled.text("resource")
    is_service = scheduled.type == "TaskScheduled"
    if is_service:
        resource = f"arn:aws:states:::{scheduled.text('resourceType')}:{resource}"
    sources = [
        Source(
            {
                "$": visit.input,
                "$$.Execution.Id": visit.execution.arn,
                "$$.Execution.Name": visit.execution.name,
                "$$.StateMachine.Id": visit.execution.machine_arn,
            }
        )
        for visit, _, _ in attempts
    ]
    given = [each.parameters for _, _, each in attempts]
    fields: JsonObject = {"Resource": resource}
    made = given_fields(given, sources, name, notes, needs_object=is_service)
    fields |= _with_token(made, name, notes) if resource.endswith(".waitForTaskToken") else made
    for member, field in _LIMITS.items():
        if (seconds := attempts[0][2].number(member)) is not None:
            fields[field] = int(seconds)
    credentials = scheduled.details.get("taskCredentials")
    if isinstance(credentials, dict) and isinstance(role := credentials.get("roleArn"), str):
        fields["Credentials"] = {"RoleArn": role}
    return fields | _ending(visits, name, notes)


def _with_token(fields: JsonObject, name: str, notes: Notes) -> JsonObject:
    """Return the parameters with the task token, which differs in each run."""
    found = [path for path, value in places(fields) if isinstance(value, str) and _TOKEN.fullmatch(value)]
    if not found:
        found = [path for path, value in places(fields) if "token" in path.lower() and isinstance(value, str)]
    if not found:
        notes.add(name, "Parameters: which of them is the task token is unknown")
    return _replaced(fields, "$", set(found))


def _replaced(value: JsonObject, way: str, found: set[str]) -> JsonObject:
    made: JsonObject = {}
    for key, each in value.items():
        path = next(path for path, _ in places({key: None}, way) if path != way)
        if path in found:
            made[f"{key.removesuffix('.$')}.$"] = "$$.Task.Token"
        else:
            made[key] = _replaced(each, path, found) if isinstance(each, dict) else each
    return made


def _ending(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    """Return the output and transition fields of a state that can fail and be retried."""
    done = [each for each in visits if each.succeeded]
    fields = result_fields(done, name, notes) if done else {}
    if not done:
        notes.add(name, "ResultPath: unknown, because it never succeeded")
    return {
        **fields,
        **assign_fields(done, name, notes),
        **retry_fields(visits, name, notes),
        **catch_fields(visits, name, notes),
    }


def _pass(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    done = [each for each in visits if each.exited]
    if not done:
        notes.add(name, "its output is unknown, because it failed")
        return {}
    return {**pass_fields(done, name, notes), **assign_fields(done, name, notes)}


def _succeed(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    done = [each for each in visits if each.exited]
    return passing_fields(done, name, notes) if done else {}


def _fail(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    failures = [each.flow_failed for each in visits if each.flow_failed]
    if not failures:
        notes.add(name, "Error, Cause: unknown")
        return {}
    if not all_same([list(each) for each in failures]):
        notes.add(name, "Error, Cause: they vary")
    error, cause = failures[0]
    return {**({"Error": error} if error else {}), **({"Cause": cause} if cause else {})}


def _wait(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    done = [each for each in visits if each.exited]
    if not done:
        notes.add(name, "Seconds: unknown, because it did not end")
        return {"Seconds": 99_999_999}
    fields = {**passing_fields(done, name, notes), **assign_fields(done, name, notes)}
    seconds = [round(seconds_between(each.entered, each.exited)) for each in done if each.exited]
    if all_same([*seconds]):
        return {"Seconds": seconds[0], **fields}
    sources = [Source({"$": each.input}) for each in done]
    if "QueryLanguage" not in fields and (path := common_path([*seconds], sources)):
        return {"SecondsPath": path, **fields}
    if "QueryLanguage" not in fields and (path := _moment(done)):
        notes.add(name, f"TimestampPath: it ended at the time in {path}")
        return {"TimestampPath": path, **fields}
    shown = ", ".join(map(str, dict.fromkeys(seconds)))
    notes.add(name, f"Seconds: it took {shown}, and no value in the input determines which")
    return {"Seconds": seconds[0], **fields}


def _moment(visits: Sequence[Visit]) -> str:
    """Return the path of the time at which each visit ended; "" if there is none."""
    found: set[str] | None = None
    for visit in visits:
        end = visit.exited.time if visit.exited else 0.0
        here = {path for path, value in places(visit.input) if _is_at(value, end)}
        found = here if found is None else found & here
    return min(found) if found else ""


def _is_at(value: Json, end: float) -> bool:
    if not isinstance(value, str) or "T" not in value:
        return False
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return moment.tzinfo is not None and abs(moment.timestamp() - end) < 1


def _parallel(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    given, sources = [], []
    for visit in visits:
        for flows in visit.flows.values():
            for flow in flows.values():
                given.append(flow[0].input)
                sources.append(Source({"$": visit.input}))
    fields = given_fields(given, sources, name, notes) if given else {}
    return fields | _ending(visits, name, notes)


def _map(visits: Sequence[Visit], name: str, notes: Notes) -> JsonObject:
    fields = {**items_fields(visits, name, notes), **concurrency_fields(visits)}
    return fields | _ending(visits, name, notes)


_KINDS: Final[Mapping[str, Callable[[Sequence[Visit], str, Notes], JsonObject]]] = {
    "Fail": _fail,
    "Map": _map,
    "Parallel": _parallel,
    "Pass": _pass,
    "Succeed": _succeed,
    "Task": _task,
    "Wait": _wait,
}


def is_distributed(visits: Sequence[Visit]) -> bool:
    """Return whether a Map processes its items in separate executions."""
    return any(event.type == "MapRunStarted" for visit in visits for event in visit.events)


def in_order(visits: Sequence[Visit], starts: Sequence[str], name: str, notes: Notes) -> list[str]:
    """Return the first states of a Parallel's branches, in the order of their results."""
    for visit in visits:
        flows = visit.flows[max(visit.flows)] if visit.flows else {}
        ends = {start: text_of(flow[-1].output) for start, flow in flows.items()}
        for _, value in places(visit.output) if visit.succeeded else ():
            if isinstance(value, list) and len(value) == len(ends) == len(starts):
                found = [text_of(each) for each in value]
                if sorted(found) == sorted(ends.values()):
                    if len(set(found)) == len(found):
                        return sorted(starts, key=lambda start: found.index(ends[start]))
                    break
    notes.add(name, "Branches: in the order in which they started")
    return list(starts)
