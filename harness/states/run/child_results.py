"""The results of the child executions of a Map Run, in the forms that ResultWriter knows.

Forms: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

from harness.json_types import Json, JsonObject

from ..payload import Payload
from ..timestamps import format_timestamp
from .execution import Execution, Identity, Status


class ChildResults:
    """The child executions of a Map Run.

    Attributes:
        executions: those that were started, in the order of their items.
        pending: the inputs of those that were not, since the Map Run failed.
    """

    def __init__(self, identity: Identity) -> None:
        self.executions: list[Execution] = []
        self.pending: list[Payload] = []
        self._identity = identity

    def stop(self, now: float, pending: list[Payload]) -> None:
        """Note that the Map Run failed: what runs is aborted, and `pending` never starts."""
        self.pending = pending
        for execution in self.executions:
            if execution.running:
                execution.end(Status.ABORTED, now)

    def all(self, transformation: str) -> list[Json]:
        """Return the results of all, in the order of their items."""
        return _formed(self.executions, transformation)

    def succeeded(self, transformation: str) -> list[Json]:
        """Return the results of those that succeeded."""
        good = [execution for execution in self.executions if execution.status is Status.SUCCEEDED]
        return _formed(good, transformation)

    def failed(self) -> list[Json]:
        """Return the results of those that failed, timed out or were aborted."""
        return [
            _shown(execution) for execution in self.executions if execution.status is not Status.SUCCEEDED
        ]

    def not_started(self) -> list[Json]:
        """Show those that were not started."""
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
    """Format results; those that did not succeed are shown whole, whatever the transformation."""
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
    """Show an execution whole, with the members in AWS's order."""
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
