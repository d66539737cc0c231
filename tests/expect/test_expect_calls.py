"""`calls`: count, parameters and order, and the closest calls shown in a mismatch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from expect_samples import HEAD, mismatches, pairs, seen

from harness.expect import BUILT_IN
from harness.observe.model import Observation, SeenCall
from harness.scenario.load import ScenarioError, parse
from harness.testing import a_seen_call

FUNCTIONS = {"usage-list": "ListFunction", "usage-put": "PutFunction"}


def listed(bucket: str, at_s: float = 0, **more: Any) -> SeenCall:
    error = more.pop("error", None)
    given = {"function": "ListFunction", "state": "List", "bucket": bucket, "status": 200} | more
    return a_seen_call("s3:ListObjectsV2", error, at_s=at_s, params={"Bucket": bucket}, **given)


CALLS = (
    a_seen_call("lambda:Invoke", state="List", bucket="photos", invokes="ListFunction"),
    a_seen_call(
        "stepfunctions:CreateStateMachine", at_s=0.1, params={"name": "report"}, function="PutFunction"
    ),
    listed("photos", 0.2),
    listed("attic", 0.2, attempts=3),
    a_seen_call("stepfunctions:StartExecution", at_s=0.3, function="PutFunction"),
    a_seen_call(
        "dynamodb:BatchWriteItem",
        "ThrottlingException",
        at_s=0.4,
        status=400,
        function="PutFunction",
        bucket="photos",
        params={
            "RequestItems": {"UsageTable": [{"PutRequest": {"Item": {}}}]},
            "ReturnConsumedCapacity": "TOTAL",
        },
        injected=True,
    ),
)


def of(*calls: SeenCall) -> Observation:
    return seen(calls=calls or CALLS, functions=FUNCTIONS)


def found(*entries: str, observation: Observation | None = None) -> list[str]:
    text = "  calls:\n" + "".join(f"    - {entry}\n" for entry in entries)
    return mismatches(text, of() if observation is None else observation)


@pytest.mark.parametrize(
    "entry",
    [
        "{call: s3:ListObjectsV2}",
        "{call: s3:ListObjectsV2, count: 2}",
        "{call: s3:ListObjectsV2, bucket: photos, count: 1}",
        "{call: s3:ListObjectsV2, function: ListFunction, state: List, count: 2}",
        "{call: s3:ListObjectsV2, attempts: {min: 2}, count: 1}",
        "{call: s3:ListObjectsV2, succeeded: false, count: 0}",
        "{call: s3:ListObjectsV2, params: {Bucket: attic}, count: 1}",
        "{call: s3:GetObject, count: 0}",
        "{call: states:StartExecution, count: 1}",
        "{call: stepfunctions:StartExecution, count: 1}",
        "{call: lambda:Invoke, function: ListFunction, count: 1}",
        "{call: dynamodb:BatchWriteItem, error: ThrottlingException, bucket: photos, count: {max: 3}}",
        "{call: dynamodb:BatchWriteItem, params: {RequestItems: {UsageTable: [{PutRequest: {Item: {}}}]}}}",
        "{call: states:CreateStateMachine, params: {name: report}}",
        "{order: [states:CreateStateMachine, states:StartExecution]}",
        "{order: [{call: s3:ListObjectsV2, bucket: photos}, {call: s3:ListObjectsV2, bucket: attic}]}",
        "{order: [states:CreateStateMachine, states:StartExecution], function: PutFunction}",
    ],
)
def test_what_was_seen_is_as_expected(entry: str) -> None:
    assert found(entry) == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "{call: s3:ListObjectsV2, bucket: photos, count: 2}",
            "s3:ListObjectsV2 (bucket photos): expected 2, seen 1; "
            "the closest, ListFunction in List at 00:00:00.200: its bucket is attic",
        ),
        ("{call: s3:ListObjectsV2, count: {max: 1}}", "s3:ListObjectsV2: expected 0 to 1, seen 2"),
        (
            "{call: s3:ListObjectsV2, function: PutFunction, attempts: {min: 2}}",
            "s3:ListObjectsV2 (function PutFunction, attempts at least 2): expected at least 1, seen 0; "
            "the closest, ListFunction in List at 00:00:00.200: its function is ListFunction",
        ),
        (
            "{call: s3:ListObjectsV2, state: Put, succeeded: false}",
            "s3:ListObjectsV2 (state Put, not succeeded): expected at least 1, seen 0; the closest "
            "(and 1 other), ListFunction in List at 00:00:00.200: its state is List and it succeeded",
        ),
        (
            "{call: dynamodb:BatchWriteItem, error: {contains: Internal}, params: {RequestItems: {T: []}}}",
            'dynamodb:BatchWriteItem (RequestItems "{\\"T\\":[]}", error contains "Internal"): expected at '
            "least 1, seen 0; the closest, PutFunction at 00:00:00.400: its RequestItems is "
            '"{\\"UsageTable\\":[{\\"PutRequest\\":{\\"Item\\":{}}}]}" '
            'and its error does not contain "Internal"',
        ),
        (
            "{call: s3:ListObjectsV2, error: SlowDown, params: {Prefix: a}}",
            's3:ListObjectsV2 (Prefix "a", error SlowDown): expected at least 1, seen 0; the closest '
            "(and 1 other), ListFunction in List at 00:00:00.200: it has no Prefix and it did not fail",
        ),
        (
            "{call: s3:ListBuckets}",
            "s3:ListBuckets: expected at least 1, seen 0; other calls to s3: ListObjectsV2",
        ),
        ("{call: sqs:SendMessage}", "sqs:SendMessage: expected at least 1, seen 0; no call to sqs was made"),
        (
            "{call: s3:ListObjectsV2, function: Lost}",
            "function Lost: the template has no function of this name; it has: ListFunction, PutFunction",
        ),
        (
            "{order: [states:StartExecution, states:CreateStateMachine]}",
            "states:CreateStateMachine: expected after stepfunctions:StartExecution, "
            "seen only earlier: PutFunction at 00:00:00.100",
        ),
        (
            "{order: [s3:ListObjectsV2, sns:Publish]}",
            "sns:Publish: expected after s3:ListObjectsV2, but none was found; no call to sns was made",
        ),
        (
            "{order: [s3:ListObjectsV2, states:StartExecution], function: PutFunction}",
            "s3:ListObjectsV2 (function PutFunction): expected, but none was found; "
            "the closest (and 1 other), "
            "ListFunction in List at 00:00:00.200: its function is ListFunction",
        ),
    ],
)
def test_a_mismatch_says_what_came_nearest(entry: str, problem: str) -> None:
    assert found(entry) == [f"5: calls: {problem}"]


def test_the_calls_are_listed_below_each_other_those_that_read_alike_once() -> None:
    many = of(*(listed("photos", n) for n in range(3)), *(listed(f"b-{n:02}") for n in range(1, 8)))
    ((expected, shown),) = pairs("  calls:\n    - {call: s3:ListObjectsV2, count: 1}\n", many)
    assert expected == "1: s3:ListObjectsV2"
    assert shown.splitlines() == [
        "s3:ListObjectsV2 Bucket=photos: 200 (ListFunction in List at 00:00:00.000 and 2 other times)",
        *(
            f"s3:ListObjectsV2 Bucket=b-{n:02}: 200 (ListFunction in List at 00:00:00.000)"
            for n in range(1, 5)
        ),
        "… 3 more",
    ]


def test_a_failed_call_is_shown_with_its_error_attempts_and_that_a_fault_answered() -> None:
    slow = of(listed("photos", 65, error="SlowDown", status=503, attempts=5, injected=True))
    ((_, shown),) = pairs("  calls:\n    - {call: s3:ListObjectsV2, count: 0}\n", slow)
    assert shown == (
        "s3:ListObjectsV2 Bucket=photos: 503 SlowDown, 5 attempts, fault "
        "(ListFunction in List at 00:01:05.000)"
    )


def test_an_order_is_one_of_different_calls() -> None:
    once = of(listed("photos"))
    assert found("{order: [s3:ListObjectsV2, s3:ListObjectsV2]}", observation=once) == [
        "5: calls: s3:ListObjectsV2: expected after s3:ListObjectsV2, "
        "seen only earlier: ListFunction in List at 00:00:00.000"
    ]
    assert found("{order: [s3:ListObjectsV2, s3:ListObjectsV2]}") == []


def test_long_parameters_are_compared_as_far_as_they_are_recorded() -> None:
    text = "x" * 200
    made = of(a_seen_call("sns:Publish", params={"Message": f"{text}... (300 characters)"}))
    assert found(f"{{call: sns:Publish, params: {{Message: {text}{'x' * 100}}}}}", observation=made) == []
    assert found(f"{{call: sns:Publish, params: {{Message: {text}}}}}", observation=made) != []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{count: 1}", "5:7: the entry has neither call nor order; specify one of them"),
        (
            "{call: s3:ListBuckets, order: [s3:ListBuckets, sns:Publish]}",
            "5:7: the entry has both call and order; specify one of them",
        ),
        (
            "{order: [s3:ListBuckets, sns:Publish], count: 1}",
            "5:7: an order cannot have a count; move the count to a separate entry with call",
        ),
        (
            "{call: s3.listBuckets}",
            "5:14: 's3.listBuckets' is not an AWS call; write service:Operation, such as s3:ListObjectsV2",
        ),
        (
            "{call: s3:ListObjectV2, count: 0}",
            "5:14: s3 has no operation 'ListObjectV2'; did you mean 'ListObjectsV2'?",
        ),
        (
            "{order: [states:StartExecution, snss:Publish]}",
            "5:39: unknown AWS service 'snss'; did you mean 'sns'?",
        ),
        (
            "{call: s3:ListObjectsV2, params: {Bukcet: photos}}",
            "5:41: ListObjectsV2 has no parameter 'Bukcet'; did you mean 'Bucket'?",
        ),
        (
            "{call: s3:ListObjectsV2, bucket: potos, count: 0}",
            "5:40: the call refers to the bucket 'potos', which is not seeded; "
            "did you mean 'photos'? seeded: photos, attic, b-{n:02}",
        ),
        (
            "{order: [s3:ListBuckets, {call: s3:ListObjectsV2, bucket: x-1}]}",
            "5:65: the call refers to the bucket 'x-1', which is not seeded; seeded: photos, attic, b-{n:02}",
        ),
    ],
)
def test_an_entry_that_says_nothing_is_refused(entry: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        parse(f"{HEAD}expect:\n  calls:\n    - {entry}\n", BUILT_IN, Path("x.yaml"))
    (found_problem,) = [str(p).partition(":")[2] for p in refused.value.problems]
    assert found_problem.partition(" known: ")[0] == problem
