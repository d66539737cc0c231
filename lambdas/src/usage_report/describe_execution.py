"""describe-execution: the report machine's execution -> its status and, when it failed, why."""

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from usage_report import aws, names
from usage_report.definition import SHARD_FAILED, UNANSWERED, shard_of
from usage_report.errors import ReportOverdue
from usage_report.names import shard_arn
from usage_report.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef, HistoryEventTypeDef

RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})
# The failing state is among the last events, also when many branches end together.
HISTORY_PAGE = 1_000
# Of an execution that was ended from outside the last event follows none.
ENDED_FROM_OUTSIDE = frozenset({"ExecutionTimedOut", "ExecutionAborted"})
# The errors of a report's execution whose shard has failed, by the two ways in which it hears of that.
FAILED_BY_SHARD = frozenset({"States.TaskFailed", SHARD_FAILED})
MOST_NAMES = 3
# The orchestrator's state ErrorTemplate has the same text, for failures outside of the report machine.
FAILURE_TEXT = """The S3 usage report failed.

Run id: {}
Failing state: {}
Error: {}
Cause: {}
Report machine: {}
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """The states in which an execution ended, and the machine and execution that they belong to.

    `execution` is what DescribeExecution says of that one.
    """

    machine_arn: str
    execution_arn: str
    execution: "DescribeExecutionOutputTypeDef"
    states: list[str]


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The event with what was found; it is what create-state-machine gives, and the run's id.

    Adds `"status"` (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED) and for the last three `"failure"`:
    `{"state": ..., "error": ..., "cause": ..., "message": <the text to publish>}`.
    """
    limit = TimeLimit.read(os.environ)
    with aws.transient_errors():
        found = describe(aws.client("stepfunctions"), **event, patience_s=limit.orchestrator_s)
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
    patience_s: float,
) -> dict[str, Any]:
    """The report execution's status and, when it failed, its failure.

    Raises:
        ReportOverdue: it is still said to run `patience_s` after its start, which is beyond its time limit.
        ClientError: ExecutionDoesNotExist also right after the start, which is eventually consistent.
    """
    execution = sfn.describe_execution(executionArn=execution_arn)
    status = execution["status"]
    if status in RUNNING:
        age_s = time.time() - execution["startDate"].timestamp()
        if age_s > patience_s:
            raise ReportOverdue(f"{execution_arn} is {status} after {age_s:.0f} s, beyond its time limit")
        return {"status": "RUNNING"}
    if status == "SUCCEEDED":
        return {"status": status}
    place = failing_place(sfn, state_machine_arn, execution_arn, execution)
    failed = place.execution if execution.get("error") in FAILED_BY_SHARD else execution
    error = failed.get("error", failed["status"])
    cause = aws.readable_cause(failed.get("cause", "")) or f"the report's execution ended {failed['status']}"
    if error == UNANSWERED:
        cause += ". SNS did not answer: the report may have been sent all the same"
    were, them = ("were", "them") if shards else ("was", "it")
    machine = f"{machines} {were} kept for you to look at. To delete {them}: {deletion}"
    of = "of the report machine" if place.execution_arn == execution_arn else f"of {place.machine_arn}"
    state = _listed(place.states)
    message = FAILURE_TEXT.format(run_id, f"{state} ({of})", error, cause, machine)
    return {
        "status": status,
        "failure": {"state": state, "error": error, "cause": cause, "message": message},
    }


def failing_place(
    sfn: "SFNClient", machine_arn: str, execution_arn: str, execution: "DescribeExecutionOutputTypeDef"
) -> Place:
    """The place where a report's execution ended: in a shard, if one of its states runs one."""
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
    """The names of the states in which the execution ended; one that still runs is in its running states.

    One that was ended from outside ends in all the states that were running then.
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
    """The states that were entered and never left; those with branches only when there are no others."""
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


def _listed(names: list[str]) -> str:
    """The names in one line; of many, only some.

    >>> _listed(["A", "B", "C", "D", "E"])
    'A, B, C and 2 more'
    """
    shown, rest = names[:MOST_NAMES], len(names) - MOST_NAMES
    return (", ".join(shown) + (f" and {rest} more" if rest > 0 else "")) or "(unknown)"


def _state_of_last(events: "Sequence[HistoryEventTypeDef]") -> list[str]:
    """The state that the last event belongs to: follow what came before it, not what happened beside it."""
    by_id = {event["id"]: event for event in events}
    event = by_id.get(max(by_id, default=0))
    while event is not None:
        if "stateEnteredEventDetails" in event:
            return [event["stateEnteredEventDetails"]["name"]]
        event = by_id.get(event.get("previousEventId", 0))
    return []
