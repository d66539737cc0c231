"""A task that only an external caller can end. Passed between processes."""

from __future__ import annotations

from dataclasses import dataclass

from harness.json_types import Json


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """A task that waits for its token.

    Attributes:
        resource: the integration, e.g. `sqs:sendMessage.waitForTaskToken`, or the ARN of an activity.
        until: the time at which it times out, in seconds since 1970 on the clock; None for never.
        left_s: the time left until then, in seconds, when the task stopped the virtual time.
        heartbeat_s: the maximum time between two heartbeats; None for no limit.
        activity_arn: the activity until a worker takes the task with GetActivityTask, which returns its
            token; then empty, and always empty for other tasks.
        input: the input of its state.
        parameters: the parameters of its call.
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
