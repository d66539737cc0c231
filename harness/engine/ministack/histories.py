"""MiniStack's histories, with what came before what, and for longer than their machine lives.

Replaced in ministack.services.stepfunctions: `_add_event`, which numbers events but leaves out
previousEventId (each branch of a Parallel or Map state runs in a thread of its own there, so what a thread
has added last is what came before), and `_delete_state_machine`, which forgets the machine's executions. AWS
keeps them for 90 days.
"""

from __future__ import annotations

import threading
from typing import Any


def install() -> None:
    """Let every event of this process say which one came before it, and keep all of them."""
    from ministack.services import stepfunctions  # noqa: PLC0415  (reads the environment)

    own_add, own_delete = stepfunctions._add_event, stepfunctions._delete_state_machine
    last = threading.local()

    def add_event(execution: dict[str, Any], event_type: str, details: Any = None) -> Any:
        arn, number = getattr(last, "event", ("", 0))
        before = number if arn == execution["executionArn"] else len(execution["events"])
        if before == 1:  # ExecutionStarted, to which nothing is linked on AWS
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
