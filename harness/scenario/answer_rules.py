"""Validate `answers`: each entry has exactly one kind of answer, in a format that AWS accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.json_types import Json, JsonObject, as_dict
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.scenario import units
from harness.scenario.faults import CHOICES
from harness.scenario.finding import Finding, as_list
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath
from harness.states.payload import utf8_length

_MOST_BEATS = 100_000
"""The maximum number of heartbeats before an answer."""
_FAILURE = ("error", "cause")


def findings(data: JsonObject) -> Iterator[Finding]:
    """Find invalid answers."""
    for at, entry in _entries(data):
        yield from _kinds(entry, at)
        yield from _choices(entry, at)
        yield from _heartbeats(entry, at)
        if "when" in entry and entry["when"] is None:
            yield Finding((*at, "when"), "when has no value", "add a value or remove the key")
        if "output" in entry:
            yield from _output(entry["output"], (*at, "output"))


def _entries(data: JsonObject) -> Iterator[tuple[KeyPath, JsonObject]]:
    """Yield each answer, including answers for single runs, with its key path."""
    places: list[tuple[KeyPath, Json]] = [(("answers",), data.get("answers"))]
    runs = data.get("run")
    if isinstance(runs, list):
        places += [(("run", n, "answers"), as_dict(run).get("answers")) for n, run in enumerate(runs)]
    else:
        places.append((("run", "answers"), as_dict(runs).get("answers")))
    for at, listed in places:
        for n, entry in enumerate(as_list(listed)):
            if isinstance(entry, dict):
                yield (*at, n), entry


def _kinds(entry: JsonObject, at: KeyPath) -> Iterator[Finding]:
    failing = [key for key in _FAILURE if key in entry]
    if "output" in entry and failing:
        message = f"the answer has both output and {failing[0]}"
        yield Finding((*at, failing[0]), message, "keep one of them, or split it into two answers")
    elif "output" not in entry and not failing:
        if "heartbeats" not in entry and "worker" not in entry:
            remedy = "add output (SendTaskSuccess), error (SendTaskFailure) or heartbeats, or the worker that"
            yield Finding(at, "the answer is empty", f"{remedy} takes an activity's task and never responds")
        elif "after" in entry:
            message = "after sets the time of an answer, but there is no answer"
            yield Finding((*at, "after"), message, "add output or error, or remove it")


def _choices(entry: JsonObject, at: KeyPath) -> Iterator[Finding]:
    choices = [choice for choice in CHOICES if choice in entry]
    for choice in choices[1:]:
        message = f"{choices[0]} and {choice} cannot be combined"
        yield Finding((*at, choice), message, "keep one of them")


def _heartbeats(entry: JsonObject, at: KeyPath) -> Iterator[Finding]:
    """Check that heartbeats come before the answer, and that their number is within the limit."""
    given = entry.get("heartbeats")
    every = _seconds(given.get("every") if isinstance(given, dict) else given)
    after = _seconds(entry.get("after", "0 s"))
    if not every or after is None or ("output" not in entry and not set(_FAILURE) & entry.keys()):
        return
    place = (*at, "heartbeats")
    if every >= after:
        message = f"the answer comes after {after:g} s, before the first heartbeat at {every:g} s"
        yield Finding(place, message, "remove the heartbeats, or shorten their interval", "value")
    elif after / every > _MOST_BEATS:
        message = f"there are {int(after / every):,} heartbeats before the answer"
        yield Finding(place, message, f"use at most {_MOST_BEATS:,}", "value")


def _output(value: Json, at: KeyPath) -> Iterator[Finding]:
    """Check that the output is valid JSON for SendTaskSuccess, and that its paths are valid."""
    from harness.states.query.jsonpath.steps import InvalidPath  # noqa: PLC0415  (start-up)
    from harness.states.query.template import compile_payload_template  # noqa: PLC0415

    try:
        size = utf8_length(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    except (TypeError, ValueError):
        yield Finding(at, "the output is not valid JSON", "use strings, numbers, lists and mappings", "value")
        return
    if size > STATES_PAYLOAD_BYTES:
        message = (
            f"the output has {size:,} bytes, but SendTaskSuccess accepts at most {STATES_PAYLOAD_BYTES:,}"
        )
        yield Finding(at, message, "shorten it", "value")
    try:
        compile_payload_template(value)
    except InvalidPath as error:
        remedy = "use a path such as $.order, or an intrinsic function; a name without .$ takes any text"
        yield Finding(at, f"invalid output: {error}", remedy, "value")


def _seconds(value: Json) -> float | None:
    try:
        return units.seconds(value)
    except RefusedError:
        return None
