"""Faults in a scenario file: their meaning, and the exact text of errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scenario_samples import parse

from harness.functions.shared import wire
from harness.scenario import aws_names
from harness.scenario.faults import FaultSpec
from harness.scenario.position import ScenarioError

HEAD = "title: t\nseed: {buckets: {photos: {}, secret: {}}}\n"


def fault(entry: str) -> FaultSpec:
    return parse(f"{HEAD}faults: [{{{entry}}}]\nexpect: {{messages: []}}", Path("a.yaml")).faults[0]


def problems(entry: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        fault(entry)
    return [str(problem).removeprefix("a.yaml:3:") for problem in error.value.problems]


@pytest.mark.parametrize(
    ("entry", "target", "kind", "api", "which"),
    [
        ("call: s3:ListBuckets, error: SlowDown", "call", "error", ("s3", "ListBuckets"), (1, None)),
        (
            "call: states:StartExecution, nth: 2, cut: after",
            "call",
            "cut",
            ("states", "StartExecution"),
            (2, 2),
        ),
        ("task: sns:publish, first: 3, delay: 5 s", "task", "delay", ("sns", "Publish"), (1, 3)),
        (
            "task: aws-sdk:sfn:startExecution, from: 2, cut: before",
            "task",
            "cut",
            ("aws-sdk:sfn", "StartExecution"),
            (2, None),
        ),
        ("function: F, ends: too-large, when: after", "function", "ends", ("", ""), (1, None)),
        ("function: F, twice: true", "function", "twice", ("", ""), (1, None)),
        (
            "task: lambda:invoke, function: F, state: S, bucket: photos, error: TooManyRequestsException",
            "task",
            "error",
            ("lambda", "Invoke"),
            (1, None),
        ),
    ],
)
def test_a_fault_is_typed(entry: str, target: str, kind: str, api: Any, which: Any) -> None:
    spec = fault(entry)
    assert (spec.target, spec.kind.key, spec.api, spec.which) == (target, kind, api, which)


@pytest.mark.parametrize(
    "entry",
    [
        "call: s3:ListObjectsV2, params: {Bucket: photos}, function: F, error: AccessDenied, message: no",
        "call: stepfunctions:CreateStateMachine, error: AccessDeniedException",
        "call: dynamodb:Query, partial: true",
        "call: dynamodb:BatchGetItem, partial: true",
        "call: s3:ListBuckets, stale: {Buckets: [{Name: gone}], ContinuationToken: null}",
        "call: dynamodb:PutItem, params: {Item: {n: {colour: red}}}, error: ThrottlingException",
        "task: lambda:invoke, params: {Payload: {anything: [1]}}, cut: after",
        "task: sns:publish, params: {TopicArn: t}, error: InternalError",
        "task: states:startExecution, error: ExecutionLimitExceeded",
    ],
)
def test_what_aws_has_is_accepted(entry: str) -> None:
    fault(entry)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "error: AccessDenied",
            [
                "10: the fault has no target; use one of call (an AWS call from a function), "
                "task (in a state machine), or function"
            ],
        ),
        (
            "call: s3:ListBuckets, task: sns:publish, cut: after",
            [
                "10: the fault has both call and task; use one of call (an AWS call from a function), "
                "task (in a state machine), or function"
            ],
        ),
        ("service: sns:publish, cut: after", ["11: service is now called task; write task: sns:publish"]),
        ("service: x, task: sns:publish, cut: after", ["11: service is now called task; remove service"]),
        (
            "state: S, service: lambda:invoke, function: F, error: TooManyRequestsException",
            ["21: service is now called task; write task: lambda:invoke"],
        ),
        (
            "function: F",
            ["10: the fault has no effect; for a function, add one of delay, raises, ends, twice or returns"],
        ),
        (
            "call: s3:ListBuckets, cut: after, delay: 1 s",
            ["45: the fault has both cut and delay; keep one of them, or split it into two faults"],
        ),
        (
            "function: F, error: SlowDown",
            [
                "24: error does not apply to a function; for a function, use one of delay, raises, ends, "
                "twice or returns"
            ],
        ),
        (
            "task: sns:publish, twice: true",
            ["30: twice does not apply to a task; for a task, use one of error, cut, delay or returns"],
        ),
        (
            "call: s3:ListBuckets, nth: 1, first: 2, cut: after",
            ["41: nth and first cannot be combined; keep one of them"],
        ),
        (
            "call: s3:ListBuckets, cut: after, when: before, message: a",
            [
                "45: when does not apply to cut; use it with raises or ends",
                "59: message does not apply to cut; use it with error or raises",
            ],
        ),
        (
            "function: F, params: {A: 1}, twice: true",
            ["24: a function has no params; use bucket, or call or task with params"],
        ),
        (
            "task: sns:publish, function: F, cut: after",
            ["30: the task sns:publish does not invoke a function; remove function, or write lambda:invoke"],
        ),
        (
            "call: s3:ListBuckets, bucket: secrets, cut: after",
            [
                "41: the fault refers to the bucket 'secrets', which is not seeded; "
                "did you mean 'secret'? seeded: photos, secret"
            ],
        ),
        (
            "call: s3:ListObjectV2, cut: after",
            ["17: s3 has no operation 'ListObjectV2'; did you mean 'ListObjectsV2'?"],
        ),
        ("task: sns:publsh, cut: after", ["17: sns has no operation 'publsh'; did you mean 'publish'?"]),
        ("call: dynamo:PutItem, cut: after", ["17: unknown AWS service 'dynamo'; did you mean 'dynamodb'?"]),
        (
            "call: s3:ListBuckets, error: SlowDonw",
            ["40: s3 has no error 'SlowDonw'; did you mean 'SlowDown'?"],
        ),
        (
            "call: s3:ListObjectsV2, params: {Bukcet: a}, cut: after",
            ["44: ListObjectsV2 has no parameter 'Bukcet'; did you mean 'Bucket'? known: Bucket, ..."],
        ),
        (
            "task: aws-sdk:sfn:startExecution, params: {name: a}, cut: after",
            [
                "54: StartExecution has no parameter 'name'; did you mean 'Name'? "
                "known: StateMachineArn, Name, ..."
            ],
        ),
        (
            "call: s3:ListBuckets, stale: {Buckets: [{Nam: a}]}",
            ["52: the response of ListBuckets has no member 'Nam'; did you mean 'Name'? known: Name, ..."],
        ),
        (
            "call: s3:ListBuckets, stale: {Buckets: {Name: a}}",
            ["50: Buckets: expected a list, found a mapping; the API expects a list"],
        ),
        (
            "call: states:DescribeExecution, stale: {status: RUNING}",
            ["59: unknown status 'RUNING'; did you mean 'RUNNING'? known: RUNNING, ..."],
        ),
        (
            "call: states:DescribeExecution, stale: {}",
            ["50: stale has no members; specify members of the response, with their old values"],
        ),
        (
            "call: dynamodb:PutItem, partial: true",
            [
                "35: PutItem has no partial responses; use an operation that has them: BatchGetItem, "
                "BatchWriteItem, ..."
            ],
        ),
        (
            "function: F, twice: false",
            ["31: this must be true or absent; write true, or remove the key"],
        ),
        (
            "function: F, delay: 0 s",
            ["31: a delay of zero has no effect; write a longer delay, or remove the fault"],
        ),
        (
            "function: F, raises: a b",
            ["32: 'a b' is not the name of an exception; write a class name, such as ValueError"],
        ),
        (
            "function: F, ends: tmeout",
            ["30: ends cannot be 'tmeout'; did you mean 'timeout'? known: timeout, memory, exit, too-large"],
        ),
        ("call: s3:ListBuckets, error: ", ["33: error has no value; add a value or remove the key"]),
        ("call: s3:ListBuckets, from: 0, cut: after", ["39: from: invalid value 0; write 1 or more"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_remedy(entry: str, found: list[str]) -> None:
    """AWS's list grows with botocore, so only the text before "..." is compared."""
    seen = problems(entry)
    cut = [
        text[: len(wanted) - 3] + "..." if wanted.endswith("...") else text
        for text, wanted in zip(seen, found, strict=False)
    ]
    assert [*cut, *seen[len(found) :]] == found


def test_all_that_is_wrong_with_a_fault_is_said_at_once() -> None:
    assert (
        len(problems("call: s3:ListObjectV2, bucket: no, params: 5, error: X, nth: 0, first: 1, twice: true"))
        == 8
    )


def test_a_bucket_that_a_fault_lists_may_be_expected() -> None:
    listed = "{call: s3:ListBuckets, stale: {Buckets: [{Name: gone}]}}"
    text = f"{HEAD}faults: [{listed}, {{call: s3:ListObjectsV2, bucket: gone, cut: after}}]\n"
    text += "durations: [{function: F, bucket: gone, takes: 5 s}]\n"
    found = parse(f"{text}expect: {{bucket_status: {{gone: DELETED}}}}")
    assert found.faults[1].bucket == "gone"
    assert found.durations[0].bucket == "gone"


def test_every_code_that_has_a_status_of_its_own_is_known() -> None:
    known = {code for name in ("s3", "sns", "lambda") for code in aws_names.service(name).error_codes}  # type: ignore[union-attr]
    assert {*wire._STATUS, *wire._REST_JSON_STATUS} <= known


def test_names_are_read_without_an_aws_library() -> None:
    text = f"{HEAD}faults: [{{call: s3:ListBuckets, error: SlowDown}}]\nexpect: {{messages: []}}"
    code = (
        f"import sys; from harness.expect import BUILT_IN; from harness.scenario.load import parse; "
        f"parse({text!r}, BUILT_IN); "
        "print([name for name in sys.modules if name.partition('.')[0] in ('boto3', 'botocore', 'moto')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
