"""Find the states that made a rejected call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.observe.model import Execution, Observation
from harness.observe.tasks import Task, track
from harness.permissions.integrations import call_of, role_of
from harness.permissions.model import Denial, Need
from harness.permissions.requests import needs_of, place_of


@dataclass(frozen=True)
class CallingState:
    """A state whose task, or whose function with this logical ID, made a call."""

    execution: Execution
    state: str
    caller: str
    function: str = ""


def calling_states(denial: Denial, observation: Observation) -> Sequence[CallingState]:
    """Return the states behind a denial, each once, in call order.

    Empty if they are not known.
    """
    found: dict[tuple[str, str, str], CallingState] = {}
    for each in (*_of_machines(denial, observation), *_of_functions(denial, observation)):
        found.setdefault((each.execution.machine_arn, each.state, each.function), each)
    return tuple(found.values())


def _of_machines(denial: Denial, observation: Observation) -> Iterator[CallingState]:
    for execution in _executions(observation).values():
        for task in track(execution).tasks:
            role = role_of(task) or execution.role_arn
            if task.state and any(
                _is_refused(need, denial) for need in _needs(task, role, denial, observation)
            ):
                yield CallingState(execution, task.state, f"state machine {execution.machine_name}")


def _needs(task: Task, role: str, denial: Denial, observation: Observation) -> Iterator[Need]:
    call = call_of(task)
    if call is not None and role == denial.role_arn:
        yield from needs_of(call, place_of(denial.role_arn, observation), observation)


def _of_functions(denial: Denial, observation: Observation) -> Iterator[CallingState]:
    executions = _executions(observation)
    for invocation in observation.invocations:
        execution = executions.get(invocation.execution_arn)
        if execution is None or invocation.role_arn != denial.role_arn or not invocation.state:
            continue
        place = place_of(denial.role_arn, observation)
        needs = (need for call in invocation.calls for need in needs_of(call, place, observation))
        if any(_is_refused(need, denial) for need in needs):
            name = invocation.function
            logical = observation.functions.get(name, name)
            yield CallingState(execution, invocation.state, f"function {name}", logical)


def _is_refused(need: Need, denial: Denial) -> bool:
    return need.action == denial.action and (not denial.resources or need.resource in denial.resources)


def _executions(observation: Observation) -> Mapping[str, Execution]:
    return {execution.arn: execution for run in observation.runs for execution in run.executions}
