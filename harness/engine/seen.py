"""Records that a running engine returns to observers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SentMessage:
    """A published message. `to` is the topic's ARN, or a phone number. `at` is Unix time."""

    to: str
    subject: str
    body: str
    at: float
    message_id: str


@dataclass(frozen=True)
class StartedExecution:
    """A summary of an execution. Times are Unix times on the clock. `ended_at` is None while it runs.

    `started_by` is the ARN of the parent execution, or "" if there is none. `item` is True for a child
    execution of a distributed Map. `events` is the number of events.
    """

    arn: str
    machine_arn: str
    name: str
    status: str
    started_at: float
    ended_at: float | None = None
    express: bool = False
    started_by: str = ""
    item: bool = False
    events: int = 0
