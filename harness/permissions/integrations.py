"""The AWS calls that a state machine itself has made, read from an execution's history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.functions.model import Call
from harness.observe.model import Execution, HistoryEvent
from harness.permissions.model import Need, Request
from harness.permissions.needs import needs
from harness.permissions.parameters import Place

# Optimized integrations that are calls of the AWS API by the same name; others (ecs:runTask.sync, ...)
# take more than one permission and are not read.
# https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OPTIMIZED = frozenset({"dynamodb", "events", "lambda", "sns", "sqs", "states"})
SDK = "aws-sdk:"
SYNC = (".sync", ".sync:2")


def integration_requests(execution: Execution, place: Place) -> Iterator[Request]:
    """What the machine needed of its own role, or of the role that a task names for itself."""
    caller = f"state machine {execution.machine_name}"
    for event in execution.events:
        role = _role(event.details) or execution.role_arn
        for need in _needs(event, place):
            yield Request(role, caller, need)


def _needs(event: HistoryEvent, place: Place) -> Iterator[Need]:
    if event.type == "LambdaFunctionScheduled":
        yield from needs(_call("lambda", "Invoke", {"FunctionName": event.details["resource"]}), place)
    elif event.type == "TaskScheduled":
        service: str = event.details["resourceType"]
        operation, _, _ = event.details["resource"].partition(".")
        if service in OPTIMIZED or service.startswith(SDK):
            parameters = json.loads(event.details.get("parameters") or "{}")
            # The API's own name of the operation: publish -> Publish
            name = operation[:1].upper() + operation[1:]
            yield from needs(_call(service.removeprefix(SDK), name, parameters), place)
        if service == "states" and event.details["resource"].endswith(SYNC):
            yield from _waiting_for_an_execution(parameters, place)


def _waiting_for_an_execution(parameters: Mapping[str, Any], place: Place) -> Iterator[Need]:
    """What it takes to wait for the end of an execution, and to stop it.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
    """
    machine = str(parameters.get("StateMachineArn", "")).rpartition(":")[2]
    for action in ("states:DescribeExecution", "states:StopExecution"):
        yield Need(action, place.arn("states", f"execution:{machine}:{parameters.get('Name') or '*'}"))
    rule = place.arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        yield Need(action, rule)


def _call(service: str, operation: str, params: Mapping[str, Any]) -> Call:
    """A history does not say how a call was answered, so its status and error are empty."""
    return Call(service, operation, params, status=None, error=None)


def _role(details: Mapping[str, Any]) -> str:
    """The role that a task names for itself with Credentials."""
    return str(details.get("taskCredentials", {}).get("roleArn", ""))
