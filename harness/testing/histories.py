"""Builders for histories and executions."""

from __future__ import annotations

from typing import Self

from harness.json_types import Json
from harness.observe.model import Execution, HistoryEvent
from harness.observe.tasks import SDK
from harness.testing.clock import START, arn, at


class History:
    """An execution's history, event by event. Each method adds one event and returns the history.

    An event follows the previous one, or with `after` the event with that ID (IDs count from 1). This
    distinguishes branches in Parallel and Map states. The event occurs at `at_s`, or by default `step_s`
    seconds after the previous event.
    """

    def __init__(self, step_s: float = 0) -> None:
        self._events: list[HistoryEvent] = []
        self._step_s = step_s
        self._now_s = 0.0

    @property
    def events(self) -> tuple[HistoryEvent, ...]:
        """The events so far."""
        return tuple(self._events)

    def event(
        self, type: str, *, after: int | None = None, at_s: float | None = None, **details: Json
    ) -> Self:
        """Add any event. `details` is the content of the `...EventDetails` member in GetExecutionHistory."""
        self._now_s = self._now_s + self._step_s if at_s is None else at_s
        previous = len(self._events) if after is None else after
        self._events.append(HistoryEvent(len(self._events) + 1, previous, type, at(self._now_s), details))
        return self

    def enters(
        self,
        state: str,
        type: str = "Task",
        *,
        input: str = "{}",
        after: int | None = None,
        at_s: float | None = None,
    ) -> Self:
        """Enter a state. `type` is the state type, and `input` is JSON text."""
        return self.event(f"{type}StateEntered", after=after, at_s=at_s, name=state, input=input)

    def exits(
        self,
        state: str,
        type: str = "Task",
        *,
        output: str = "{}",
        after: int | None = None,
        at_s: float | None = None,
    ) -> Self:
        """Exit a state. `output` is JSON text."""
        return self.event(f"{type}StateExited", after=after, at_s=at_s, name=state, output=output)

    def schedules(
        self, function: str, payload: str = "{}", *, after: int | None = None, at_s: float | None = None
    ) -> Self:
        """Schedule a task whose Resource is a function ARN. `function` is the function's deployed name."""
        resource = arn("lambda", f"function:{function}")
        return self.event("LambdaFunctionScheduled", after=after, at_s=at_s, resource=resource, input=payload)

    def calls(
        self, resource: str, parameters: str = "{}", *, after: int | None = None, at_s: float | None = None
    ) -> Self:
        """Schedule a task that calls a service: `calls("aws-sdk:s3:listBuckets")`. `parameters` is JSON
        text.
        """
        sdk = SDK if resource.startswith(SDK) else ""
        service, _, operation = resource.removeprefix(sdk).partition(":")
        return self.event(
            "TaskScheduled",
            after=after,
            at_s=at_s,
            resourceType=f"{sdk}{service}",
            resource=operation,
            parameters=parameters,
        )

    def succeeds(self, output: str = "{}", *, after: int | None = None, at_s: float | None = None) -> Self:
        """Make the scheduled task succeed. `output` is JSON text."""
        return self._ends("Succeeded", after, at_s, output=output)

    def fails(
        self, error: str = "Failed", cause: str = "", *, after: int | None = None, at_s: float | None = None
    ) -> Self:
        """Make the scheduled task fail."""
        return self._ends("Failed", after, at_s, error=error, cause=cause)

    def _ends(self, how: str, after: int | None, at_s: float | None, **details: Json) -> Self:
        begun = self._scheduled(len(self._events) if after is None else after)
        if begun.type == "LambdaFunctionScheduled":
            return self.event(f"LambdaFunction{how}", after=after, at_s=at_s, **details)
        service, operation = begun.text("resourceType"), begun.text("resource")
        return self.event(
            f"Task{how}", after=after, at_s=at_s, resourceType=service, resource=operation, **details
        )

    def _scheduled(self, at_id: int) -> HistoryEvent:
        """Return the event that scheduled an event's task."""
        while at_id:
            event = self._events[at_id - 1]
            if event.type.endswith("Scheduled"):
                return event
            at_id = event.previous_event_id
        raise ValueError("no scheduled task can end; call schedules() or calls() first")


def a_history(step_s: float = 0) -> History:
    """Return an empty history. Events without `at_s` are `step_s` seconds apart."""
    return History(step_s)


def an_execution(
    status: str = "SUCCEEDED",
    *states: str,
    history: History | None = None,
    name: str = "run-1",
    machine: str = "Workflow",
    took_s: float = 0,
    input: str = "{}",
    output: str | None = None,
    error: str | None = None,
    cause: str | None = None,
    role_arn: str = "",
) -> Execution:
    """Return an execution that began at START and entered `states`, or followed `history`.

    A RUNNING execution has no end. The default output of a SUCCEEDED execution is `{}`.
    """
    if history is None:
        history = a_history()
        for state in states:
            history.enters(state)
    return Execution(
        arn=arn("states", f"execution:{machine}:{name}"),
        name=name,
        machine_arn=arn("states", f"stateMachine:{machine}"),
        machine_name=machine,
        status=status,
        started_at=START,
        stopped_at=None if status == "RUNNING" else at(took_s),
        input=input,
        output="{}" if output is None and status == "SUCCEEDED" else output,
        error=error,
        cause=cause,
        events=history.events,
        role_arn=role_arn,
    )
