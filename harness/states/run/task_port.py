"""The interface between the interpreter and tasks. A port starts real work for each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harness.json_types import Json

from ..time.work import Work


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """One attempt at a Task state.

    Attributes:
        resource: the state's Resource.
        parameters: the value of Parameters or Arguments, or the state's input.
        attempt: 0 for the first attempt, increased by 1 with each retry.
        task_token: the token that the parameters contain, or None.
        timeout_s: the state's TimeoutSeconds.
        credentials: the state's Credentials.
        iterations: the enclosing iterations of inline Maps: `Map[3]/`.
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
        """The name shared by all attempts of the task. Tasks that run in parallel have different names."""
        return f"{self.execution_arn} {self.iterations}{self.state_name}"


class TaskPort(Protocol):
    """Starts tasks. It must not block: long-running work runs in the port's own threads or processes."""

    def start(self, request: TaskRequest) -> Work:
        """Start an attempt."""
