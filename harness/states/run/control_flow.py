"""A flow: one path of control through states. It is an execution, a Parallel branch, or a Map iteration.

It stores the ID of the event that precedes its next event, its current state, and the data available to the
state's expressions.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from harness.json_types import Json, JsonObject

from ..asl import BaseState, State, Task
from ..errors import DATA_LIMIT_EXCEEDED, QUERY_EVALUATION_ERROR, RUNTIME, QueryError, StateFailure
from ..payload import Payload, to_text
from ..query.scope import Scope, Variables
from ..time.fibers import Signal
from ..timestamps import format_timestamp
from .execution import Execution
from .history import failure_details
from .host import Host

Left: TypeAlias = tuple[Payload, str | None]
"""The result of a state: its output, and the name of the next state, or None after the last state."""
_ABORTABLE: Final = ("Task", "Wait", "Parallel", "Map")


class Flow:
    """One path of control.

    Attributes:
        previous: the ID of the event that the next one follows.
        state: the current state, None between states.
        iteration: for an inline Map iteration, its name and index as shown in events.
        iterations: all enclosing inline iterations, outermost first: `Map[3]/`.
        children: the flows of the running branches or iterations, in order.
    """

    __slots__ = (
        "children",
        "entered_at",
        "entered_id",
        "execution",
        "host",
        "iteration",
        "iterations",
        "map_item",
        "previous",
        "previous_of_entered",
        "retry_count",
        "state",
        "task_token",
        "variables",
    )

    def __init__(self, host: Host, execution: Execution, variables: Variables, previous: int) -> None:
        self.host = host
        self.execution = execution
        self.variables = variables
        self.previous = previous
        self.map_item: Json = None
        self.iteration: JsonObject | None = None
        self.iterations = ""
        self.state: State | None = None
        self.entered_id = 0
        self.previous_of_entered = 0
        self.entered_at = 0.0
        self.retry_count: int | None = None
        self.task_token: str | None = None
        self.children: dict[Flow, None] = {}

    def child(self, previous: int) -> Flow:
        """Return a nested flow, e.g. a branch, that follows an event."""
        inner = Flow(self.host, self.execution, Variables(self.variables), previous)
        inner.map_item = self.map_item
        inner.iterations = self.iterations
        self.children[inner] = None
        return inner

    def record(self, event_type: str, details: JsonObject | None = None) -> int:
        """Add an event that becomes the predecessor of the next one."""
        self.previous = self.execution.history.add(event_type, self.previous, details)
        return self.previous

    def note(self, event_type: str, details: JsonObject | None = None) -> int:
        """Add an event that does not become the predecessor of the next one."""
        return self.execution.history.add(event_type, self.previous, details)

    def enter(self, state: State, payload: Payload) -> None:
        """Record that the flow enters a state."""
        self.state = state
        self.entered_at = self.host.clock.now()
        self.retry_count = None
        self.task_token = None
        self.previous_of_entered = self.previous
        details: JsonObject = {"input": payload.text, "name": state.name}
        self.entered_id = self.record(f"{type(state).__name__}StateEntered", details)

    def exit(self, state: State, payload: Payload, assigned: dict[str, Json] | None = None) -> None:
        """Record that the flow exits a state with an output, and assign its variables.

        Raises:
            StateFailure: the output is larger than AWS allows.
        """
        self.check_size(payload, state.name)
        details: JsonObject = {"output": payload.text, "name": state.name}
        if assigned:
            details["assignedVariables"] = {name: to_text(value) for name, value in assigned.items()}
            self.variables.assign(assigned)
        self.record(f"{type(state).__name__}StateExited", details)
        self.state = None

    def check_size(self, payload: Payload, source: str, *, beyond_all: bool = True) -> None:
        """Compare a result's size with AWS's limit.

        Args:
            source: the state or task that AWS names in the cause.
            beyond_all: true if States.ALL does not match the failure.

        Raises:
            StateFailure: States.DataLimitExceeded.
        """
        if payload.size_bytes > self.host.limits.payload_bytes:
            raise StateFailure(
                DATA_LIMIT_EXCEEDED,
                f"The state/task '{source}' returned a result with a size exceeding "
                "the maximum number of bytes service limit.",
                beyond_all=beyond_all,
            )

    def scope(self, data: Json, **states: Json) -> Scope:
        """Return the scope for the state's expressions. `states` is JSONata's `$states`."""
        return Scope(
            data, self.context, self.variables, self.execution.randomness, self.host.clock.now, states
        )

    def context(self, whole: bool) -> JsonObject:
        """Build the context object, `$$`, either to return it as a whole or to read a part of it."""
        execution = self.execution
        state: JsonObject = {
            "Name": self.state.name if self.state else "",
            "EnteredTime": format_timestamp(self.entered_at),
        }
        if self.retry_count is not None:
            state["RetryCount"] = self.retry_count
        context: JsonObject = {
            "Execution": {
                "Id": execution.arn,
                "Input": execution.input.value,
                "StartTime": format_timestamp(execution.started_at),
                "Name": execution.name,
                "RoleArn": execution.identity.role_arn,
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": execution.identity.machine_arn, "Name": execution.identity.machine_name},
            "State": state,
        }
        if self.map_item is not None:
            context["Map"] = {"Item": self.map_item}
        if self.task_token is not None or (isinstance(self.state, Task) and not whole):
            context["Task"] = {"Token": self.token()}
        return context

    def token(self) -> str:
        """Return the token for the task's attempt. It is created on first use, because most tasks never need
        one.
        """
        if self.task_token is None:
            self.task_token = self.host.tokens.new()
        return self.task_token

    def failure(self, error: QueryError, state: BaseState) -> StateFailure:
        """Return the current state's failure for an evaluation error."""
        cause = (
            f"An error occurred while executing the state '{state.name}' "
            f"(entered at the event id #{self.entered_id}). {error.message}"
        )
        if error.error == QUERY_EVALUATION_ERROR:
            details = {**failure_details(error.error, cause), "state": state.name}
            if error.location is not None:
                details["location"] = error.location
            # Recorded: EvaluationFailed follows the event that led to the state, not the state's entry.
            if self.previous == self.entered_id and not error.follows_entry:
                self.previous = self.previous_of_entered
            self.record("EvaluationFailed", details)
        return StateFailure(error.error, cause, fatal=error.error == RUNTIME)

    def sleep(self, seconds: float) -> Signal:
        """Return a signal that is set after a number of seconds."""
        signal = Signal()
        moment = self.host.clock.now() + seconds
        self.host.waits_until(self.execution, moment)
        self.host.scheduler.at(moment, signal.set)
        return signal

    def abort(self) -> None:
        """Record everything that still runs in the flow as aborted, innermost first."""
        for child in self.children:
            child.abort()
        self.children.clear()
        self.abort_state()
        if self.iteration is not None:
            self.record("MapIterationAborted", self.iteration)

    def abort_state(self) -> None:
        """Record that the flow's current state is aborted, if its type has such an event."""
        if self.state is not None and type(self.state).__name__ in _ABORTABLE:
            self.note(f"{type(self.state).__name__}StateAborted")
            self.state = None
