"""The results of a Map Run's child executions, in ResultWriter's formats.

Formats: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

from harness.json_types import Json, JsonObject

from ..payload import Payload
from ..timestamps import format_timestamp
from .execution import Execution, Identity, Status


class ChildResults:
    """A Map Run's child executions.

    Attributes:
        executions: the started executions, in item order.
        pending: the inputs for executions that were not started because the Map Run failed.
    """

    def __init__(self, identity: Identity) -> None:
        self.executions: list[Execution] = []
        self.pending: list[Payload] = []
        self._identity = identity

    def stop(self, now: float, pending: list[Payload]) -> None:
        """Abort the running executions in a failed Map Run. The `pending` executions never start."""
        self.pending = pending
        for execution in self.executions:
            if execution.running:
                execution.end(Status.ABORTED, now)

    def all(self, transformation: str) -> list[Json]:
        """Return all results, in item order."""
        return _formed(self.executions, transformation)

    def succeeded(self, transformation: str) -> list[Json]:
        """Return the results of successful executions."""
        good = [execution for execution in self.executions if execution.status is Status.SUCCEEDED]
        return _formed(good, transformation)

    def failed(self) -> list[Json]:
        """Return the results of executions that failed, timed out or were aborted."""
        return [
            _shown(execution) for execution in self.executions if execution.status is not Status.SUCCEEDED
        ]

    def not_started(self) -> list[Json]:
        """Return entries for the executions that were not started."""
        return [
            {
                "Input": given.text,
                "InputDetails": {"Included": True},
                "StateMachineArn": self._identity.machine_arn,
                "Status": "PENDING",
            }
            for given in self.pending
        ]


def _formed(executions: list[Execution], transformation: str) -> list[Json]:
    """Format results. Regardless of the transformation, unsuccessful executions are included in full."""
    formed: list[Json] = []
    for execution in executions:
        output = execution.output
        if output is None or transformation == "NONE":
            formed.append(_shown(execution))
        elif transformation == "FLATTEN" and isinstance(output.value, list):
            formed += output.value
        else:
            formed.append(output.value)
    return formed


def _shown(execution: Execution) -> JsonObject:
    """Return all details about an execution, with the members in AWS's order."""
    shown: JsonObject = {}
    if execution.cause is not None:
        shown["Cause"] = execution.cause
    if execution.error is not None:
        shown["Error"] = execution.error
    shown |= {
        "ExecutionArn": execution.arn,
        "Input": execution.input.text,
        "InputDetails": {"Included": True},
        "Name": execution.name,
    }
    if execution.output is not None:
        shown |= {"Output": execution.output.text, "OutputDetails": {"Included": True}}
    shown["RedriveCount"] = 0
    if execution.status is Status.SUCCEEDED:
        shown["RedriveStatus"] = "NOT_REDRIVABLE"
        shown["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    else:
        shown["RedriveStatus"] = "REDRIVABLE_BY_MAP_RUN"
    shown |= {
        "StartDate": format_timestamp(execution.started_at),
        "StateMachineArn": execution.identity.machine_arn,
        "Status": execution.status.value,
    }
    if execution.ended_at is not None:
        shown["StopDate"] = format_timestamp(execution.ended_at)
    return shown
