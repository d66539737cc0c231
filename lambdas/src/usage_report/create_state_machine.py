"""create-state-machine: the account's buckets -> the report machine of this run, started.

Every step finds what an earlier try of the same run has made: names and definition follow from the run id.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from usage_report import aws
from usage_report.definition import Parts, check_fits, creation_request, report_definition
from usage_report.errors import ExecutionNotStarted, RoleNotReady
from usage_report.names import execution_arn, machine_name
from usage_report.selection import Selection
from usage_report.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

LIST_BUCKETS_PAGE = 1_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The environment variables of this function."""

    machine_arn_prefix: str  # arn:...:stateMachine:<what the names of report machines begin with>
    report_role_arn: str
    selection: Selection
    parts: Parts

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings in these environment variables."""
        return cls(
            environment["MACHINE_ARN_PREFIX"],
            environment["REPORT_ROLE_ARN"],
            Selection.of_template(environment["INCLUDE_PATTERNS"], environment["EXCLUDE_PATTERNS"]),
            Parts.read(environment, TimeLimit.read(environment).report_s),
        )


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """The ARNs for `{"run_id": ..., "input": <the orchestrator's input>}`.

    Gives `{"state_machine_arn": ..., "execution_arn": ...}`.
    """
    settings = Settings.read(os.environ)
    run_id = event["run_id"]
    selection = settings.selection.overridden_by(event["input"])
    with aws.transient_errors():
        account_buckets = list(bucket_names(aws.client("s3")))
        buckets = selection.select(account_buckets)
        logger.info("buckets selected", extra={"run_id": run_id, "bucket_count": len(buckets)})
        # In the machine, so that a later try which finds other patterns or buckets changes nothing.
        selected = {**selection.in_words(), "account_buckets": len(account_buckets)}
        settings = replace(settings, parts=replace(settings.parts, selected=selected))
        machine_arn = create_machine(aws.client("stepfunctions"), settings, run_id, buckets)
        started_arn = start_execution(aws.client("stepfunctions"), machine_arn, run_id)
    return {"state_machine_arn": machine_arn, "execution_arn": started_arn}


def bucket_names(s3: "S3Client") -> Iterator[str]:
    """The names of all buckets of the account; beyond 10,000 buckets AWS lists them only in pages."""
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": LIST_BUCKETS_PAGE})
    for page in pages:
        for bucket in page.get("Buckets", ()):
            yield bucket["Name"]


def create_machine(sfn: "SFNClient", settings: Settings, run_id: str, buckets: list[str]) -> str:
    """The ARN of the run's report machine, made now or by an earlier try.

    An earlier try may have seen other buckets; then its machine is the one that counts.

    Raises:
        TooManyBuckets: if one machine cannot carry them.
        RoleNotReady: if Step Functions cannot assume the machine's role (yet).
    """
    arn_head, _, prefix = settings.machine_arn_prefix.rpartition(":")
    name = machine_name(prefix, run_id)
    arn = f"{arn_head}:{name}"
    check_fits(buckets, name, settings.report_role_arn, settings.parts)
    definition = report_definition(buckets, settings.parts)
    logged = {"run_id": run_id, "state_machine_arn": arn}
    try:
        sfn.create_state_machine(**creation_request(name, settings.report_role_arn, definition))  # type: ignore[arg-type]
    except ClientError as error:
        if aws.error_code(error) == "StateMachineAlreadyExists":
            logger.warning("report machine adopted from an earlier try", extra=logged)
        elif _role_cannot_be_assumed(error):
            raise RoleNotReady(f"{settings.report_role_arn}: {aws.error_message(error)}") from error
        else:
            raise
    else:
        logger.info("report machine created", extra=logged)
    return arn


def start_execution(sfn: "SFNClient", machine_arn: str, run_id: str) -> str:
    """The ARN of the machine's only execution, started now or by an earlier try.

    Raises:
        ExecutionNotStarted: if AWS refuses it for good.
        ClientError: StateMachineDoesNotExist right after the creation, which is eventually consistent.
    """
    arn = execution_arn(machine_arn, run_id)
    logged = {"run_id": run_id, "execution_arn": arn}
    try:
        sfn.start_execution(stateMachineArn=machine_arn, name=run_id, input=json.dumps({"run_id": run_id}))
    except ClientError as error:
        if aws.error_code(error) == "StateMachineDoesNotExist" or aws.is_transient(error):
            raise
        if aws.error_code(error) != "ExecutionAlreadyExists":
            raise ExecutionNotStarted(f"{machine_arn} was made, but not started: {error}") from error
        logger.warning("execution adopted from an earlier try", extra=logged)
    else:
        logger.info("execution started", extra=logged)
    return arn


def _role_cannot_be_assumed(error: ClientError) -> bool:
    # "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume
    # the provided role." A permission that this function itself lacks has another text, and is not retried.
    return aws.error_code(error) == "AccessDeniedException" and "to assume" in aws.error_message(error)
