"""Stand-ins for services that functions call: the responses that an SDK returns instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from harness.scenario.base import (
    FIRST,
    FROM,
    NTH,
    OF_RUN,
    FunctionId,
    Model,
    Positive,
    RunName,
    Seconds,
    which,
)
from harness.scenario.faults import AwsCall, api_of
from harness.scenario.results.check import Mode

_Code = Annotated[str, Field(min_length=1)] | None
_RESULT: Any = Field(
    default=None,
    description="The response to the call, with the member names of the API. Blobs can be written as JSON.",
)
_ERROR: Any = Field(
    default=None, description="The error code with which the call fails, such as `ThrottlingException`."
)
_MESSAGE: Any = Field(default="", description="The error's message.")
_TAKES: Any = Field(default=0.0, alias="takes", description="Delay on the function's clock. Default: none.")


class CallAnswer(Model):
    """A response or an error for a call."""

    result: Any = _RESULT
    error: _Code = _ERROR
    message: str = _MESSAGE
    takes_s: Seconds = _TAKES
    times: Positive = Field(default=1, description="Number of consecutive calls.")


class CallSpec(Model):
    """A stand-in for a service. It responds to calls from functions. The first matching entry applies."""

    call: AwsCall = Field(description="Calls, written as in `faults`: `bedrock-runtime:InvokeModel`.")
    function: FunctionId = Field(default="", description="Only calls from this function, by logical ID.")
    run: RunName = OF_RUN
    state: str = Field(default="", description="Only calls from functions that this state invokes.")
    params: Mapping[str, Any] = Field(default={}, description="Only calls with these parameters.")
    nth: Positive | None = NTH
    first: Positive | None = FIRST
    from_: Positive | None = FROM
    result: Any = _RESULT
    error: _Code = _ERROR
    message: str = _MESSAGE
    takes_s: Seconds = _TAKES
    results: tuple[CallAnswer, ...] = Field(
        default=(),
        description="Responses to consecutive calls. Calls after the last response are sent to the service.",
    )
    validation: Mode = Field(
        default="STRICT", description="Validation of results against AWS's API model, as in `tasks`."
    )

    @property
    def answers(self) -> tuple[tuple[CallAnswer, tuple[int, int | None]], ...]:
        """Return the answers, each with its first and last call, counted from 1. None: no limit."""
        if not self.results:
            given = ("result", "error", "message", "takes_s")
            own = CallAnswer.model_construct(None, **{name: getattr(self, name) for name in given})
            return ((own, which(self.nth, self.first, self.from_)),)
        found, begin = [], 1
        for answer in self.results:
            found.append((answer, (begin, begin + answer.times - 1)))
            begin += answer.times
        return tuple(found)

    @property
    def api(self) -> tuple[str, str]:
        """The service and the operation."""
        return api_of(self.call)
