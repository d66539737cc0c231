"""Things that an engine tells of itself while it is up, to those who look on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SentMessage:
    """A message that was published: `to` is the topic's ARN, or a phone number; `at` is Unix time."""

    to: str
    subject: str
    body: str
    at: float
    message_id: str


@dataclass(frozen=True)
class StartedExecution:
    """An execution in short; times are Unix times on the clock, `ended_at` is None while it runs.

    `started_by` is the ARN of the execution that started it, "" for none. `item` says that it is one of a
    distributed Map. `events` is the number of its events.
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
