"""Errors of executions: AWS's names, and the two stages in which they occur here.

A `QueryError` is raised while a path, an expression or a function is evaluated, by code that does not know
which state asked. The state's runner turns it into a `StateFailure`, which Retry and Catch can see.
"""

from __future__ import annotations

from typing import Final

from harness.json_types import JsonObject

ALL: Final = "States.ALL"
DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"
EXCEED_TOLERATED_FAILURE_THRESHOLD: Final = "States.ExceedToleratedFailureThreshold"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
INTRINSIC_FAILURE: Final = "States.IntrinsicFailure"
ITEM_READER_FAILED: Final = "States.ItemReaderFailed"
QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"
RESULT_PATH_MATCH_FAILURE: Final = "States.ResultPathMatchFailure"
RESULT_WRITER_FAILED: Final = "States.ResultWriterFailed"
RUNTIME: Final = "States.Runtime"
TASK_FAILED: Final = "States.TaskFailed"
TIMEOUT: Final = "States.Timeout"


class QueryError(Exception):
    """Something in a state's definition cannot be evaluated against its data.

    Attributes:
        error: AWS's error name.
        message: the cause, without the sentence that names the state.
        location: for JSONata, the field as EvaluationFailed shows it, e.g. `Output/result`.
        follows_entry: EvaluationFailed follows the state's entry; else what led to the state.
    """

    def __init__(
        self,
        message: str,
        error: str = RUNTIME,
        location: str | None = None,
        *,
        follows_entry: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error = error
        self.location = location
        self.follows_entry = follows_entry


class IndexBeyondArray(QueryError):
    """A path names an index that an array does not have, which AWS takes for null in payload templates."""


class StateFailure(Exception):
    """A state failed.

    Attributes:
        error: the error name that Retry and Catch match; None when a Fail state gives none.
        cause: the explanation, None when there is none.
        fatal: nothing catches it: States.Runtime, a full history.
        beyond_all: States.ALL and States.TaskFailed do not match it, its own name does.
        also: a second name that Retry and Catch may use for it.
    """

    def __init__(
        self,
        error: str | None,
        cause: str | None,
        *,
        fatal: bool = False,
        beyond_all: bool = False,
        also: str | None = None,
    ) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.fatal = fatal
        self.beyond_all = beyond_all
        self.also = also

    def matches(self, error_equals: tuple[str, ...]) -> bool:
        """Return whether a Retrier or Catcher with these ErrorEquals takes this failure."""
        if self.fatal:
            return False
        if self.error in error_equals or self.also in error_equals:
            return True
        if self.beyond_all:
            return False
        if ALL in error_equals:
            return True
        return TASK_FAILED in error_equals and self.error != TIMEOUT

    @property
    def output(self) -> JsonObject:
        """The Error Output that a Catcher receives."""
        return {"Error": self.error or "", "Cause": self.cause or ""}


class SentFailure(StateFailure):
    """A failure that somebody sent with a task token: as recorded, what they did not give is null."""

    @property
    def output(self) -> JsonObject:
        """The Error Output that a Catcher receives."""
        return {"Error": self.error, "Cause": self.cause}
