"""create-state-machine: the account's buckets -> the report machine of this run, started.

Every step finds the results of an earlier attempt of the same run: names and definitions depend only on
the run ID and the buckets. If one machine cannot handle the buckets, they come from the manifest that the
first attempt wrote.
"""

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from usage_report import aws, manifest
from usage_report.capacity import Frame, fits_one, split
from usage_report.definition import Parts, report_definition
from usage_report.errors import ExecutionNotStarted
from usage_report.machines import Maker, make_sharded
from usage_report.manifest import Manifest
from usage_report.names import deletion_command, execution_arn, machine_name, machines_in_words
from usage_report.selection import Selection
from usage_report.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

LIST_BUCKETS_PAGE = 1_000
DAY_S = 86_400

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The environment variables of this function."""

    machine_arn_prefix: str  # arn:...:stateMachine:<prefix of the names of report machines>
    report_role_arn: str
    selection: Selection
    parts: Parts
    table: str
    retention_days: int
    observability: Mapping[str, Any]  # logging and tracing, in CreateStateMachine format

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings in these environment variables."""
        return cls(
            environment["MACHINE_ARN_PREFIX"],
            environment["REPORT_ROLE_ARN"],
            Selection.of_template(environment["INCLUDE_PATTERNS"], environment["EXCLUDE_PATTERNS"]),
            Parts.read(environment, TimeLimit.read(environment).report_s),
            environment["TABLE_NAME"],
            int(environment["ROW_RETENTION_DAYS"]),
            observability(
                environment["MACHINE_LOG_LEVEL"],
                environment["MACHINE_LOG_GROUP_ARN"],
                environment["MACHINE_TRACING"] == "true",
            ),
        )

    def frame(self, run_id: str, tags: Mapping[str, str]) -> Frame:
        """Return the common parts of all requests to create a run's machines."""
        arn_head, _, prefix = self.machine_arn_prefix.rpartition(":")
        settings = dict(self.observability)
        if tags:
            settings["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
        return Frame(f"{arn_head}:{machine_name(prefix, run_id)}", self.report_role_arn, settings)


def observability(level: str, log_group_arn: str, is_traced: bool) -> dict[str, Any]:
    """Return the enabled logging and tracing for machines, in CreateStateMachine format.

    Log group ARNs end in ":*". CloudFormation returns this suffix, but not every emulator does.
    """
    group = {"logGroupArn": f"{log_group_arn.removesuffix(':*')}:*"}
    logs = {
        "level": level,
        "includeExecutionData": False,
        "destinations": [{"cloudWatchLogsLogGroup": group}],
    }
    found: dict[str, Any] = {} if level == "OFF" else {"loggingConfiguration": logs}
    return {**found, "tracingConfiguration": {"enabled": True}} if is_traced else found


def handler(event: dict[str, Any], context: Any) -> dict[str, str | int]:
    """Create the machines for `{"run_id": ..., "attempt": <retries so far>, "input": <its input>}`.

    The result is `{"state_machine_arn": ..., "execution_arn": ..., "shards": <number of other machines>,
    "machines": <all machines, for a reader>, "deletion": <the command that deletes them>}`.
    """
    settings = Settings.read(os.environ)
    run_id = event["run_id"]
    selection = settings.selection.overridden_by(event["input"])
    with aws.transient_errors():
        frame = settings.frame(run_id, own_tags(aws.client("lambda"), context.invoked_function_arn))
        maker = Maker(aws.client("stepfunctions"), frame, run_id)
        # The first attempt does not need to look in the table.
        kept = manifest.find(aws.client("dynamodb"), settings.table, run_id) if event["attempt"] else None
        parts = settings.parts
        if kept is None:
            account_buckets = list(bucket_names(aws.client("s3")))
            buckets = selection.select(account_buckets)
            logger.info("buckets selected", extra={"run_id": run_id, "bucket_count": len(buckets)})
            # Part of the definition, so that later attempts with other patterns or buckets change nothing.
            selected = {**selection.in_words(), "account_buckets": len(account_buckets)}
            parts = replace(parts, selected=selected)
            if not fits_one(buckets, frame, parts):
                split(buckets, frame, parts)  # rejects too many buckets before anything is created
                kept = keep(settings, run_id, buckets, selected)
        shards = 0
        if kept is None and maker.make(frame.machine_arn, report_definition(buckets, parts)):
            # Another attempt may have seen more buckets since, and created this machine for its shards.
            kept = manifest.find(aws.client("dynamodb"), settings.table, run_id)
        if kept is not None:
            shards = make_sharded(maker, kept, replace(parts, selected=kept.selected))
        started_arn = start_execution(aws.client("stepfunctions"), frame.machine_arn, run_id)
    return {
        "state_machine_arn": frame.machine_arn,
        "execution_arn": started_arn,
        "shards": shards,
        "machines": machines_in_words(frame.machine_arn, shards),
        "deletion": deletion_command(frame.machine_arn, shards),
    }


def bucket_names(s3: "S3Client") -> Iterator[str]:
    """Return the names of all buckets in the account. Beyond 10,000 buckets, AWS lists them only
    in pages.
    """
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": LIST_BUCKETS_PAGE})
    for page in pages:
        for bucket in page.get("Buckets", ()):
            yield bucket["Name"]


def own_tags(functions: "LambdaClient", function_arn: str) -> dict[str, str]:
    """Return the tags of this function's stack, for the machines, without AWS's own tags."""
    unqualified = ":".join(function_arn.split(":")[:7])
    tags = functions.list_tags(Resource=unqualified)["Tags"]
    return {key: tags[key] for key in sorted(tags) if not key.startswith("aws:")}


def keep(settings: Settings, run_id: str, buckets: Sequence[str], selected: Mapping[str, Any]) -> Manifest:
    """Return the manifest for these buckets, or the one from an earlier attempt. Its items expire like
    the rows.
    """
    expires_at = int(time.time()) + settings.retention_days * DAY_S
    return manifest.keep(aws.client("dynamodb"), settings.table, run_id, buckets, selected, expires_at)


def start_execution(sfn: "SFNClient", machine_arn: str, run_id: str) -> str:
    """Return the ARN of the machine's only execution, started now or by an earlier attempt.

    Raises:
        ExecutionNotStarted: if AWS rejects it permanently.
        ClientError: StateMachineDoesNotExist right after creation, which is eventually consistent.
    """
    arn = execution_arn(machine_arn, run_id)
    logged = {"run_id": run_id, "execution_arn": arn}
    try:
        sfn.start_execution(stateMachineArn=machine_arn, name=run_id, input=json.dumps({"run_id": run_id}))
    except ClientError as error:
        if aws.error_code(error) == "StateMachineDoesNotExist" or aws.is_transient(error):
            raise
        if aws.error_code(error) != "ExecutionAlreadyExists":
            raise ExecutionNotStarted(f"{machine_arn} was created, but not started: {error}") from error
        logger.warning("execution adopted from an earlier attempt", extra=logged)
    else:
        logger.info("execution started", extra=logged)
    return arn
