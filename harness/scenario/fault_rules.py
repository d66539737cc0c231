"""Validate `faults`: each entry has one target, one kind that supports the target, and valid AWS names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from harness.functions.faults import KINDS
from harness.functions.faults.kind import AnswerMembers, BadArgument, ErrorCode, targets
from harness.functions.shared.model import Target
from harness.json_types import as_dict
from harness.scenario import aws_names
from harness.scenario.aws_names import Service, Shape
from harness.scenario.faults import CHOICES, HTTP, OF_HTTP, RENAMED, keys
from harness.scenario.finding import Finding, as_list, known_buckets, unseeded
from harness.scenario.source import KeyPath
from harness.scenario.wording import found, nearest
from harness.service_names import capitalized, lowered

_TARGETS = "call (an AWS call from a function), task (in a state machine), or function"
_KEYS = keys()
_STATUS: Final = re.compile("[345][0-9]{2}")
# boto3 resources use plain values for DynamoDB values, which lack the members in the API model.
_FREE_SHAPES = ("AttributeValue",)
_SINGLE: tuple[Target, ...] = ("call", "task")  # function may also be a filter for another target
_JSON_KINDS = {"structure": dict, "map": dict, "list": list}


def findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Find invalid faults."""
    for n, entry in enumerate(as_list(data.get("faults"))):
        if isinstance(entry, dict):
            at: KeyPath = ("faults", n)
            yield from _buckets(data, entry, at)
            if RENAMED.keys() & entry.keys():
                continue  # the model reports this; the fault's target is unknown
            given: list[Target] = [key for key in _SINGLE if key in entry]
            if not given and "function" in entry:
                given = ["function"]
            if len(given) != 1:
                what = "has both call and task" if given else "has no target"
                yield Finding(at, f"the fault {what}", f"use one of {_TARGETS}")
                continue
            yield from _shape(entry, at, given[0])
            yield from names(entry, at)


def _shape(entry: dict[str, Any], at: KeyPath, target: Target) -> Iterator[Finding]:
    """Check that there is one kind, that it supports the target, and that all keys belong to both."""
    fitting = _listed(kind.key for kind in KINDS if target in targets(kind))
    given = [kind for kind in KINDS if kind.key in entry]
    if not given:
        yield Finding(at, "the fault has no effect", f"for a {target}, add one of {fitting}")
    for kind in given:
        if target not in targets(kind):
            message = f"{kind.key} does not apply to a {target}"
            yield Finding((*at, kind.key), message, f"for a {target}, use one of {fitting}")
    for kind in given[1:]:
        message = f"the fault has both {given[0].key} and {kind.key}"
        yield Finding((*at, kind.key), message, "keep one of them, or split it into two faults")
    for key in _KEYS:
        if key.name in entry and not key.is_kind and given and not set(key.kinds) & set(given):
            message = f"{key.name} does not apply to {given[0].key}"
            owners = _listed(kind.key for kind in key.kinds)
            yield Finding((*at, key.name), message, f"use it with {owners}")
    choices = [choice for choice in CHOICES if choice in entry]
    for choice in choices[1:]:
        message = f"{choices[0]} and {choice} cannot be combined"
        yield Finding((*at, choice), message, "keep one of them")
    if target == "function" and "params" in entry:
        yield Finding((*at, "params"), "a function has no params", "use bucket, or call or task with params")
    if target == "task" and "function" in entry and entry["task"] != "lambda:invoke":
        message = f"the task {entry['task']} does not invoke a function"
        yield Finding((*at, "function"), message, "remove function, or write lambda:invoke")


def _buckets(data: dict[str, Any], entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    """Check that a fault's bucket exists."""
    if not isinstance(as_dict(data.get("seed", {})).get("buckets", {}), dict):
        return
    known = known_buckets(data)
    places = [
        ((*at, "bucket"), entry.get("bucket")),
        ((*at, "params", "Bucket"), as_dict(entry.get("params")).get("Bucket")),
    ]
    for where, bucket in places:
        yield from unseeded("the fault", bucket, where, known)


def names(entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    """Check that services, operations, parameters, members and error codes exist in AWS."""
    key: Target = "call" if "call" in entry else "task"
    name = entry.get(key)
    # sns:publish, aws-sdk:sns:publish; the model rejects other forms
    parts = name.split(":") if isinstance(name, str) else []
    if key == "task" and len(parts) == 3 and parts[0] == "aws-sdk":
        parts = parts[1:]
    if len(parts) != 2 or not all(parts) or parts[1][0].isupper() != (key == "call"):
        return
    if name == HTTP:
        yield from _of_http(entry, at)
        return
    service = aws_names.service(parts[0])
    if service is None:
        message = f"unknown AWS service {parts[0]!r}"
        yield Finding((*at, key), message, nearest(parts[0], aws_names.service_names()), "value")
        return
    operations = {o if key == "call" else lowered(o): o for o in service.operations}
    operation = operations.get(parts[1])
    if operation is None:
        message = f"{parts[0]} has no operation {parts[1]!r}"
        yield Finding((*at, key), message, nearest(parts[1], operations), "value")
    elif isinstance(params := entry.get("params"), dict):
        problem = f"{operation} has no parameter"
        yield from _misnamed(
            service.input(operation), params, (*at, "params"), problem, capitals=key == "task"
        )
    for argument in _KEYS:
        value, place = entry.get(argument.name), (*at, argument.name)
        if argument.annotation is ErrorCode and isinstance(value, str) and value:
            if value not in service.error_codes:
                message = f"{parts[0]} has no error {value!r}"
                yield Finding(place, message, nearest(value, service.error_codes), "value")
        elif argument.annotation is AnswerMembers and isinstance(value, dict) and operation:
            problem = f"the response of {operation} has no member"
            yield from _misnamed(service.output(operation), value, place, problem)
    if operation:
        yield from _pointless(service, operation, entry, at)


def _of_http(entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    """Check a fault for an HTTP Task: it has an HTTP status, and has no API parameters or members."""
    error = entry.get("error")
    if isinstance(error, str) and not _STATUS.fullmatch(error):
        message = f"{error!r} is not an HTTP error status"
        yield Finding((*at, "error"), message, 'an HTTP Task fails with a status: write "503"', "value")
    for kind in KINDS:
        if kind.key in entry and kind.key not in OF_HTTP:
            known = ", ".join(OF_HTTP)
            yield Finding((*at, kind.key), f"{kind.key} does not apply to {HTTP}", f"use one of {known}")


def _pointless(service: Service, operation: str, entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    """Find kinds that have no effect on the operation."""
    for kind in KINDS:
        if kind.key in entry:
            try:
                kind.check_operation(service, operation)
            except BadArgument as error:
                yield Finding((*at, kind.key), error.message, error.remedy)


def _misnamed(
    shape: Shape | None, value: Any, at: KeyPath, problem: str, capitals: bool = False
) -> Iterator[Finding]:
    """Find names and values in `value`, at any depth, that `shape` does not allow."""
    kind = shape.kind if shape else "structure"
    wanted = _JSON_KINDS.get(kind)
    if value is None or (shape and shape.name in _FREE_SHAPES):
        return
    if wanted and not isinstance(value, wanted):
        words = "a list" if wanted is list else "a mapping"
        yield Finding(
            at, f"{at[-1]}: expected {words}, found {found(value)}", f"the API expects {words}", "value"
        )
    elif kind == "structure":
        members = shape.members if shape else {}
        if capitals:
            members = {capitalized(name): member for name, member in members.items()}
        for name in value.keys() - members.keys():
            yield Finding((*at, name), f"{problem} {name!r}", nearest(name, members))
        for name in value.keys() & members.keys():
            yield from _misnamed(members[name], value[name], (*at, name), problem, capitals)
    elif shape and wanted:
        for key, inner in enumerate(value) if kind == "list" else value.items():
            yield from _misnamed(shape.inner, inner, (*at, key), problem, capitals)
    elif shape and shape.words and isinstance(value, str) and value not in shape.words:
        yield Finding(at, f"unknown {at[-1]} {value!r}", nearest(value, shape.words), "value")


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
