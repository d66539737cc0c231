"""describe-execution: the report machine's execution -> its status and, when it failed, why."""

import logging
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from usage_report import aws
from usage_report.definition import UNANSWERED
from usage_report.errors import ReportOverdue
from usage_report.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})
# The failing state is among the last events, also when many branches end together.
HISTORY_PAGE = 1_000
# Of an execution that was ended from outside the last event follows none.
ENDED_FROM_OUTSIDE = frozenset({"ExecutionTimedOut", "ExecutionAborted"})
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


def handler(event: dict[str, str], _context: Any) -> dict[str, Any]:
    """The event, `{"run_id": ..., "state_machine_arn": ..., "execution_arn": ...}`, with what was found.

    Adds `"status"` (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED) and for the last three `"failure"`:
    `{"state": ..., "error": ..., "cause": ..., "message": <the text to publish>}`.
    """
    limit = TimeLimit.read(os.environ)
    with aws.transient_errors():
        found = describe(aws.client("stepfunctions"), **event, patience_s=limit.orchestrator_s)
    logger.info("execution described", extra={"run_id": event["run_id"], "status": found["status"]})
    return {**event, **found}


def describe(
    sfn: "SFNClient", run_id: str, state_machine_arn: str, execution_arn: str, patience_s: float
) -> dict[str, Any]:
    """The execution's status and, when it failed, its failure.

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
    state = failing_state(sfn, execution_arn)
    error = execution.get("error", status)
    cause = aws.readable_cause(execution.get("cause", "")) or f"the report's execution ended {status}"
    if error == UNANSWERED:
        cause += ". SNS did not answer: the report may have been sent all the same"
    machine = (
        f"{state_machine_arn} was kept for you to look at. To delete it: "
        f"aws stepfunctions delete-state-machine --state-machine-arn {state_machine_arn}"
    )
    message = FAILURE_TEXT.format(run_id, f"{state} (of the report machine)", error, cause, machine)
    return {
        "status": status,
        "failure": {"state": state, "error": error, "cause": cause, "message": message},
    }


def failing_state(sfn: "SFNClient", execution_arn: str) -> str:
    """The name of the state in which the execution ended, or "(unknown)".

    One that was ended from outside ends in all the states that were running then.
    """
    history = sfn.get_execution_history(
        executionArn=execution_arn, reverseOrder=True, maxResults=HISTORY_PAGE, includeExecutionData=False
    )
    events = history["events"]
    if events and events[0]["type"] in ENDED_FROM_OUTSIDE:
        return _listed(_running_states(sfn, execution_arn))
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


def _state_of_last(events: "Sequence[HistoryEventTypeDef]") -> str:
    """The state that the last event belongs to: follow what came before it, not what happened beside it."""
    by_id = {event["id"]: event for event in events}
    event = by_id.get(max(by_id, default=0))
    while event is not None:
        if "stateEnteredEventDetails" in event:
            return event["stateEnteredEventDetails"]["name"]
        event = by_id.get(event.get("previousEventId", 0))
    return "(unknown)"
