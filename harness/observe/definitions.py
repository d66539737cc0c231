"""Reads the definitions of the state machines that ran, and of the state machines in the template.

DescribeStateMachineForExecution returns the machine as it was when an execution started, even if the machine
has been deleted. It is called for the first and the last execution of each machine. All executions in between
have one of these two definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from harness.engine.clients import Clients
from harness.observe.executions import read
from harness.observe.model import Definition, Execution, Run
from harness.stack.model import STATE_MACHINE, Stack

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def definitions(clients: Clients, stack: Stack, runs: Iterable[Run]) -> Mapping[str, Definition]:
    """Return the definition by the ARN of each execution, and of each declared machine without executions.

    If an engine cannot return the definition of a deleted machine, its executions are omitted.
    """
    states = clients.stepfunctions
    declared = {arn: name for name, arn in stack.of_type(STATE_MACHINE).items()}
    by_machine: dict[str, list[Execution]] = {}
    for run in runs:
        for execution in run.executions:
            by_machine.setdefault(execution.machine_arn, []).append(execution)
    found: dict[str, Definition] = {}
    for machine, executions in by_machine.items():
        first = _of_execution(states, executions[0])
        last = first if len(executions) == 1 else _of_execution(states, executions[-1])
        for execution in executions:
            text = last if execution is executions[-1] else first
            if text is not None:
                found[execution.arn] = _definition(stack, declared.get(machine, ""), machine, text)
    for machine, name in declared.items():
        if machine not in by_machine and (text := _of_machine(states, machine)) is not None:
            found[machine] = _definition(stack, name, machine, text)
    return found


def map_items(clients: Clients, runs: Iterable[Run]) -> Mapping[str, tuple[Execution, ...]]:
    """Return the executions that distributed Map states ran, by the ARN of the execution with the state."""
    found: dict[str, tuple[Execution, ...]] = {}
    for execution in (each for run in runs for each in run.executions):
        items = [item for arn in _map_runs(execution) for item in _items(clients.stepfunctions, arn)]
        if items:
            found[execution.arn] = tuple(items)
    return found


def _map_runs(execution: Execution) -> Iterator[str]:
    for event in execution.events:
        if event.type == "MapRunStarted":
            yield event.text("mapRunArn")


def _items(states: SFNClient, map_run: str) -> Iterator[Execution]:
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    with suppress(ClientError):  # an emulator may not support the operation
        for page in states.get_paginator("list_executions").paginate(mapRunArn=map_run):
            for item in page["executions"]:
                yield read(states, item["executionArn"])


def _definition(stack: Stack, name: str, machine: str, text: str) -> Definition:
    return Definition(machine, text, name, stack.origins.get(name))


def _of_execution(states: SFNClient, execution: Execution) -> str | None:
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        return states.describe_state_machine_for_execution(executionArn=execution.arn)["definition"]
    # an emulator may not support the operation, and AWS does not support it for Express executions
    except ClientError:
        return _of_machine(states, execution.machine_arn)


def _of_machine(states: SFNClient, arn: str) -> str | None:
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        return states.describe_state_machine(stateMachineArn=arn)["definition"]
    except ClientError:
        return None
