"""Faults that never happened: where, and what came nearest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from expect_samples import NOW, ended, mismatches, seen

from harness.functions.shared.model import Call, Invocation
from harness.observe.model import HistoryEvent, Observation

FUNCTIONS = {"stack-list": "List", "stack-put": "Put"}
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:M:run-1"
NOTHING = "  messages: []\n"


def fault(entry: str, observation: Observation) -> list[str]:
    head = f"title: t\nseed: {{buckets: {{photos: {{}}, attic: {{}}}}}}\nfaults:\n  - {{{entry}}}\n"
    return mismatches(NOTHING, observation, head)


def call(bucket: str, attempts: int = 1) -> Call:
    return Call("s3", "ListObjectsV2", {"Bucket": bucket, "Prefix": "a"}, 200, None, attempts)


def invoked(function: str, bucket: str, *calls: Call, state: str = "S") -> Invocation:
    payload = json.dumps({"bucket": bucket})
    return Invocation(
        "id", function, payload, "{}", None, "", 0.0, 0.1, calls=calls, execution_arn=EXECUTION, state=state
    )


def observed(*invocations: Invocation, fired: Mapping[int, int] | None = None, **more: Any) -> Observation:
    fired = {0: 0} if fired is None else fired
    return seen(invocations=invocations, functions=FUNCTIONS, fired=fired, **more)


def test_a_fault_that_happened_is_no_mismatch() -> None:
    assert fault("call: s3:ListObjectsV2, error: SlowDown", observed(fired={0: 1})) == []


def test_an_engine_that_does_not_tell_is_believed() -> None:
    assert fault("call: s3:ListObjectsV2, error: SlowDown", observed(fired={})) == []


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "call: s3:ListObjectsV2, bucket: attic, error: SlowDown",
            "error SlowDown of s3:ListObjectsV2 for bucket attic never happened: "
            "it was called 3 times, for bucket photos (3 times)",
        ),
        (
            "call: s3:ListObjectsV2, function: Put, cut: after",
            "cut after of s3:ListObjectsV2 in Put never happened: it was called 3 times, by List (3 times)",
        ),
        (
            "call: s3:ListObjectsV2, state: T, partial: true",
            "a partial answer of s3:ListObjectsV2 in state T never happened: "
            "it was called 3 times, in state S (3 times)",
        ),
        (
            "call: s3:ListObjectsV2, params: {Prefix: b}, delay: 90 s",
            'delay of 1 min 30 s of s3:ListObjectsV2 with {"Prefix": "b"} never happened: '
            'it was called 3 times, with other parameters, such as {"Prefix": "a"}',
        ),
        (
            "call: s3:ListObjectsV2, nth: 4, error: SlowDown",
            "error SlowDown of s3:ListObjectsV2 never happened: "
            "it was called 3 times at most in one state of one execution, and this is for number 4",
        ),
        (
            "call: s3:ListObjectsV2, nth: 2, stale: {Name: a}",
            "a stale answer of s3:ListObjectsV2 never happened: "
            "it was called 3 times, but this made no difference there, or another fault came first",
        ),
        (
            "call: states:StartExecution, cut: after",
            "cut after of states:StartExecution never happened: "
            "it was never called; called were s3:ListObjectsV2 (1 time) "
            "and stepfunctions:ListExecutions (1 time)",
        ),
        (
            "call: states:ListExecutions, bucket: photos, error: InvalidArn",
            "error InvalidArn of states:ListExecutions for bucket photos never happened: "
            "it was called 1 time, for bucket attic (1 time)",
        ),
        (
            "call: s3:ListBuckets, function: Nobody, cut: after",
            "cut after of s3:ListBuckets in Nobody never happened: function Nobody was never invoked",
        ),
        (
            "call: s3:ListBuckets, state: U, cut: after",
            "cut after of s3:ListBuckets in state U never happened: the state U was never entered",
        ),
        (
            "function: List, bucket: attic, raises: ValueError",
            "exception ValueError of List for bucket attic never happened: "
            "it was invoked 1 time, for bucket photos (1 time)",
        ),
        (
            "function: List, nth: 2, ends: exit",
            "end by exit of List never happened: "
            "it was invoked 1 time at most in one state of one execution, and this is for number 2",
        ),
        (
            "function: Nobody, twice: true",
            "the second round of Nobody never happened: function Nobody was never invoked",
        ),
    ],
)
def test_the_nearest_that_was_seen_is_said(entry: str, found: str) -> None:
    other = Call("stepfunctions", "ListExecutions", {}, 200, None)
    observation = observed(
        invoked("stack-list", "photos", call("photos", attempts=3)), invoked("stack-put", "attic", other)
    )
    assert fault(entry, observation) == [f"4: faults: {found}"]


def history(*tasks: tuple[str, str, str, dict[str, Any]]) -> tuple[HistoryEvent, ...]:
    """Events of tasks `(state, type, resource, parameters)`."""
    events: list[HistoryEvent] = []
    for state, kind, resource, params in tasks:
        n = len(events)
        events.append(HistoryEvent(n + 1, n, "TaskStateEntered", NOW, {"name": state, "input": "{}"}))
        details = {"resourceType": kind, "resource": resource, "parameters": json.dumps(params)}
        if not kind:
            details = {"resource": resource, "input": json.dumps(params)}
        event_type = "TaskScheduled" if kind else "LambdaFunctionScheduled"
        events.append(HistoryEvent(n + 2, n + 1, event_type, NOW, details))
    return tuple(events)


LIST = "arn:aws:lambda:eu-west-1:123456789012:function:stack-list"


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "task: sns:publish, state: Error, error: InternalError",
            "error InternalError of sns:publish in state Error never happened: "
            "it was started 1 time, in state Publish (1 time)",
        ),
        (
            "task: lambda:invoke, bucket: attic, function: Put, cut: before",
            "cut before of lambda:invoke in Put for bucket attic never happened: "
            "it was started 2 times, by List (2 times)",
        ),
        (
            "task: lambda:invoke, bucket: attic, cut: before",
            "cut before of lambda:invoke for bucket attic never happened: "
            "it was started 2 times, for bucket photos (2 times)",
        ),
        (
            "task: lambda:invoke, nth: 2, function: List, delay: 5 s",
            "delay of 5 s of lambda:invoke in List never happened: "
            "it was started 1 time at most in one state of one execution, and this is for number 2",
        ),
        (
            "task: sqs:sendMessage, cut: after",
            "cut after of sqs:sendMessage never happened: no state machine has started such a task",
        ),
    ],
)
def test_the_nearest_task_is_said(entry: str, found: str) -> None:
    events = history(
        ("A", "", LIST, {"bucket": "photos"}),
        ("B", "lambda", "invoke", {"FunctionName": LIST, "Payload": {"bucket": "photos"}}),
        ("Publish", "sns", "publish", {"Message": "hello"}),
    )
    observation = Observation((ended(events=events),), functions=FUNCTIONS, fired={0: 0})
    assert fault(entry, observation) == [f"4: faults: {found}"]
