"""MiniStack's histories, with what came before what.

Replaced in ministack.services.stepfunctions: `_add_event`, which numbers events but leaves out
previousEventId. Each branch of a Parallel or Map state runs in a thread of its own there, so what a thread
has added last is what came before.
"""

from __future__ import annotations

import threading
from typing import Any


def install() -> None:
    """Let every event of this process say which one came before it."""
    from ministack.services import stepfunctions  # noqa: PLC0415  (reads the environment)

    own = stepfunctions._add_event
    last = threading.local()

    def add_event(execution: dict[str, Any], event_type: str, details: Any = None) -> Any:
        arn, number = getattr(last, "event", ("", 0))
        before = number if arn == execution["executionArn"] else len(execution["events"])
        if before == 1:  # ExecutionStarted, to which nothing is linked on AWS
            before = 0
        event = own(execution, event_type, details)
        event["previousEventId"] = before
        last.event = (execution["executionArn"], event["id"])
        return event

    stepfunctions._add_event = add_event
