"""API error responses."""

from __future__ import annotations

from harness.constraints import detected


class ApiError(Exception):
    """An API error, with AWS's name and message.

    Attributes:
        code: e.g. `StateMachineDoesNotExist`.
        message: AWS's message.
        status: the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def validation_error(*problems: str) -> ApiError:
    """Return the error for parameters that the API model does not allow."""
    return ApiError("ValidationException", detected(problems))
