"""describe-execution: the report machine's execution -> its status and, if it failed, why."""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from usage_report import aws, names
from usage_report.definition import PUBLISH, SHARD_FAILED, UNANSWERED, shard_of
from usage_report.errors import ReportOverdue
from usage_report.failure import Failure, buckets_of, failure_text, listed, work_of, works_on_a_bucket
from usage_report.names import shard_arn
from usage_report.origin import Origin
from usage_report.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef, HistoryEventTypeDef

RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})
# The failing state is among the last events, even if many branches end together.
HISTORY_PAGE = 1_000
# If an execution was stopped externally, its last event has no predecessor.
ENDED_FROM_OUTSIDE = frozenset({"ExecutionTimedOut", "ExecutionAborted"})
# The errors in a report's execution after a failed shard: from the task itself, or from DescribeShard.
FAILED_BY_SHARD = frozenset({"States.TaskFailed", SHARD_FAILED})

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The environment variables of this function."""

    stack: str
    limit: TimeLimit

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings in these environment variables."""
        return cls(environment["STACK_NAME"], TimeLimit.read(environment))


@dataclass(frozen=True)
class Place:
    """The states in which an execution ended, and their machine and execution.

    `execution` is the output of DescribeExecution for it.
    """

    machine_arn: str
    execution_arn: str
    execution: "DescribeExecutionOutputTypeDef"
    states: list[str]


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Return the event with the result. The event is the output of create-state-machine, with the run ID.

    Adds `"status"` (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED) and for the last three `"failure"`:
    `{"state": ..., "error": ..., "cause": ..., "message": <the text to publish>}`.
    """
    settings = Settings.read(os.environ)
    with aws.transient_errors():
        found = describe(aws.client("stepfunctions"), **event, settings=settings)
    logger.info("execution described", extra={"run_id": event["run_id"], "status": found["status"]})
    return {**event, **found}


def describe(
    sfn: "SFNClient",
    run_id: str,
    state_machine_arn: str,
    execution_arn: str,
    shards: int,
    machines: str,
    deletion: str,
    settings: Settings,
) -> dict[str, Any]:
    """Return the report execution's status and, if it failed, its failure.

    Raises:
        ReportOverdue: if it is still reported as running after its time limit and the orchestrator's wait.
        ClientError: ExecutionDoesNotExist also right after the start, which is eventually consistent.
    """
    execution = sfn.describe_execution(executionArn=execution_arn)
    status = execution["status"]
    if status in RUNNING:
        age_s = time.time() - execution["startDate"].timestamp()
        if age_s > settings.limit.orchestrator_s:
            raise ReportOverdue(f"{execution_arn} is {status} after {age_s:.0f} s, beyond its time limit")
        return {"status": "RUNNING"}
    if status == "SUCCEEDED":
        return {"status": status}
    place = failing_place(sfn, state_machine_arn, execution_arn, execution)
    failed = place.execution if execution.get("error") in FAILED_BY_SHARD else execution
    state = listed(place.states)
    error = failed.get("error", failed["status"])
    cause = aws.readable_cause(failed.get("cause", "")) or _why_ended(failed["status"], settings.limit)
    if error == UNANSWERED:
        cause += ". SNS did not respond: the report may have been sent anyway"
    sent = "" if PUBLISH in place.states else ". No report was sent"
    were, them = ("were", "them") if shards else ("was", "it")
    of = "of the report machine" if place.execution_arn == execution_arn else f"of {place.machine_arn}"
    failure = Failure(
        what=work_of(place.states, _buckets(sfn, place.execution_arn, place.states)) + sent,
        cause=cause,
        error=error,
        state=f"{state} ({of})",
        machine=f"{machines} {were} kept for you to look at. To delete {them}: {deletion}",
        started=f"{execution['startDate'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        run_id=run_id,
    )
    message = failure_text(failure, Origin.of(state_machine_arn, settings.stack))
    return {
        "status": status,
        "failure": {"state": state, "error": error, "cause": cause, "message": message},
    }


def _why_ended(status: str, limit: TimeLimit) -> str:
    """Return the cause of an execution that has no cause itself."""
    causes = {
        "TIMED_OUT": f"the report took longer than its time limit of {limit.report_s:,} s. The stack's "
        "parameters ReportTimeLimitSeconds and PollIntervalSeconds (2,500 polls) set it",
        "ABORTED": "the report's execution was stopped",
    }
    return causes.get(status, f"the report's execution ended with status {status}")


def _buckets(sfn: "SFNClient", execution_arn: str, states: Sequence[str]) -> dict[str, str]:
    """Return the buckets that the states process, by state; empty without buckets or permission."""
    if not any(map(works_on_a_bucket, states)):
        return {}
    try:
        machine = sfn.describe_state_machine_for_execution(executionArn=execution_arn)
    except ClientError as error:
        if aws.is_transient(error):
            raise
        # The failure itself is more important: its email then contains the state names.
        logger.warning("buckets unknown", extra={"execution_arn": execution_arn, "reason": str(error)})
        return {}
    return buckets_of(machine["definition"])


def failing_place(
    sfn: "SFNClient", machine_arn: str, execution_arn: str, execution: "DescribeExecutionOutputTypeDef"
) -> Place:
    """Return where a report's execution ended: in a shard, if one of its states runs a shard."""
    states = failing_states(sfn, execution_arn)
    for number in filter(None, map(shard_of, states)):
        arn = shard_arn(machine_arn, number)
        arn_of_run = names.execution_arn(arn, execution["name"])
        try:
            of_shard = sfn.describe_execution(executionArn=arn_of_run)
        except sfn.exceptions.ExecutionDoesNotExist:  # it could not be started
            continue
        if of_shard["status"] != "SUCCEEDED":
            inner = failing_states(sfn, arn_of_run, of_shard["status"])
            return Place(arn, arn_of_run, of_shard, inner)
    return Place(machine_arn, execution_arn, execution, states)


def failing_states(sfn: "SFNClient", execution_arn: str, status: str = "") -> list[str]:
    """Return the names of the states in which the execution ended, or in which it is running.

    An execution that was stopped externally ends in all states that were running.
    """
    if status in RUNNING:
        return _running_states(sfn, execution_arn)
    history = sfn.get_execution_history(
        executionArn=execution_arn, reverseOrder=True, maxResults=HISTORY_PAGE, includeExecutionData=False
    )
    events = history["events"]
    if events and events[0]["type"] in ENDED_FROM_OUTSIDE:
        return _running_states(sfn, execution_arn)
    return _state_of_last(events)


def _running_states(sfn: "SFNClient", execution_arn: str) -> list[str]:
    """Return the states that were entered but not exited; states with branches only if there are
    no others.
    """
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn,
        includeExecutionData=False,
        PaginationConfig={"PageSize": HISTORY_PAGE},
    )
    running: dict[str, str] = {}
    for event in (event for page in pages for event in page["events"]):
        if "stateEnteredEventDetails" in event:
            running[event["stateEnteredEventDetails"]["name"]] = event["type"]
        elif "stateExitedEventDetails" in event:
            running.pop(event["stateExitedEventDetails"]["name"], None)
    inner = [name for name, kind in running.items() if not kind.startswith(("Parallel", "Map"))]
    return inner or list(running)


def _state_of_last(events: "Sequence[HistoryEventTypeDef]") -> list[str]:
    """Return the state that the last event belongs to: follow its predecessors, not parallel events."""
    by_id = {event["id"]: event for event in events}
    event = by_id.get(max(by_id, default=0))
    while event is not None:
        if "stateEnteredEventDetails" in event:
            return [event["stateEnteredEventDetails"]["name"]]
        event = by_id.get(event.get("previousEventId", 0))
    return []
