"""The machines of one run: its buckets -> definitions in Amazon States Language.

If one machine can handle them (`report_definition`):

    Pass -> Parallel (one branch per bucket; omitted without buckets) -> CreateMessage -> Publish

    branch i:  ListObject<i> -> PutDynamoDB<i>
               an error of ListObject<i>, after its retries, is PutDynamoDB<i>'s input: a FAILED status row
               an error of PutDynamoDB<i> ends in Lost<i>: no status row, which CreateMessage reports,
               because it receives all buckets by name

If there are too many for one machine, shards contain the branches (`shard_definition`). The report machine
runs the shards (`lead_definition`) in one or more lanes, each of which runs one shard after the other:

    Pass -> Parallel (one branch per lane) -> CreateMessage -> Publish

    lane:      Shard<k> -> Shard<k + lanes> -> ...   each waits for its shard's end; a failed one ends all
               if a shard ended before its start was confirmed, DescribeShard<k> checks it

CreateMessage then reads the names from the run's manifest. The text is compact, and branches contain only
necessary fields, because a request to Step Functions has a limit of 1 MB. The same buckets and settings
always produce the same text, because CreateStateMachine is idempotent only then.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from usage_report.errors import MoreKeys, Transient
from usage_report.names import execution_arn

# The last three mean that a function timed out or that its process ended. It may have done its work, and each
# function finds the results of an earlier attempt.
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
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
# In a branch the names would take 318 bytes, and 1,000 buckets would not fit. States.TaskFailed matches all
# errors of a task. Permanent problems of a bucket are values, not errors. Pauses of 1, 2, 4 ... 512 s add up
# to 17 minutes: if Lambda runs only ten functions at once, as in a new account, hundreds of buckets wait a
# long time.
MOST_RETRIES = 10
_RETRY_PUTTING: list[dict[str, Any]] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": MOST_RETRIES}]
# Branches start simultaneously, and a throttled account would reject them simultaneously again. Jitter
# spreads them.
_RETRY_LISTING = [
    {"ErrorEquals": [MoreKeys.__name__], "MaxAttempts": 999, "BackoffRate": 1.0},
    {**_RETRY_PUTTING[0], "JitterStrategy": "FULL"},
]
# Errors that are retried when a shard starts. If the shard itself fails, that is States.TaskFailed. A shard
# that ended before its start was confirmed is not started again: its name is taken.
SHARD = "Shard"
SHARD_FAILED = "ShardFailed"  # handled in DescribeShard<k>
LOOKS_AT_SHARD = ("", "Describe", "Ended", "IsEnded", "Failed")
STARTED_BEFORE = "StepFunctions.ExecutionAlreadyExistsException"
_RETRY_START = [
    {
        "ErrorEquals": [
            "StepFunctions.AWSStepFunctionsException",
            "StepFunctions.ExecutionLimitExceededException",
            "StepFunctions.SdkClientException",
            "StepFunctions.StateMachineDoesNotExistException",
        ],
        **_PATIENCE,
    }
]
PUBLISH = "Publish"  # the state that sends the report
# Retry if SNS rejected the message. If its response is lost, the report may have been sent, and readers would
# take a second message for the report of a second run. So the run fails, and the mail about the failure says
# so.
UNANSWERED = "SNS.SdkClientException"
_RETRY_PUBLISH = [
    {"ErrorEquals": [UNANSWERED], "MaxAttempts": 0},
    {"ErrorEquals": ["States.TaskFailed"], **_PATIENCE, "MaxAttempts": 3},
]


@dataclass(frozen=True)
class Parts:
    """The ARNs that a report's machines use, their partition and time limit, and their concurrency.

    `most_buckets` is per machine. `lanes` is the number of shards that run at once. `most_listed` is the
    number of buckets that Lambda lists at once (0: unlimited). `selected` is the input of
    `about.Selected.read`; it depends on the run, so it is not in the environment.
    """

    list_objects_arn: str
    put_dynamodb_arn: str
    create_message_arn: str
    topic_arn: str
    partition: str
    time_limit_s: int
    most_buckets: int = 1_000
    lanes: int = 1
    most_listed: int = 0
    selected: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, environment: Mapping[str, str], time_limit_s: int) -> Self:
        """Return the parts that are in these environment variables."""
        return cls(
            environment["LIST_OBJECTS_ARN"],
            environment["PUT_DYNAMODB_ARN"],
            environment["CREATE_MESSAGE_ARN"],
            environment["TOPIC_ARN"],
            environment["TOPIC_ARN"].split(":")[1],
            time_limit_s,
            int(environment["BUCKETS_PER_MACHINE"]),
            int(environment["MACHINES_AT_ONCE"]),
            int(environment["LISTING_CONCURRENCY"] or 0),
        )


def report_definition(buckets: Sequence[str], parts: Parts) -> str:
    """Return the definition of the report machine that reads all buckets itself."""
    branches = [_branch(number, bucket, parts) for number, bucket in enumerate(buckets)]
    return _report(branches, {"buckets": list(buckets)}, parts)


def shard_definition(buckets: Sequence[str], first: int, parts: Parts) -> str:
    """Return the definition of a machine that reads some of the run's buckets, from number `first`."""
    branches = [_branch(number, bucket, parts) for number, bucket in enumerate(buckets, first)]
    parallel = {
        "Type": "Parallel",
        "Parameters": {"run_id.$": "$.run_id"},
        "Branches": branches,
        "ResultPath": None,
        "End": True,
    }
    return _text("Parallel", {"Parallel": parallel}, parts)


def lead_definition(shard_arns: Sequence[str], run_id: str, parts: Parts) -> str:
    """Return the definition of the report machine whose shards read the buckets."""
    shards = [*enumerate(shard_arns, 1)]
    lanes = [shards[lane :: parts.lanes] for lane in range(min(parts.lanes, len(shards)))]
    branches = [_lane(lane, run_id, parts) for lane in lanes]
    return _report(branches, {}, parts)


def _report(branches: list[dict[str, Any]], names: dict[str, Any], parts: Parts) -> str:
    states: dict[str, Any] = {"Pass": {"Type": "Pass", "Next": "Parallel" if branches else "CreateMessage"}}
    if branches:  # AWS rejects "Branches": []
        states["Parallel"] = {
            "Type": "Parallel",
            "Branches": branches,
            "ResultPath": None,
            "Next": "CreateMessage",
        }
    states["CreateMessage"] = {
        "Type": "Task",
        "Resource": parts.create_message_arn,
        "Parameters": {
            "run_id.$": "$.run_id",
            "started.$": "$$.Execution.StartTime",
            "selected": parts.selected,
            **names,
        },
        "Retry": _RETRY_FUNCTION,
        "Next": PUBLISH,
    }
    states[PUBLISH] = {
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
    return _text("Pass", states, parts)


def _text(first: str, states: dict[str, Any], parts: Parts) -> str:
    machine = {"StartAt": first, "TimeoutSeconds": parts.time_limit_s, "States": states}
    return json.dumps(machine, separators=(",", ":"))


def _branch(number: int, bucket: str, parts: Parts) -> dict[str, Any]:
    list_object, put_dynamodb, lost = (f"{kind}{number}" for kind in ("ListObject", "PutDynamoDB", "Lost"))
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
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": lost}],
                "End": True,
            },
            lost: {"Type": "Succeed", "OutputPath": None},
        },
    }


def _lane(shards: Sequence[tuple[int, str]], run_id: str, parts: Parts) -> dict[str, Any]:
    states: dict[str, Any] = {}
    for place, (number, arn) in enumerate(shards, 1):
        is_last = place == len(shards)
        follows: dict[str, Any] = {"End": True} if is_last else {"Next": f"{SHARD}{shards[place][0]}"}
        shard, described, ended, is_ended, failed = (f"{kind}{SHARD}{number}" for kind in LOOKS_AT_SHARD)
        states[shard] = {
            "Type": "Task",
            "Resource": f"arn:{parts.partition}:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": arn,
                "Name.$": "$$.Execution.Name",
                "Input": {
                    "run_id.$": "$$.Execution.Name",
                    "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",  # links the executions
                },
            },
            "ResultPath": None,
            "Retry": _RETRY_START,
            "Catch": [{"ErrorEquals": [STARTED_BEFORE], "ResultPath": None, "Next": described}],
            **follows,
        }
        states[described] = {
            "Type": "Task",
            "Resource": f"arn:{parts.partition}:states:::aws-sdk:sfn:describeExecution",
            "Parameters": {"ExecutionArn": execution_arn(arn, run_id)},
            "ResultSelector": {"status.$": "$.Status"},
            "ResultPath": "$.shard",
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], **_PATIENCE}],
            "Next": ended,
        }
        succeeded = {"Variable": "$.shard.status", "StringEquals": "SUCCEEDED", "Next": is_ended}
        states[ended] = {"Type": "Choice", "Choices": [succeeded], "Default": failed}
        states[is_ended] = {"Type": "Pass", **follows}
        states[failed] = {"Type": "Fail", "Error": SHARD_FAILED, "Cause": f"{arn} did not succeed"}
    return {"StartAt": f"{SHARD}{shards[0][0]}", "States": states}


def shard_of(state: str) -> int | None:
    """Return the number of the shard that a state of the report machine runs or checks; otherwise None.

    >>> shard_of("Shard12"), shard_of("FailedShard12"), shard_of("CreateMessage")
    (12, 12, None)
    """
    kind, _, number = state.rpartition(SHARD)
    return int(number) if kind in LOOKS_AT_SHARD and number.isdecimal() else None
