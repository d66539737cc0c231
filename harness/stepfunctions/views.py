"""Machines, executions and events as the API shows them. Times are seconds since 1970."""

from __future__ import annotations

from typing import Final

from harness.json_types import JsonObject
from harness.states import Event, Execution, Problem, Status
from harness.stepfunctions.machines import StateMachine

_DEFAULTS: Final[JsonObject] = {
    "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
    "tracingConfiguration": {"enabled": False},
}
_EXECUTION_DATA: Final = ("input", "output", "inputDetails", "outputDetails")


def moment(seconds: float) -> float:
    """Show a time as the API shows it, to the millisecond."""
    return round(seconds, 3)


def machine_view(machine: StateMachine) -> JsonObject:
    """Show a machine as DescribeStateMachine does."""
    shown: JsonObject = {
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


def machine_entry(machine: StateMachine) -> JsonObject:
    """Show a machine as ListStateMachines does."""
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": "STANDARD",
        "creationDate": moment(machine.created_at),
    }


def machine_of_execution(execution: Execution) -> JsonObject:
    """Show the machine as it was when an execution started, as DescribeStateMachineForExecution does."""
    return {
        "stateMachineArn": execution.identity.machine_arn,
        "name": execution.identity.machine_name,
        "definition": execution.machine.text,
        "roleArn": execution.identity.role_arn,
        "updateDate": moment(execution.started_at),
        **_DEFAULTS,
    }


def execution_view(execution: Execution) -> JsonObject:
    """Show an execution as DescribeExecution does."""
    shown: JsonObject = {
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


def execution_entry(execution: Execution) -> JsonObject:
    """Show an execution as ListExecutions does."""
    shown: JsonObject = {
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


def event_view(event: Event, *, with_data: bool) -> JsonObject:
    """Show an event as GetExecutionHistory does."""
    shown = event.to_api()
    shown["timestamp"] = moment(event.time)
    if not with_data:
        for key, details in shown.items():
            if isinstance(details, dict):
                shown[key] = {k: v for k, v in details.items() if k not in _EXECUTION_DATA}
    return shown


def diagnostic(problem: Problem) -> JsonObject:
    """Show a problem as ValidateStateMachineDefinition does."""
    shown: JsonObject = {"severity": "ERROR", "code": problem.code, "message": problem.message}
    return shown if problem.location is None else {**shown, "location": problem.location}
