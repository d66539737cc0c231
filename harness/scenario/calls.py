"""Stand-ins for services that functions call: what an SDK answers in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from harness.scenario.base import OF_RUN, FunctionId, Model, Positive, RunName, Seconds, which
from harness.scenario.faults import AwsCall, api_of
from harness.scenario.results.check import Mode

_Code = Annotated[str, Field(min_length=1)] | None
_RESULT: Any = Field(
    default=None, description="The call's answer, with the members that the API has; a blob may be JSON."
)
_ERROR: Any = Field(
    default=None, description="The error code that the call fails with, such as `ThrottlingException`."
)
_MESSAGE: Any = Field(default="", description="The error's message.")
_TAKES: Any = Field(default=0.0, alias="takes", description="Time on the function's clock. Default: none.")


class CallAnswer(Model):
    """An answer, or an error, of a call."""

    result: Any = _RESULT
    error: _Code = _ERROR
    message: str = _MESSAGE
    takes_s: Seconds = _TAKES
    times: Positive = Field(default=1, description="So many times in a row.")


class CallSpec(Model):
    """A stand-in for a service: it answers calls that functions make. The first entry that fits decides."""

    call: AwsCall = Field(description="Calls as in `faults`: `bedrock-runtime:InvokeModel`.")
    function: FunctionId = Field(default="", description="Only calls of this function, by logical id.")
    run: RunName = OF_RUN
    state: str = Field(default="", description="Only calls of functions that this state invokes.")
    params: Mapping[str, Any] = Field(default={}, description="Only calls with these parameters.")
    nth: Positive | None = Field(
        default=None,
        description="Only the n-th that fits, counted in each state of each execution by itself.",
    )
    first: Positive | None = Field(default=None, description="Only the first n that fit; counted likewise.")
    from_: Positive | None = Field(
        default=None, alias="from", description="Only the n-th that fits and all after it; counted likewise."
    )
    result: Any = _RESULT
    error: _Code = _ERROR
    message: str = _MESSAGE
    takes_s: Seconds = _TAKES
    results: tuple[CallAnswer, ...] = Field(
        default=(),
        description="Answers to one call after another; what comes after the last one goes to the service.",
    )
    validation: Mode = Field(
        default="STRICT", description="How a result is compared with AWS's model of it, as in `tasks`."
    )

    @property
    def answers(self) -> tuple[tuple[CallAnswer, tuple[int, int | None]], ...]:
        """The answers, each with the first and the last call that gets it, counted from 1; None: no last."""
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
        """Service and operation."""
        return api_of(self.call)
