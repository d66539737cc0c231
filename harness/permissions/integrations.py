"""The AWS calls that a state machine itself has made, read from an execution's history."""

from __future__ import annotations

from harness.functions.model import Call
from harness.observe.model import Execution
from harness.observe.tasks import SDK, Task, track
from harness.permissions.model import RoleCall

# Optimized integrations that are calls of the AWS API by the same name; others (ecs:runTask.sync, ...)
# take more than one permission and are not read.
# https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OPTIMIZED = frozenset({"dynamodb", "events", "lambda", "sns", "sqs", "states"})


def integration_calls(execution: Execution) -> tuple[RoleCall, ...]:
    """What the machine called with its own role: Lambda functions, topics and other services.

    How a call was answered does not matter here: their status and error are empty.
    """
    caller = f"state machine {execution.machine_name}"
    return tuple(
        RoleCall(
            _role(task) or execution.role_arn,
            caller,
            Call(task.service, task.operation, task.params, status=None, error=None),
        )
        for task in track(execution).tasks
        if task.integration in OPTIMIZED or task.integration.startswith(SDK)
    )


def _role(task: Task) -> str:
    """The role that a task names for itself with Credentials."""
    return str(task.scheduled.details.get("taskCredentials", {}).get("roleArn", ""))
