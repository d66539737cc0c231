"""Read the AWS calls that a state machine made itself from an execution history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.functions.shared.model import Call
from harness.json_types import Json, as_dict
from harness.observe.model import Execution
from harness.observe.tasks import SDK, Task, track
from harness.permissions.model import Need
from harness.permissions.parameters import Place
from harness.stepfunctions.connections import secret_arn

# Optimized integrations that correspond to one AWS API call with the same name. Others (ecs:runTask.sync,
# ...) require several permissions and are not read.
# https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OPTIMIZED = frozenset({"dynamodb", "events", "lambda", "sns", "sqs", "states"})
SYNC = (".sync", ".sync:2")


def integration_calls(execution: Execution) -> Iterator[tuple[str, Call]]:
    """Yield the machine's calls, each with the machine's role, or the role that the task names."""
    for task in track(execution).tasks:
        if (call := call_of(task)) is not None:
            yield role_of(task) or execution.role_arn, call


def call_of(task: Task) -> Call | None:
    """Return a task's AWS API call, or None if it requires several permissions."""
    if task.integration in OPTIMIZED or task.integration.startswith(SDK):
        # The result of the call is irrelevant: its status is empty.
        return Call(task.service, task.operation, task.params, status=None, error=task.error)
    return None


def waiting_needs(execution: Execution, place: Place) -> Iterator[tuple[str, Need]]:
    """Yield the permissions required to wait for executions that the machine starts, each with the role."""
    for task in track(execution).tasks:
        if task.integration == "states" and task.scheduled.text("resource").endswith(SYNC):
            for need in _waiting_for_an_execution(task.params, place):
                yield role_of(task) or execution.role_arn, need


def http_needs(execution: Execution) -> Iterator[tuple[str, Need]]:
    """Yield the permissions that HTTP Tasks require, each with the role.

    https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#connect-http-task-permissions
    """
    for task in track(execution).tasks:
        if task.integration != "http":
            continue
        role = role_of(task) or execution.role_arn
        asked = {
            "states:HTTPMethod": str(task.params.get("Method", "")),
            "states:HTTPEndpoint": str(task.params.get("ApiEndpoint", "")),
        }
        yield role, Need("states:InvokeHTTPEndpoint", execution.machine_arn, asked)
        given = dict(task.params)
        configured = as_dict(given.get("InvocationConfig")) or as_dict(given.get("Authentication"))
        connection = configured.get("ConnectionArn")
        if isinstance(connection, str):
            yield role, Need("events:RetrieveConnectionCredentials", connection)
            for action in ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"):
                yield role, Need(action, secret_arn(connection))


def _waiting_for_an_execution(parameters: Mapping[str, Json], place: Place) -> Iterator[Need]:
    """Yield the permissions required to wait for an execution, and to stop it.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
    """
    machine = str(parameters.get("StateMachineArn", "")).rpartition(":")[2]
    for action in ("states:DescribeExecution", "states:StopExecution"):
        yield Need(action, place.arn("states", f"execution:{machine}:{parameters.get('Name') or '*'}"))
    rule = place.arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        yield Need(action, rule)


def role_of(task: Task) -> str:
    """Return the role that a task specifies in Credentials."""
    credentials = task.scheduled.details.get("taskCredentials")
    return str(credentials.get("roleArn", "")) if isinstance(credentials, dict) else ""
