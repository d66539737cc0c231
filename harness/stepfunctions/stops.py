"""Debugger stops in state machines, either before a state is entered or before a task makes a call.

No virtual time passes during a stop: the whole simulation waits until the user continues.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from harness.functions.shared.debug_link import DebugSetting, Link, Stop
from harness.histories import Event as RecordedEvent
from harness.json_types import Json
from harness.service_names import boto3_name, capitalized
from harness.states import Execution, Simulation, TaskRequest
from harness.states.asl import State
from harness.states.payload import Payload, to_text
from harness.states.resource import Resource
from harness.states.run.control_flow import Flow
from harness.states.run.history import Event
from harness.states.timestamps import format_timestamp

_SDK: Final = "aws-sdk:"


class Stops:
    """Stops before the given states and calls, and prompts the user at the terminal in `setting`."""

    def __init__(self, setting: DebugSetting, states: Sequence[str], calls: Sequence[str]) -> None:
        self._setting = setting
        self._states = frozenset(states)
        self._calls = frozenset(calls)
        self._stepping: set[str] = set()

    def before_state(self, flow: Flow, state: State, payload: Payload) -> None:
        """Stop before one of the given states, or before any state of an execution that the user is stepping
        through.
        """
        arn = flow.execution.arn
        if state.name not in self._states and arn not in self._stepping:
            return
        kind = type(state).__name__
        where = f"before the {kind} state {flow.iterations}{state.name}"
        self._ask(flow.execution, state.name, "", where, payload.value, flow.variables.visible())

    def before_call(self, simulation: Simulation, request: TaskRequest, resource: Resource) -> None:
        """Stop before a task makes one of the given calls."""
        call = call_of(resource)
        if call.lower() not in self._calls:
            return
        execution = next(each for each in simulation.executions if each.arn == request.execution_arn)
        where = f"before {call} in the state {request.iterations}{request.state_name}"
        self._ask(execution, request.state_name, call, where, request.parameters, {})

    def _ask(
        self,
        execution: Execution,
        state: str,
        call: str,
        where: str,
        given: Json,
        variables: dict[str, Json],
    ) -> None:
        self._stepping.discard(execution.arn)
        stop: Stop = {
            "where": where,
            "execution": execution.arn,
            "state": state,
            "call": call,
            "input": given,
            "variables": dict(variables),
            "history": list(history_lines(execution.history.events)),
        }
        try:
            link = Link(self._setting, execution.name)
        except OSError:
            return  # the terminal is closed, and the run is about to end
        try:
            link.send({"stop": stop})
            if link.receive()["go"] == "step":
                self._stepping.add(execution.arn)
        except (EOFError, OSError):
            return
        finally:
            link.close()


def call_of(resource: Resource) -> str:
    """Return a task's API call: `dynamodb:PutItem`, or `lambda:Invoke` for a function ARN."""
    if resource.is_function:
        return "" if resource.is_activity else "lambda:Invoke"
    return f"{boto3_name(resource.type.removeprefix(_SDK))}:{capitalized(resource.action)}"


def history_lines(events: Iterable[Event | RecordedEvent]) -> Iterator[str]:
    """Format events, one per line."""
    for event in events:
        details = event.details or {}
        said = [str(details[key]) for key in ("name", "resource", "error") if details.get(key)]
        said += [_text(details[key]) for key in ("input", "output") if details.get(key) is not None]
        yield f"{event.id:5}  {format_timestamp(event.time)}  {'  '.join([event.type, *said])}"


def _text(value: Json) -> str:
    return value if isinstance(value, str) else to_text(value)
