"""Every permission that a scenario required, read from an observation, with its caller and role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from harness.functions.shared.model import Call, Invocation
from harness.observe.model import Execution, Observation
from harness.permissions.integrations import http_needs, integration_calls, waiting_needs
from harness.permissions.keys import direct_needs, key_needs, machine_needs
from harness.permissions.model import Assumption, Need, Request
from harness.permissions.needs import is_known, needs
from harness.permissions.parameters import Place
from harness.permissions.tokens import is_answer, token_needs

# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html#monitoring-cloudwatchlogs-prereqs
LOGGING_OF_FUNCTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
LOGGING_OF_MACHINES = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
# https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
TRACING_OF_MACHINES = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)
_LEVELS = ("FATAL", "ERROR", "ALL")  # only logs that are enabled
LAMBDA, STATES = "lambda.amazonaws.com", "states.amazonaws.com"


def place_of(role_arn: str, observation: Observation) -> Place:
    """Return the partition, Region and account for a role's calls."""
    return Place(role_arn.split(":")[1], observation.region, observation.account_id)


def requests(observation: Observation) -> Iterator[Request]:
    """Yield requests from functions and state machines, and from AWS services on their behalf."""
    for invocation in observation.invocations:
        if invocation.role_arn:
            yield from _of_function(invocation, observation)
    made = _MadeWith.of(observation)
    for execution in _executions(observation):
        if execution.role_arn:
            yield from _of_machine(execution, observation, made)


def needs_of(call: Call, place: Place, observation: Observation) -> Iterator[Need]:
    """Yield the permissions that a call requires: its own, and those on its resource's keys."""
    if is_answer(call):
        yield from token_needs(call, observation)
        return
    own, keys = needs(call, place), observation.access.keys
    if not keys.policies:
        yield from own
        return
    yield from direct_needs(call, own, keys, place)
    yield from key_needs(call, own, keys, place)


def unknown_calls(observation: Observation) -> Iterator[str]:
    """Yield function calls whose required permissions are not known, as `service:Operation`."""
    for invocation in observation.invocations:
        for call in invocation.calls if invocation.role_arn else ():
            if not is_known(call, place_of(invocation.role_arn, observation)):
                yield f"{call.service}:{call.operation}"


def hidden_roles(observation: Observation) -> Iterator[str]:
    """Yield the roles of machines that functions created and started without recorded executions."""
    calls = [c for i in observation.invocations for c in i.calls if c.service == "stepfunctions"]
    made = {
        c.params.get("name"): c.params.get("roleArn") for c in calls if c.operation == "CreateStateMachine"
    }
    seen = {(e.machine_name, e.name) for e in _executions(observation)}
    for call in calls:
        if call.operation == "StartExecution" and call.error is None:
            machine = str(call.params.get("stateMachineArn", "")).rpartition(":")[2]
            role = made.get(machine)
            if role and (machine, call.params.get("name")) not in seen:
                yield role


def assumptions(observation: Observation) -> Iterator[Assumption]:
    """Yield the roles that Lambda and Step Functions assumed to run functions and state machines."""
    for invocation in observation.invocations:
        if invocation.role_arn:
            function = _function_arn(invocation, observation)
            yield Assumption(invocation.role_arn, f"function {invocation.function}", LAMBDA, function)
    for execution in _executions(observation):
        if execution.role_arn:
            machine = f"state machine {execution.machine_name}"
            yield Assumption(execution.role_arn, machine, STATES, execution.machine_arn)


def _executions(observation: Observation) -> Iterator[Execution]:
    for run in observation.runs:
        yield from run.executions


def _function_arn(invocation: Invocation, observation: Observation) -> str:
    place = place_of(invocation.role_arn, observation)
    return place.arn("lambda", f"function:{invocation.function}")


def _of_function(invocation: Invocation, observation: Observation) -> Iterator[Request]:
    role, name = invocation.role_arn, invocation.function
    place = place_of(role, observation)
    for call in invocation.calls:
        for need in needs_of(call, place, observation):
            yield Request(role, f"function {name}", need)
    group = observation.access.log_groups.get(name)
    if invocation.log and group:
        stream = place.arn("logs", f"log-group:{group}:log-stream:{name}")
        for action in LOGGING_OF_FUNCTIONS:
            yield Request(role, f"Lambda for logs of function {name}", Need(action, stream))


@dataclass(frozen=True)
class _MadeWith:
    """Return the names of machines that functions created with logging, and of those with tracing."""

    logging: frozenset[object]
    tracing: frozenset[object]

    @classmethod
    def of(cls, observation: Observation) -> Self:
        """Read the configurations in the functions' CreateStateMachine calls."""
        calls = (call for invocation in observation.invocations for call in invocation.calls)
        made = [
            c.params for c in calls if (c.service, c.operation) == ("stepfunctions", "CreateStateMachine")
        ]
        return cls(
            frozenset(m.get("name") for m in made if _member(m, "loggingConfiguration", "level") in _LEVELS),
            frozenset(m.get("name") for m in made if _member(m, "tracingConfiguration", "enabled") is True),
        )


def _member(parameters: Mapping[str, Any], configuration: str, name: str) -> object:
    given = parameters.get(configuration)
    return given.get(name) if isinstance(given, Mapping) else None


def _of_machine(execution: Execution, observation: Observation, made: _MadeWith) -> Iterator[Request]:
    role, access = execution.role_arn, observation.access
    place, machine = place_of(role, observation), execution.machine_name
    caller = f"state machine {machine}"
    for task_role, call in integration_calls(execution):
        for need in needs_of(call, place, observation):
            yield Request(task_role, caller, need)
    for task_role, need in waiting_needs(execution, place):
        yield Request(task_role, caller, need)
    for task_role, need in http_needs(execution):
        yield Request(task_role, caller, need)
    for need in machine_needs(execution.machine_arn, access.keys, place):
        yield Request(role, f"Step Functions for state machine {machine}", need)
    if execution.machine_arn in access.logging or machine in made.logging:
        for action in LOGGING_OF_MACHINES:
            yield Request(role, f"Step Functions for logs of state machine {machine}", Need(action, "*"))
    if execution.machine_arn in access.tracing or machine in made.tracing:
        for action in TRACING_OF_MACHINES:
            yield Request(role, f"Step Functions for traces of state machine {machine}", Need(action, "*"))
