"""The AWS calls that a state machine itself has made, read from an execution's history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.functions.model import Call
from harness.observe.model import Execution, HistoryEvent
from harness.permissions.model import RoleCall

# Optimized integrations that are calls of the AWS API by the same name; others (ecs:runTask.sync, ...)
# take more than one permission and are not read.
# https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OPTIMIZED = frozenset({"dynamodb", "events", "lambda", "sns", "sqs", "states"})
SDK = "aws-sdk:"


def integration_calls(execution: Execution) -> tuple[RoleCall, ...]:
    """What the machine called with its own role: Lambda functions, topics and other services.

    A history does not say how a call was answered, so their status and error are empty.
    """
    caller = f"state machine {execution.machine_name}"
    return tuple(
        RoleCall(_role(event.details) or execution.role_arn, caller, call)
        for event in execution.events
        for call in _calls(event)
    )


def _calls(event: HistoryEvent) -> Iterator[Call]:
    if event.type == "LambdaFunctionScheduled":
        yield _call("lambda", "Invoke", {"FunctionName": event.details["resource"]})
    elif event.type == "TaskScheduled":
        service: str = event.details["resourceType"]
        operation: str = event.details["resource"].partition(".")[0]
        if service in OPTIMIZED or service.startswith(SDK):
            parameters = json.loads(event.details.get("parameters") or "{}")
            # The API's own name of the operation: publish -> Publish
            yield _call(service.removeprefix(SDK), operation[:1].upper() + operation[1:], parameters)


def _call(service: str, operation: str, params: Mapping[str, Any]) -> Call:
    return Call(service, operation, params, status=None, error=None)


def _role(details: Mapping[str, Any]) -> str:
    """The role that a task names for itself with Credentials."""
    return str(details.get("taskCredentials", {}).get("roleArn", ""))
