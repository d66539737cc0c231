"""Durations that never matched: their location, and the closest match."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from expect_samples import mismatches

from harness.testing import a_history, an_execution, arn, observed

FUNCTIONS = {"stack-list": "List", "stack-put": "Put"}
NOTHING = "  messages: []\n"


def durations(entries: str, matched: Mapping[int, int]) -> list[str]:
    head = f"title: t\nseed: {{buckets: {{photos: {{}}, attic: {{}}}}}}\ndurations:\n{entries}"
    invoke = {"FunctionName": arn("lambda", "function:stack-list"), "Payload": {"bucket": "photos"}}
    history = (
        a_history()
        .enters("S")
        .schedules("stack-list", '{"bucket": "photos"}')
        .enters("S")
        .calls("lambda:invoke", json.dumps(invoke))
        .enters("S")
        .calls("sns:publish", '{"Message": "hello"}')
    )
    observation = observed(an_execution(history=history), functions=FUNCTIONS, durations_matched=matched)
    return mismatches(NOTHING, observation, head)


def test_an_entry_that_matched_is_no_mismatch() -> None:
    assert durations("  - {function: List, takes: 5 s}\n", {0: 2}) == []


def test_an_engine_that_does_not_tell_is_believed() -> None:
    assert durations("  - {function: Put, takes: 5 s}\n", {}) == []


def test_each_entry_is_found_at_its_place() -> None:
    entries = "  - {function: List, takes: 5 s}\n  - {function: Put, takes: 10 min}\n"
    assert durations(entries, {0: 2, 1: 0}) == [
        "5: durations: duration of 10 min of Put never matched: no state machine task has invoked Put"
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
            "duration of 5 s of List never matched: it was started 2 times, "
            "but this entry is for match number 3",
        ),
        (
            "task: sns:publish, takes: 5 s",
            "duration of 5 s of sns:publish never matched: "
            "it was started 1 time, but an earlier entry matched, or a fault came first",
        ),
        (
            "task: sqs:sendMessage, takes: 5 s",
            "duration of 5 s of sqs:sendMessage never matched: no state machine has started such a task",
        ),
    ],
)
def test_the_nearest_tasks_are_said(entry: str, found: str) -> None:
    assert durations(f"  - {{{entry}}}\n", {0: 0}) == [f"4: durations: {found}"]
