"""Execution errors: AWS's error names, and the interpreter's two exception classes for failures.

Code that evaluates a path, an expression or a function raises a `QueryError`. That code does not know which
state it belongs to, so the code that runs the state converts the error to a `StateFailure`, which Retry and
Catch can match.
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
    """A part of a state's definition cannot be evaluated against its data.

    Attributes:
        error: AWS's error name.
        message: the cause, without the introductory sentence that names the state.
        location: for JSONata, the field as EvaluationFailed shows it, e.g. `Output/result`.
        follows_entry: true if the EvaluationFailed event follows the event that entered the state, false if
            it follows the event before that.
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
    """A path has an index beyond the end of an array. In payload templates, AWS evaluates such a path to
    null.
    """


class StateFailure(Exception):
    """A state failed.

    Attributes:
        error: the error name that Retry and Catch match; None if a Fail state has no error name.
        cause: the explanation, or None.
        fatal: true if no Retrier or Catcher can handle it: States.Runtime, or a history that has reached its
            maximum length.
        beyond_all: true if it is matched only by its exact name, not by States.ALL or States.TaskFailed.
        also: a second name that Retry and Catch can match.
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
        """Return whether a Retrier or Catcher with this ErrorEquals list matches the failure."""
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
    """A failure that a caller reported with a task token. An omitted field is null, as recorded on AWS."""

    @property
    def output(self) -> JsonObject:
        """The Error Output that a Catcher receives."""
        return {"Error": self.error, "Cause": self.cause}
