"""Durations that never matched: where, and what came nearest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from expect_samples import NOW, ended, mismatches

from harness.observe.model import HistoryEvent, Observation

FUNCTIONS = {"stack-list": "List", "stack-put": "Put"}
LIST = "arn:aws:lambda:eu-west-1:123456789012:function:stack-list"
NOTHING = "  messages: []\n"


def history(*tasks: tuple[str, str, dict[str, Any]]) -> tuple[HistoryEvent, ...]:
    """Events of tasks `(resource type, resource, parameters)`; a function's own ARN has no type."""
    events: list[HistoryEvent] = []
    for kind, resource, params in tasks:
        n = len(events)
        events.append(HistoryEvent(n + 1, n, "TaskStateEntered", NOW, {"name": "S", "input": "{}"}))
        details = {"resourceType": kind, "resource": resource, "parameters": json.dumps(params)}
        if not kind:
            details = {"resource": resource, "input": json.dumps(params)}
        event_type = "TaskScheduled" if kind else "LambdaFunctionScheduled"
        events.append(HistoryEvent(n + 2, n + 1, event_type, NOW, details))
    return tuple(events)


def durations(entries: str, matched: Mapping[int, int]) -> list[str]:
    head = f"title: t\nseed: {{buckets: {{photos: {{}}, attic: {{}}}}}}\ndurations:\n{entries}"
    events = history(
        ("", LIST, {"bucket": "photos"}),
        ("lambda", "invoke", {"FunctionName": LIST, "Payload": {"bucket": "photos"}}),
        ("sns", "publish", {"Message": "hello"}),
    )
    observation = Observation((ended(events=events),), functions=FUNCTIONS, durations_matched=matched)
    return mismatches(NOTHING, observation, head)


def test_an_entry_that_matched_is_no_mismatch() -> None:
    assert durations("  - {function: List, takes: 5 s}\n", {0: 2}) == []


def test_an_engine_that_does_not_tell_is_believed() -> None:
    assert durations("  - {function: Put, takes: 5 s}\n", {}) == []


def test_each_entry_is_found_at_its_place() -> None:
    entries = "  - {function: List, takes: 5 s}\n  - {function: Put, takes: 10 min}\n"
    assert durations(entries, {0: 2, 1: 0}) == [
        "5: durations: duration of 10 min of Put never matched: no task of a state machine has invoked Put"
    ]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "function: List, bucket: attic, takes: 95 s",
            "duration of 1 min 35 s of List for bucket attic never matched: "
            "it was started 2 times, for bucket photos (2 times)",
        ),
        (
            "function: List, call: 3, takes: 5 s",
            "duration of 5 s of List never matched: it was started 2 times, and this is for number 3",
        ),
        (
            "task: sns:publish, takes: 5 s",
            "duration of 5 s of sns:publish never matched: "
            "it was started 1 time, but an entry before it decided, or a fault came first",
        ),
        (
            "task: sqs:sendMessage, takes: 5 s",
            "duration of 5 s of sqs:sendMessage never matched: no state machine has started such a task",
        ),
    ],
)
def test_the_nearest_tasks_are_said(entry: str, found: str) -> None:
    assert durations(f"  - {{{entry}}}\n", {0: 0}) == [f"4: durations: {found}"]
