"""Adds previousEventId to MiniStack's execution histories, and keeps them after a state machine is
deleted.

Replaced in ministack.services.stepfunctions:
- `_add_event`, which numbers events but omits previousEventId. MiniStack runs each branch of a Parallel or
  Map state in its own thread, so the previous event is the last event that the thread added.
- `_delete_state_machine`, which deletes the executions of the state machine. AWS keeps them for 90 days.
"""

from __future__ import annotations

import threading
from typing import Any


def install() -> None:
    """Add previousEventId to every event in this process, and keep all events."""
    from ministack.services import stepfunctions  # noqa: PLC0415  (reads the environment)

    own_add, own_delete = stepfunctions._add_event, stepfunctions._delete_state_machine
    last = threading.local()

    def add_event(execution: dict[str, Any], event_type: str, details: Any = None) -> Any:
        arn, number = getattr(last, "event", ("", 0))
        before = number if arn == execution["executionArn"] else len(execution["events"])
        if before == 1:  # ExecutionStarted, which is never a previous event on AWS
            before = 0
        event = own_add(execution, event_type, details)
        event["previousEventId"] = before
        last.event = (execution["executionArn"], event["id"])
        return event

    def delete_state_machine(data: dict[str, Any]) -> Any:
        kept = dict(stepfunctions._executions.items())
        answer = own_delete(data)
        for arn, execution in kept.items():
            stepfunctions._executions[arn] = execution
        return answer

    stepfunctions._add_event = add_event
    stepfunctions._delete_state_machine = delete_state_machine
