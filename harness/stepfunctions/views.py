"""What the API shows of machines, executions and events. Times are seconds since 1970."""

from __future__ import annotations

from typing import Any, Final

from harness.states import Event, Execution, Status
from harness.stepfunctions.machines import StateMachine

_DEFAULTS: Final[dict[str, Any]] = {
    "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
    "tracingConfiguration": {"enabled": False},
}
_EXECUTION_DATA: Final = ("input", "output", "inputDetails", "outputDetails")


def moment(seconds: float) -> float:
    """A time as the API shows it, to the millisecond."""
    return round(seconds, 3)


def machine_view(machine: StateMachine) -> dict[str, Any]:
    """What DescribeStateMachine answers."""
    shown = {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": machine.status,
        "definition": machine.machine.text,
        "roleArn": machine.role_arn,
        "type": "STANDARD",
        "creationDate": moment(machine.created_at),
        **_DEFAULTS,
        **machine.configuration,
    }
    return shown if machine.revision_id is None else {**shown, "revisionId": machine.revision_id}


def machine_entry(machine: StateMachine) -> dict[str, Any]:
    """An entry of ListStateMachines."""
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": "STANDARD",
        "creationDate": moment(machine.created_at),
    }


def machine_of_execution(execution: Execution) -> dict[str, Any]:
    """What DescribeStateMachineForExecution answers: the machine as it was when the execution started."""
    return {
        "stateMachineArn": execution.identity.machine_arn,
        "name": execution.identity.machine_name,
        "definition": execution.machine.text,
        "roleArn": execution.identity.role_arn,
        "updateDate": moment(execution.started_at),
        **_DEFAULTS,
    }


def execution_view(execution: Execution) -> dict[str, Any]:
    """What DescribeExecution answers."""
    shown = {
        **execution_entry(execution),
        "input": execution.input.text,
        "inputDetails": {"included": True},
        "redriveStatus": "REDRIVABLE",
    }
    if execution.status in (Status.RUNNING, Status.SUCCEEDED):
        reason = f"Execution is {execution.status.value} and cannot be redriven"
        shown |= {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    if execution.output is not None:
        shown |= {"output": execution.output.text, "outputDetails": {"included": True}}
    if execution.error is not None:
        shown["error"] = execution.error
    if execution.cause is not None:
        shown["cause"] = execution.cause
    return shown


def execution_entry(execution: Execution) -> dict[str, Any]:
    """An entry of ListExecutions."""
    shown: dict[str, Any] = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.identity.machine_arn,
        "name": execution.name,
        "status": execution.status.value,
        "startDate": moment(execution.started_at),
        "redriveCount": 0,
    }
    if execution.ended_at is not None:
        shown["stopDate"] = moment(execution.ended_at)
    return shown


def event_view(event: Event, *, with_data: bool) -> dict[str, Any]:
    """An event of GetExecutionHistory."""
    shown = event.to_api()
    shown["timestamp"] = moment(event.time)
    if not with_data:
        for key, details in shown.items():
            if isinstance(details, dict):
                shown[key] = {k: v for k, v in details.items() if k not in _EXECUTION_DATA}
    return shown
