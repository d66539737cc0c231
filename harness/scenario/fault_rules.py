"""What must fit together in an entry of `faults`: one target, one kind that fits it, names that AWS has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from harness.scenario import aws_names
from harness.scenario.aws_names import Service, Shape
from harness.scenario.faults import CHOICES, KINDS, Target
from harness.scenario.finding import Finding, as_dict, as_list, known_buckets, unseeded
from harness.scenario.source import KeyPath
from harness.scenario.wording import found, nearest, shortened
from harness.service_names import capitalized, lowered

_TARGETS = "call (an AWS call of a function), service (a task of a state machine), or function"
# boto3's resources take plain values for DynamoDB's, which do not have the members of the API.
_FREE_SHAPES = ("AttributeValue",)
_JSON_KINDS = {"structure": dict, "map": dict, "list": list}


def findings(data: dict[str, Any]) -> Iterator[Finding]:
    """What does not fit in any of the faults."""
    for n, entry in enumerate(as_list(data.get("faults"))):
        if isinstance(entry, dict):
            at: KeyPath = ("faults", n)
            yield from _buckets(data, entry, at)
            targets: list[Target] = [key for key in ("call", "service") if key in entry]
            if not targets and "function" in entry:
                targets = ["function"]
            if len(targets) != 1:
                what = "has both call and service" if targets else "has no target"
                yield Finding(at, f"the fault {what}", f"give one of {_TARGETS}")
                continue
            yield from _shape(entry, at, targets[0])
            yield from names(entry, at)


def _shape(entry: dict[str, Any], at: KeyPath, target: Target) -> Iterator[Finding]:
    """One kind that fits the target, and only keys that go with both."""
    fitting = _listed(kind.key for kind in KINDS if target in kind.targets)
    given = [kind for kind in KINDS if kind.key in entry]
    if not given:
        yield Finding(at, "the fault does nothing", f"of a {target}, give one of {fitting}")
    for kind in given:
        if target not in kind.targets:
            message = f"{kind.key} does not fit a {target}"
            yield Finding((*at, kind.key), message, f"of a {target}, give one of {fitting}")
    for kind in given[1:]:
        message = f"the fault has both {given[0].key} and {kind.key}"
        yield Finding((*at, kind.key), message, "give one of them, or make it two faults")
    for key in ("message", "when"):
        owners = [kind.key for kind in KINDS if key in kind.with_keys]
        if key in entry and given and not any(key in kind.with_keys for kind in given):
            yield Finding(
                (*at, key), f"{key} says nothing about {given[0].key}", f"it goes with {_listed(owners)}"
            )
    choices = [key for key in CHOICES if key in entry]
    for key in choices[1:]:
        message = f"both {choices[0]} and {key} say which ones fail"
        yield Finding((*at, key), message, "give one of them")
    if target == "function" and "params" in entry:
        yield Finding(
            (*at, "params"), "a function has no params", "use bucket, or call or service with params"
        )
    if target == "service" and "function" in entry and entry["service"] != "lambda:invoke":
        message = f"a task of {entry['service']} invokes no function"
        yield Finding((*at, "function"), message, "remove function, or write lambda:invoke")


def _buckets(data: dict[str, Any], entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    """A fault is for a bucket that there is."""
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
    """Service, operation, parameters, members and error codes are those of AWS."""
    key = "call" if "call" in entry else "service"
    name = entry.get(key)
    # sns:publish, aws-sdk:sns:publish; what is written otherwise is refused by the model
    parts = name.split(":") if isinstance(name, str) else []
    if key == "service" and len(parts) == 3 and parts[0] == "aws-sdk":
        parts = parts[1:]
    if len(parts) != 2 or not all(parts) or parts[1][0].isupper() != (key == "call"):
        return
    service = aws_names.service(parts[0])
    if service is None:
        message = f"AWS has no service {parts[0]!r}"
        yield Finding((*at, key), message, nearest(parts[0], aws_names.service_names()), "value")
        return
    operations = {o if key == "call" else lowered(o): o for o in service.operations}
    if parts[1] not in operations:
        message = f"{parts[0]} has no operation {parts[1]!r}"
        yield Finding((*at, key), message, nearest(parts[1], operations), "value")
    else:
        yield from _members(service, operations[parts[1]], entry, at, capitals=key == "service")
    code = entry.get("error")
    if isinstance(code, str) and code and code not in service.error_codes:
        message = f"{parts[0]} has no error {code!r}"
        yield Finding((*at, "error"), message, nearest(code, service.error_codes), "value")


def _members(
    service: Service, operation: str, entry: dict[str, Any], at: KeyPath, *, capitals: bool
) -> Iterator[Finding]:
    given, answer = service.input(operation), service.output(operation)
    if isinstance(params := entry.get("params"), dict):
        yield from _misnamed(given, params, (*at, "params"), f"{operation} has no parameter", capitals)
    if isinstance(stale := entry.get("stale"), dict):
        yield from _misnamed(answer, stale, (*at, "stale"), f"the answer of {operation} has no member")
    if entry.get("partial") is True and not service.answers_in_part(operation):
        able = [other for other in service.operations if service.answers_in_part(other)]
        message = f"{operation} answers in whole or not at all"
        yield Finding((*at, "partial"), message, f"in part do {shortened(able)}")


def _misnamed(
    shape: Shape | None, value: Any, at: KeyPath, problem: str, capitals: bool = False
) -> Iterator[Finding]:
    """The names and words in `value` that `shape` does not have, in it and inside of it."""
    kind = shape.kind if shape else "structure"
    wanted = _JSON_KINDS.get(kind)
    if value is None or (shape and shape.name in _FREE_SHAPES):
        return
    if wanted and not isinstance(value, wanted):
        words = "a list" if wanted is list else "a mapping"
        yield Finding(
            at, f"{at[-1]}: expected {words}, found {found(value)}", f"AWS has {words} there", "value"
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
        yield Finding(at, f"{value!r} is no {at[-1]}", nearest(value, shape.words), "value")


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
