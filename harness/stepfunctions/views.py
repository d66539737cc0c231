"""Machines, executions and events in the API's format. Times are seconds since 1970."""

from __future__ import annotations

import math
from typing import Final

from harness.json_types import Json, JsonObject
from harness.states import Event, Execution, Problem, Status
from harness.states.run.history import failure_details
from harness.stepfunctions.activities import Activity
from harness.stepfunctions.machine import Alias, Origin, Revision, StateMachine, Target, Version

_EXECUTION_DATA: Final = ("input", "output", "inputDetails", "outputDetails")
# As recorded. AWS bills in units of 100 ms and 64 MB: https://aws.amazon.com/step-functions/pricing
_BILLED_MB: Final = 64


def moment(seconds: float) -> float:
    """Return a time in the API's format, to the millisecond."""
    return round(seconds, 3)


def machine_view(target: Target, *, with_data: bool) -> JsonObject:
    """Return a machine or one of its versions in the format of DescribeStateMachine."""
    machine, version = target.machine, target.version
    shown: JsonObject = {
        "stateMachineArn": target.arn,
        "name": machine.name,
        "status": machine.status,
        "type": machine.type,
        "creationDate": moment(version.created_at if version else machine.created_at),
        **_revision(target.revision, with_data=with_data),
    }
    return {**shown, "description": version.description} if version and version.description else shown


def _revision(revision: Revision, *, with_data: bool) -> JsonObject:
    from harness.stepfunctions.variable_references import variable_references  # noqa: PLC0415  (start-up)

    shown: JsonObject = {
        "definition": revision.machine.text if with_data else "{}",
        "roleArn": revision.role_arn,
        **revision.configuration,
    }
    references = variable_references(revision.machine.text)
    if references:
        shown["variableReferences"] = references
    if revision.id is not None:
        shown["revisionId"] = revision.id
    return shown


def machine_entry(machine: StateMachine) -> JsonObject:
    """Return a machine in the format of ListStateMachines."""
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": machine.type,
        "creationDate": moment(machine.created_at),
    }


def version_entry(version: Version) -> JsonObject:
    """Return a version in the format of ListStateMachineVersions."""
    return {"stateMachineVersionArn": version.arn, "creationDate": moment(version.created_at)}


def alias_entry(alias: Alias) -> JsonObject:
    """Return an alias in the format of ListStateMachineAliases."""
    return {"stateMachineAliasArn": alias.arn, "creationDate": moment(alias.created_at)}


def alias_view(alias: Alias) -> JsonObject:
    """Return an alias in the format of DescribeStateMachineAlias."""
    routes: list[Json] = [
        {"stateMachineVersionArn": arn, "weight": weight} for arn, weight in alias.routing.items()
    ]
    shown: JsonObject = {
        **alias_entry(alias),
        "name": alias.name,
        "routingConfiguration": routes,
        "updateDate": moment(alias.updated_at),
    }
    return {**shown, "description": alias.description} if alias.description else shown


def machine_of_execution(execution: Execution, revision: Revision, *, with_data: bool) -> JsonObject:
    """Return the machine at the start of an execution, in the format of DescribeStateMachineForExecution."""
    return {
        "stateMachineArn": execution.identity.machine_arn,
        "name": execution.identity.machine_name,
        "updateDate": moment(revision.updated_at),
        **_revision(revision, with_data=with_data),
    }


def execution_view(execution: Execution, origin: Origin, *, with_data: bool) -> JsonObject:
    """Return an execution in the format of DescribeExecution."""
    shown: JsonObject = {
        **execution_entry(execution, origin),
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
    if origin.trace_header is not None:
        shown["traceHeader"] = origin.trace_header
    return shown if with_data else _without_data(shown)


def sync_view(execution: Execution, origin: Origin, asked_arn: str, *, with_data: bool) -> JsonObject:
    """Return an execution in the format of StartSyncExecution, with the requested ARN of its machine."""
    ended_at = execution.started_at if execution.ended_at is None else execution.ended_at
    hundreds = max(1, math.ceil(round((ended_at - execution.started_at) * 10, 6)))
    shown: JsonObject = {
        "executionArn": execution.arn,
        "stateMachineArn": asked_arn,
        "name": execution.name,
        "startDate": moment(execution.started_at),
        "stopDate": moment(ended_at),
        "status": execution.status.value,
        "input": execution.input.text,
        "inputDetails": {"included": True},
        "outputDetails": {"included": True},
        "billingDetails": {
            "billedDurationInMilliseconds": hundreds * 100,
            "billedMemoryUsedInMB": _BILLED_MB,
        },
    }
    shown |= {} if execution.output is None else {"output": execution.output.text}
    shown |= failure_details(execution.error, execution.cause)
    shown |= {} if origin.trace_header is None else {"traceHeader": origin.trace_header}
    return shown if with_data else _without_data(shown)


def _without_data(details: JsonObject) -> JsonObject:
    return {name: value for name, value in details.items() if name not in _EXECUTION_DATA}


def execution_entry(execution: Execution, origin: Origin) -> JsonObject:
    """Return an execution in the format of ListExecutions."""
    shown: JsonObject = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.identity.machine_arn,
        "name": execution.name,
        "status": execution.status.value,
        "startDate": moment(execution.started_at),
        "redriveCount": 0,
    }
    if origin.version_arn is not None:
        shown["stateMachineVersionArn"] = origin.version_arn
    if origin.alias_arn is not None:
        shown["stateMachineAliasArn"] = origin.alias_arn
    if execution.ended_at is not None:
        shown["stopDate"] = moment(execution.ended_at)
    return shown


def event_view(event: Event, *, with_data: bool) -> JsonObject:
    """Return an event in the format of GetExecutionHistory."""
    shown = event.to_api()
    shown["timestamp"] = moment(event.time)
    if not with_data:
        for key, details in shown.items():
            if isinstance(details, dict):
                shown[key] = _without_data(details)
    return shown


def activity_entry(activity: Activity) -> JsonObject:
    """Return an activity in the format of ListActivities."""
    return {
        "activityArn": activity.arn,
        "name": activity.name,
        "creationDate": moment(activity.created_at),
    }


def activity_view(activity: Activity) -> JsonObject:
    """Return an activity in the format of DescribeActivity."""
    return {**activity_entry(activity), "encryptionConfiguration": activity.encryption}


def diagnostic(problem: Problem) -> JsonObject:
    """Return a problem in the format of ValidateStateMachineDefinition."""
    shown: JsonObject = {"severity": "ERROR", "code": problem.code, "message": problem.message}
    return shown if problem.location is None else {**shown, "location": problem.location}
