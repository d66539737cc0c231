"""The resources for SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat.

The Service Authorization Reference does not name a resource, but AWS checks these actions against the task's
state machine or activity. An AWS message reads "not authorized to perform: states:SendTaskFailure on
resource: arn:aws:states:us-east-1:123456789012:stateMachine:...". SAM's StepFunctionsCallbackPolicy and CDK's
`grantTaskResponse` name the state machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.functions.shared.model import Call
from harness.observe.model import ANSWERS, Observation
from harness.observe.tasks import track
from harness.permissions.model import Need
from harness.permissions.parameters import Parameters
from harness.service_names import action_prefix


def is_answer(call: Call) -> bool:
    """Return whether the call completes a task with its token."""
    return call.operation in ANSWERS and action_prefix(call.service) == "states"


def token_needs(call: Call, observation: Observation) -> Iterator[Need]:
    """Yield the permission that the call requires. The resource is None if the token is not known."""
    token = Parameters(call.params).text("taskToken") or ""
    begin = token.rpartition("... (")[0] if "taskToken" in call.sizes else ""  # the rest was not recorded
    yield Need(f"states:{call.operation}", _resource(token, begin, observation) if token else None)


def _resource(token: str, begin: str, observation: Observation) -> str | None:
    for known, execution_arn in observation.task_tokens.items():
        if known == token or (begin and known.startswith(begin)):
            return machine_of(execution_arn)
    # For engines that do not report it: the task has its token in its parameters.
    written = json.dumps(begin or token)[1:-1]
    for run in observation.runs:
        for execution in run.executions:
            if any(written in task.scheduled.text("parameters") for task in track(execution).tasks):
                return machine_of(execution.arn)
    return None


def machine_of(execution_arn: str) -> str:
    """Return the ARN of an execution's state machine. An activity's ARN stays unchanged.

    `arn:aws:states:eu-west-1:123456789012:execution:Orders/Map:1` belongs to the state machine `Orders`.
    """
    before, execution, rest = execution_arn.partition(":execution:")
    return f"{before}:stateMachine:{rest.partition(':')[0].partition('/')[0]}" if execution else execution_arn
