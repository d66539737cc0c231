"""The error that a Python stand-in raises to make its task fail."""

from __future__ import annotations


class TaskError(Exception):
    """A task failure. `error` is the name for Retry and Catch, such as `ECS.ServerException`."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}" if cause else error)
        self.error = error
        self.cause = cause
