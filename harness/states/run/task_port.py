"""The way that tasks leave the interpreter: a port starts real work for each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harness.json_types import Json

from ..time.work import Work


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """One attempt of a Task state.

    Attributes:
        resource: the state's Resource.
        parameters: the value of Parameters or Arguments, or the state's input.
        attempt: 0, then 1 more for each retry.
        task_token: the token that the parameters carry; None when nothing has asked for it.
        timeout_s: the state's TimeoutSeconds.
        credentials: the state's Credentials.
        iterations: the iterations of inline Maps that it is in: `Map[3]/`.
    """

    resource: str
    parameters: Json
    execution_arn: str
    state_name: str
    attempt: int
    task_token: str | None = None
    timeout_s: float | None = None
    credentials: Json = None
    iterations: str = ""

    @property
    def lane(self) -> str:
        """The name that it shares with the attempts before and after it, and with no task beside it."""
        return f"{self.execution_arn} {self.iterations}{self.state_name}"


class TaskPort(Protocol):
    """Starts tasks. It must not block: long work runs in threads or processes of the port's."""

    def start(self, request: TaskRequest) -> Work:
        """Start an attempt."""
