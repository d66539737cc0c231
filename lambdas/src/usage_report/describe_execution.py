"""describe-execution: the report machine's execution -> its status and, when it failed, why."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from usage_report import aws
from usage_report.definition import UNANSWERED

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})
# The failing state is among the last events, also when many branches end together.
HISTORY_PAGE = 1_000
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
    with aws.transient_errors():
        found = describe(aws.client("stepfunctions"), **event)
    logger.info("execution described", extra={"run_id": event["run_id"], "status": found["status"]})
    return {**event, **found}


def describe(sfn: "SFNClient", run_id: str, state_machine_arn: str, execution_arn: str) -> dict[str, Any]:
    """The execution's status and, when it failed, its failure.

    Raises:
        ClientError: ExecutionDoesNotExist also right after the start, which is eventually consistent.
    """
    execution = sfn.describe_execution(executionArn=execution_arn)
    status = execution["status"]
    if status in RUNNING:
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
    """The name of the state in which the execution ended, or "(unknown)"."""
    history = sfn.get_execution_history(
        executionArn=execution_arn, reverseOrder=True, maxResults=HISTORY_PAGE, includeExecutionData=False
    )
    return _state_of_last(history["events"])


def _state_of_last(events: "Sequence[HistoryEventTypeDef]") -> str:
    """The state that the last event belongs to: follow what came before it, not what happened beside it."""
    by_id = {event["id"]: event for event in events}
    event = by_id.get(max(by_id, default=0))
    while event is not None:
        if "stateEnteredEventDetails" in event:
            return event["stateEnteredEventDetails"]["name"]
        event = by_id.get(event.get("previousEventId", 0))
    return "(unknown)"
