"""The report machine: the buckets of one run -> its definition in Amazon States Language.

    Pass -> Parallel (one branch per bucket; left out when there is none) -> CreateMessage -> Publish

    branch i:  ListObject<i> -> PutDynamoDB<i>
               an error of ListObject<i>, after its retries, is PutDynamoDB<i>'s input: a FAILED status row
               an error of PutDynamoDB<i> ends in Lost<i>: no status row, which CreateMessage tells,
               because it is given all buckets by name

The text is compact and has nothing in a branch that is not needed, because a request to Step Functions has a
limit of 1 MB; the same buckets and settings always give the same text, because CreateStateMachine is
idempotent only then.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from usage_report.errors import MoreKeys, TooManyBuckets, Transient

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: 1 MB a request "including the
# request header and all other associated request data"; a signed header with a session token is about 2 KB.
MAX_REQUEST_BYTES = 1_048_576 - 8_192
MAX_EVENTS = 25_000
# Events of a run without errors, as AWS records them: five per task, two per Pass.
EVENTS_OUTSIDE = 18
EVENTS_PER_BUCKET = 10
EVENTS_PER_RETRY = 3  # scheduled, started, failed
SPARE_RETRIES_PER_BUCKET = 4

# The last three are functions that time out or whose process ends: they may have done their work, and each
# finds what an earlier try has done. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
LAMBDA_TRANSIENT = (
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
)
# Pauses of up to 1, 3, 9, 27, 81 s: few history events, and two minutes for a throttled account to recover.
_PATIENCE = {"MaxAttempts": 5, "BackoffRate": 3.0, "JitterStrategy": "FULL"}
_RETRY_FUNCTION = [{"ErrorEquals": [*LAMBDA_TRANSIENT, Transient.__name__], **_PATIENCE}]
# In a branch the names would take 318 bytes, and 1,000 buckets would not fit. This one stands for all errors
# of a task; what is permanent about a bucket is a value and not an error. Pauses of 1, 2, 4 ... 64 s are two
# minutes, too, and the usual rate need not be written.
_RETRY_PUTTING: list[dict[str, Any]] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 7}]
# Branches begin at once, and a throttled account would refuse them at once again. Then they are spread.
_RETRY_LISTING = [
    {"ErrorEquals": [MoreKeys.__name__], "MaxAttempts": 99, "BackoffRate": 1.0},
    {**_RETRY_PUTTING[0], "JitterStrategy": "FULL"},
]
# What SNS has refused is sent again. When its answer is lost, the report may have been sent, and readers
# would take another one for that of a second run: so the run fails, and the mail about that says it.
UNANSWERED = "SNS.SdkClientException"
_RETRY_PUBLISH = [
    {"ErrorEquals": [UNANSWERED], "MaxAttempts": 0},
    {"ErrorEquals": ["States.TaskFailed"], **_PATIENCE, "MaxAttempts": 3},
]


@dataclass(frozen=True)
class Parts:
    """The ARNs that the report machine works with, and its partition and time limit."""

    list_objects_arn: str
    put_dynamodb_arn: str
    create_message_arn: str
    topic_arn: str
    partition: str
    time_limit_s: int

    @classmethod
    def read(cls, environment: Mapping[str, str], time_limit_s: int) -> Self:
        """The parts named in these environment variables."""
        return cls(
            environment["LIST_OBJECTS_ARN"],
            environment["PUT_DYNAMODB_ARN"],
            environment["CREATE_MESSAGE_ARN"],
            environment["TOPIC_ARN"],
            environment["TOPIC_ARN"].split(":")[1],
            time_limit_s,
        )


def report_definition(buckets: Sequence[str], parts: Parts) -> str:
    """The definition's text."""
    states: dict[str, Any] = {"Pass": {"Type": "Pass", "Next": "Parallel" if buckets else "CreateMessage"}}
    if buckets:  # AWS refuses "Branches": []
        states["Parallel"] = {
            "Type": "Parallel",
            "Branches": [_branch(number, bucket, parts) for number, bucket in enumerate(buckets)],
            "ResultPath": None,
            "Next": "CreateMessage",
        }
    states["CreateMessage"] = {
        "Type": "Task",
        "Resource": parts.create_message_arn,
        "Parameters": {"run_id.$": "$.run_id", "buckets": list(buckets)},
        "Retry": _RETRY_FUNCTION,
        "Next": "Publish",
    }
    states["Publish"] = {
        "Type": "Task",
        "Resource": f"arn:{parts.partition}:states:::sns:publish",
        "Parameters": {
            "TopicArn": parts.topic_arn,
            "Subject.$": "$.subject",
            "Message.$": "$.message",
        },
        "Retry": _RETRY_PUBLISH,
        "End": True,
    }
    machine = {"StartAt": "Pass", "TimeoutSeconds": parts.time_limit_s, "States": states}
    return json.dumps(machine, separators=(",", ":"))


def _branch(number: int, bucket: str, parts: Parts) -> dict[str, Any]:
    list_object, put_dynamodb, not_stored = (
        f"ListObject{number}",
        f"PutDynamoDB{number}",
        f"Lost{number}",
    )
    return {
        "StartAt": list_object,
        "States": {
            list_object: {
                "Type": "Task",
                "Resource": parts.list_objects_arn,
                "Parameters": {
                    "bucket": bucket,
                    "run_id.$": "$.run_id",
                    "state.$": "$$.State",
                },
                "Retry": _RETRY_LISTING,
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": put_dynamodb}],
                "Next": put_dynamodb,
            },
            put_dynamodb: {
                "Type": "Task",
                "Resource": parts.put_dynamodb_arn,
                "Parameters": {"bucket": bucket, "run_id.$": "$$.Execution.Name", "counted.$": "$"},
                "Retry": _RETRY_PUTTING,
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": not_stored}],
                "End": True,
            },
            not_stored: {"Type": "Pass", "Result": 0, "End": True},
        },
    }


def creation_request(name: str, role_arn: str, definition: str) -> dict[str, str]:
    """The arguments of CreateStateMachine."""
    return {"name": name, "definition": definition, "roleArn": role_arn}


def request_bytes(request: Mapping[str, str]) -> int:
    """The size of the request's body: botocore sends just this JSON, in which each quote takes two bytes."""
    return len(json.dumps(request))


def fits(buckets: Sequence[str], name: str, role_arn: str, parts: Parts) -> bool:
    """Tell whether one report machine can carry the buckets: its history and the request that makes it.

    CreateMessage's payload needs no check: 66 bytes a bucket are far below its limit of 262,144 bytes then.
    """
    events = EVENTS_PER_BUCKET + EVENTS_PER_RETRY * SPARE_RETRIES_PER_BUCKET
    if EVENTS_OUTSIDE + events * len(buckets) > MAX_EVENTS:
        return False
    definition = report_definition(buckets, parts)
    return request_bytes(creation_request(name, role_arn, definition)) <= MAX_REQUEST_BYTES


def check_fits(buckets: Sequence[str], name: str, role_arn: str, parts: Parts) -> None:
    """Do nothing if one report machine can carry the buckets.

    Raises:
        TooManyBuckets: if not; it says how many there are and how many of these would fit.
    """
    if fits(buckets, name, role_arn, parts):
        return
    sizes = range(len(buckets) + 1)
    limit = bisect_right(sizes, False, key=lambda n: not fits(buckets[:n], name, role_arn, parts)) - 1
    raise TooManyBuckets(
        f"{len(buckets):,} buckets are more than one report can carry: of these, {limit:,} would fit. "
        'Nothing was created. Select fewer with the input {"include": [patterns], "exclude": [patterns]} '
        "or with the stack's parameters IncludePatterns and ExcludePatterns, in several runs if need be."
    )
