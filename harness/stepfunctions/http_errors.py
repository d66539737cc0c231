"""HTTP Task errors."""

from __future__ import annotations

from typing import Final

from harness.functions.host.http_reading import phrase
from harness.states import TaskFailed

SOCKET: Final = "States.Http.Socket"
NO_ANSWER: Final = TaskFailed(SOCKET, "Connection reset")


def of_status(status: int | str, body: str) -> TaskFailed:
    """Return the failure of a task whose host responded with an error."""
    return TaskFailed(f"States.Http.StatusCode.{status}", body or phrase(int(status)))
