"""A point -> the faults that fit it, kind by kind.

A new kind is a function here and a line in KINDS; what it does is in `harness.functions.faults`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.model import ListShape, StructureShape

from harness.sweep.aws_errors import error_codes, operation
from harness.sweep.model import Point, Variant

SHORT_DELAY, LONG_DELAY = "5 s", "70 s"
"""One that a client waits for, and one that is longer than botocore's read time-out of 60 s."""
GHOST = "bucket-that-is-gone"
_BATCHES = {"BatchWriteItem": "RequestItems", "BatchGetItem": "RequestItems"}
# Members of an answer that page a listing, as botocore's paginators know them.
_PAGED = (
    "NextToken",
    "nextToken",
    "NextMarker",
    "NextContinuationToken",
    "LastEvaluatedKey",
    "ContinuationToken",
)


def _error(point: Point) -> Iterator[Variant]:
    if point.target != "function":
        for code in error_codes(operation(point.what)):
            yield Variant("error", code, {"error": code})


def _cut(point: Point) -> Iterator[Variant]:
    if point.target != "function":
        for when in ("before", "after"):
            yield Variant("cut", when, {"cut": when})


def _delay(point: Point) -> Iterator[Variant]:
    for time in (SHORT_DELAY, LONG_DELAY) if point.target == "call" else (SHORT_DELAY,):
        yield Variant("delay", time, {"delay": time})


def _partial(point: Point) -> Iterator[Variant]:
    if point.target != "call":
        return
    model = operation(point.what)
    if model.name in _BATCHES:
        fits = sum(len(items) for items in point.params.get(_BATCHES[model.name], {}).values()) > 1
    else:
        members = model.output_shape.members if isinstance(model.output_shape, StructureShape) else {}
        fits = any(name in members for name in _PAGED) and not model.name.startswith("Get")
    if fits:
        yield Variant("partial", "", {"partial": True})


def _stale(point: Point) -> Iterator[Variant]:
    if point.target != "call":
        return
    shape = operation(point.what).output_shape
    if not isinstance(shape, StructureShape):
        return
    for name, member in shape.members.items():
        if name in ("status", "Status"):
            # What was before: something that is still going on.
            for status in getattr(member, "enum", ()):
                if status.endswith("ING") or status.startswith("PENDING"):
                    yield Variant("stale", status, {"stale": {name: status}})
        if isinstance(member, ListShape) and isinstance(member.member, StructureShape) and name == "Buckets":
            yield Variant("stale", "listed though gone", {"stale": {name: [{"Name": GHOST}]}})


def _raises(point: Point) -> Iterator[Variant]:
    if point.target == "function":
        for when in ("before", "after"):
            yield Variant("raises", when, {"raises": "RuntimeError", "when": when})


def _ends(point: Point) -> Iterator[Variant]:
    if point.target == "function":
        for how in ("timeout", "memory", "exit", "too-large"):
            for when in ("before", "after"):
                yield Variant("ends", f"{how} {when}", {"ends": how, "when": when})


def _twice(point: Point) -> Iterator[Variant]:
    if point.target == "function":
        yield Variant("twice", "", {"twice": True})


KINDS: tuple[tuple[str, Callable[[Point], Iterator[Variant]]], ...] = (
    ("error", _error),
    ("cut", _cut),
    ("delay", _delay),
    ("partial", _partial),
    ("stale", _stale),
    ("raises", _raises),
    ("ends", _ends),
    ("twice", _twice),
)


def variants(point: Point, kinds: tuple[str, ...] = ()) -> Iterator[Variant]:
    """The faults that fit a point, of these kinds; of all when none is named."""
    for name, of_kind in KINDS:
        if not kinds or name in kinds:
            yield from of_kind(point)


def fault(point: Point, variant: Variant, times: str) -> dict[str, Any]:
    """The entry of a scenario's `faults` for a variant at a point: once, or from there on for ever."""
    which = {"nth": point.number} if times == "once" else {"from": point.number}
    return {**point.where, **which, **variant.keys}
