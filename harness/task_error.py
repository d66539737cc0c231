"""The error that a stand-in written in Python raises, for the task to fail with it."""

from __future__ import annotations


class TaskError(Exception):
    """The failure of a task: `error` as Retry and Catch name it, such as `ECS.ServerException`."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}" if cause else error)
        self.error = error
        self.cause = cause
