"""Faults that never fired: their location, and the closest match."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from expect_samples import mismatches, seen

from harness.functions.shared.model import Call, Invocation
from harness.observe.model import Observation
from harness.testing import a_call, a_history, an_execution, an_invocation, arn, observed

FUNCTIONS = {"stack-list": "List", "stack-put": "Put"}
NOTHING = "  messages: []\n"


def fault(entry: str, observation: Observation) -> list[str]:
    head = f"title: t\nseed: {{buckets: {{photos: {{}}, attic: {{}}}}}}\nfaults:\n  - {{{entry}}}\n"
    return mismatches(NOTHING, observation, head)


def listed(bucket: str, attempts: int = 1) -> Call:
    return replace(a_call("s3:ListObjectsV2", Bucket=bucket, Prefix="a"), attempts=attempts)


def invoked(function: str, bucket: str, *calls: Call) -> Invocation:
    payload = json.dumps({"bucket": bucket})
    return an_invocation(function, *calls, payload=payload, execution_arn=an_execution().arn, state="S")


def made(*invocations: Invocation, fired: Mapping[int, int] | None = None, **more: Any) -> Observation:
    fired = {0: 0} if fired is None else fired
    return seen(invocations=invocations, functions=FUNCTIONS, fired=fired, **more)


def test_a_fault_that_happened_is_no_mismatch() -> None:
    assert fault("call: s3:ListObjectsV2, error: SlowDown", made(fired={0: 1})) == []


def test_an_engine_that_does_not_tell_is_believed() -> None:
    assert fault("call: s3:ListObjectsV2, error: SlowDown", made(fired={})) == []


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "call: s3:ListObjectsV2, bucket: attic, error: SlowDown",
            "error SlowDown of s3:ListObjectsV2 for bucket attic never fired: "
            "it was called 3 times, for bucket photos (3 times)",
        ),
        (
            "call: s3:ListObjectsV2, function: Put, cut: after",
            "cut after of s3:ListObjectsV2 in Put never fired: it was called 3 times, by List (3 times)",
        ),
        (
            "call: s3:ListObjectsV2, state: T, partial: true",
            "a partial answer of s3:ListObjectsV2 in state T never fired: "
            "it was called 3 times, in state S (3 times)",
        ),
        (
            "call: s3:ListObjectsV2, params: {Prefix: b}, delay: 90 s",
            'delay of 1 min 30 s of s3:ListObjectsV2 with {"Prefix": "b"} never fired: '
            'it was called 3 times, with different parameters, such as {"Prefix": "a"}',
        ),
        (
            "call: s3:ListObjectsV2, nth: 4, error: SlowDown",
            "error SlowDown of s3:ListObjectsV2 never fired: "
            "it was called 3 times at most in one state of one execution, "
            "but this fault is for match number 4",
        ),
        (
            "call: s3:ListObjectsV2, nth: 2, stale: {Name: a}",
            "a stale response of s3:ListObjectsV2 never fired: "
            "it was called 3 times, but the fault had no effect on it, or another fault came first",
        ),
        (
            "call: states:StartExecution, cut: after",
            "cut after of states:StartExecution never fired: "
            "it was never called; calls were made to s3:ListObjectsV2 (1 time) "
            "and stepfunctions:ListExecutions (1 time)",
        ),
        (
            "call: states:ListExecutions, bucket: photos, error: InvalidArn",
            "error InvalidArn of states:ListExecutions for bucket photos never fired: "
            "it was called 1 time, for bucket attic (1 time)",
        ),
        (
            "call: s3:ListBuckets, function: Nobody, cut: after",
            "cut after of s3:ListBuckets in Nobody never fired: function Nobody was never invoked",
        ),
        (
            "call: s3:ListBuckets, state: U, cut: after",
            "cut after of s3:ListBuckets in state U never fired: the state U was never entered",
        ),
        (
            "function: List, bucket: attic, raises: ValueError",
            "exception ValueError of List for bucket attic never fired: "
            "it was invoked 1 time, for bucket photos (1 time)",
        ),
        (
            "function: List, nth: 2, ends: exit",
            "end by exit of List never fired: "
            "it was invoked 1 time at most in one state of one execution, "
            "but this fault is for match number 2",
        ),
        (
            "function: Nobody, twice: true",
            "the second run of Nobody never fired: function Nobody was never invoked",
        ),
    ],
)
def test_the_nearest_that_was_seen_is_said(entry: str, found: str) -> None:
    other = a_call("stepfunctions:ListExecutions")
    observation = made(
        invoked("stack-list", "photos", listed("photos", attempts=3)), invoked("stack-put", "attic", other)
    )
    assert fault(entry, observation) == [f"4: faults: {found}"]


LIST = arn("lambda", "function:stack-list")


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "task: sns:publish, state: Error, error: InternalError",
            "error InternalError of sns:publish in state Error never fired: "
            "it was started 1 time, in state Publish (1 time)",
        ),
        (
            "task: lambda:invoke, bucket: attic, function: Put, cut: before",
            "cut before of lambda:invoke in Put for bucket attic never fired: "
            "it was started 2 times, by List (2 times)",
        ),
        (
            "task: lambda:invoke, bucket: attic, cut: before",
            "cut before of lambda:invoke for bucket attic never fired: "
            "it was started 2 times, for bucket photos (2 times)",
        ),
        (
            "task: lambda:invoke, nth: 2, function: List, delay: 5 s",
            "delay of 5 s of lambda:invoke in List never fired: "
            "it was started 1 time at most in one state of one execution, "
            "but this fault is for match number 2",
        ),
        (
            "task: sqs:sendMessage, cut: after",
            "cut after of sqs:sendMessage never fired: no state machine has started such a task",
        ),
    ],
)
def test_the_nearest_task_is_said(entry: str, found: str) -> None:
    photos = {"bucket": "photos"}
    history = (
        a_history()
        .enters("A")
        .schedules("stack-list", json.dumps(photos))
        .enters("B")
        .calls("lambda:invoke", json.dumps({"FunctionName": LIST, "Payload": photos}))
        .enters("Publish")
        .calls("sns:publish", json.dumps({"Message": "hello"}))
    )
    observation = observed(an_execution(history=history), functions=FUNCTIONS, fired={0: 0})
    assert fault(entry, observation) == [f"4: faults: {found}"]
