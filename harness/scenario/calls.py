"""What AWS calls a scenario expects: typed descriptions only; `harness.expect.calls` compares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, model_validator

from harness.scenario.base import Model
from harness.scenario.matcher import Count, Matcher
from harness.scenario.position import RefusedError

_CALL = re.compile(r"([a-z0-9-]+):([A-Z][A-Za-z0-9]*)")


def _call(text: str) -> str:
    if not _CALL.fullmatch(text):
        raise RefusedError(f"{text!r} is no AWS call", "write service:Operation, such as s3:ListObjectsV2")
    return text


AwsCall = Annotated[str, AfterValidator(_call)]


class CallLike(Model):
    """What an AWS call is like; what is not written may be anything."""

    call: AwsCall | None = Field(
        default=None,
        description="`service:Operation`, such as `s3:ListObjectsV2`; the service as boto3 or IAM calls it.",
    )
    function: str = Field(
        default="",
        description="Made by this function, by logical id; of `lambda:Invoke` by a state: it invokes this.",
    )
    state: str = Field(default="", description="Made in this state, or by a function that it invoked.")
    bucket: str = Field(
        default="",
        description="Its parameter `Bucket` is this, else what it is given names it as `bucket`.",
    )
    params: Mapping[str, Any] = Field(
        default={}, description="It has these parameters, and maybe others; so do mappings in them."
    )
    error: Matcher | None = Field(default=None, description="It failed, and its error's code is like this.")
    succeeded: bool | None = Field(default=None, description="Whether it succeeded.")
    attempts: Count | None = Field(
        default=None, description="How often the client sent it: 1 is at the first try, others are retries."
    )


class OrderedCall(CallLike):
    """A call that comes after another one."""

    call: AwsCall = Field(
        description="`service:Operation`, such as `s3:ListObjectsV2`; the service as boto3 or IAM calls it."
    )

    short_schema: ClassVar[dict[str, Any] | None] = {"type": "string"}
    wants: ClassVar[str] = "service:Operation, or a mapping with call"

    @classmethod
    def long_form(cls, value: Any) -> Any:
        """`{"call": call}` for a bare call."""
        return {"call": value} if isinstance(value, str) else value


class ExpectedCalls(CallLike):
    """How many AWS calls are like this, or in what order calls came."""

    count: Count | None = Field(default=None, description="How many calls are like this; else at least one.")
    order: Annotated[tuple[OrderedCall, ...], Field(min_length=2)] | None = Field(
        default=None,
        description="Instead of `call`: these calls came in this order; others may have come between them. "
        "The other keys are then about each of them.",
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> ExpectedCalls:
        if (self.call is None) == (self.order is None):
            both = "both call and order" if self.call else "neither call nor order"
            raise RefusedError(f"the entry has {both}", "give one of them")
        if self.order is not None and self.count is not None:
            raise RefusedError("an order has no count", "give the count with call in an entry of its own")
        return self
