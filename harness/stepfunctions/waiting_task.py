"""A task that only somebody outside can end, as a value that processes exchange."""

from __future__ import annotations

from dataclasses import dataclass

from harness.json_types import Json


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """A task that waits for its token.

    Attributes:
        resource: the integration, e.g. `sqs:sendMessage.waitForTaskToken`, or the ARN of an activity.
        until: the moment at which it times out, seconds since 1970 on the clock; None for never.
        left_s: how far that was away when time stood still because of it, in seconds.
        heartbeat_s: the longest time between two heartbeats; None when it needs none.
        activity_arn: the activity whose worker is still to take it with GetActivityTask, which gives it the
            token; empty for other tasks, and after that.
        input: the input of its state.
        parameters: those of its call.
    """

    token: str
    execution_arn: str
    state: str
    resource: str
    until: float | None
    left_s: float | None
    heartbeat_s: int | None
    activity_arn: str = ""
    input: Json = None
    parameters: Json = None
