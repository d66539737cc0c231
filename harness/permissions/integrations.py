"""Reads the AWS calls that a state machine made itself from an execution's history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.functions.shared.model import Call
from harness.json_types import Json
from harness.observe.model import Execution
from harness.observe.tasks import SDK, Task, track
from harness.permissions.model import Need, Request
from harness.permissions.needs import needs
from harness.permissions.parameters import Place

# Optimized integrations that are calls of the AWS API by the same name; others (ecs:runTask.sync, ...)
# take more than one permission and are not read.
# https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OPTIMIZED = frozenset({"dynamodb", "events", "lambda", "sns", "sqs", "states"})
SYNC = (".sync", ".sync:2")


def integration_requests(execution: Execution, place: Place) -> Iterator[Request]:
    """The needs of the machine's own role, or of the role that a task names for itself."""
    caller = f"state machine {execution.machine_name}"
    for task in track(execution).tasks:
        role = _role(task) or execution.role_arn
        for need in _needs(task, place):
            yield Request(role, caller, need)


def _needs(task: Task, place: Place) -> Iterator[Need]:
    if task.integration in OPTIMIZED or task.integration.startswith(SDK):
        # How a call was answered does not matter here: its status and error are empty.
        yield from needs(Call(task.service, task.operation, task.params, status=None, error=None), place)
    if task.integration == "states" and task.scheduled.text("resource").endswith(SYNC):
        yield from _waiting_for_an_execution(task.params, place)


def _waiting_for_an_execution(parameters: Mapping[str, Json], place: Place) -> Iterator[Need]:
    """The needs of waiting for the end of an execution, and of stopping it.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
    """
    machine = str(parameters.get("StateMachineArn", "")).rpartition(":")[2]
    for action in ("states:DescribeExecution", "states:StopExecution"):
        yield Need(action, place.arn("states", f"execution:{machine}:{parameters.get('Name') or '*'}"))
    rule = place.arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        yield Need(action, rule)


def _role(task: Task) -> str:
    """The role that a task names for itself with Credentials."""
    credentials = task.scheduled.details.get("taskCredentials")
    return str(credentials.get("roleArn", "")) if isinstance(credentials, dict) else ""
