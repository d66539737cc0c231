"""Failures that are made to happen: of an AWS call, of a task, or of a function.

What must fit together in an entry is in `fault_rules`; the names come from `aws_names`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from harness.scenario.base import Model, Positive, Seconds
from harness.scenario.position import RefusedError
from harness.service_names import capitalized

Target = Literal["call", "service", "function"]
When = Literal["before", "after"]

_CALL = re.compile(r"([a-z0-9-]+):([A-Z][A-Za-z0-9]*)")
_SERVICE = re.compile(r"[a-z0-9-]+:[a-z][A-Za-z0-9]*(:[a-z][A-Za-z0-9]*)?")
_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Kind(NamedTuple):
    """What a fault does: its key, the targets that it fits, and the keys that go with it."""

    key: str
    targets: tuple[Target, ...]
    with_keys: tuple[str, ...] = ()


KINDS = (
    Kind("error", ("call", "service"), ("message",)),
    Kind("cut", ("call", "service")),
    Kind("delay", ("call", "service", "function")),
    Kind("partial", ("call",)),
    Kind("stale", ("call",)),
    Kind("raises", ("function",), ("when", "message")),
    Kind("ends", ("function",), ("when",)),
    Kind("twice", ("function",)),
)
CHOICES = ("nth", "first", "from")
"""The keys that say which of those that fit fail; at most one of them."""


def _call(text: str) -> str:
    if not _CALL.fullmatch(text):
        raise RefusedError(f"{text!r} is no AWS call", "write service:Operation, such as s3:ListObjectsV2")
    return text


def _service(text: str) -> str:
    if not _SERVICE.fullmatch(text):
        raise RefusedError(
            f"{text!r} is no service of a Task state",
            "write it as the state's Resource has it, such as sns:publish or aws-sdk:s3:listObjectsV2",
        )
    return text


def _class_name(text: str) -> str:
    if not _CLASS.fullmatch(text):
        raise RefusedError(f"{text!r} is no name of an exception", "write its class, such as ValueError")
    return text


def _yes(value: Any) -> Any:
    if value is not True:
        raise RefusedError("this is either true or not there", "write true, or remove the key")
    return value


def _some_time(seconds: float) -> float:
    if not seconds:
        raise RefusedError("a delay of no time does nothing", "write more, or remove the fault")
    return seconds


def _something(members: Mapping[str, Any]) -> Mapping[str, Any]:
    if not members:
        raise RefusedError("an answer without old members is not old", "name members of the answer")
    return members


ServiceCall = Annotated[str, AfterValidator(_service)]
AwsCall = Annotated[str, AfterValidator(_call)]
_Exception = Annotated[str, AfterValidator(_class_name)]
_True = Annotated[bool, BeforeValidator(_yes), WithJsonSchema({"$comment": "`true`", "const": True})]
_Delay = Annotated[Seconds, AfterValidator(_some_time)]
_Members = Annotated[Mapping[str, Any], AfterValidator(_something)]


class FaultSpec(Model):
    """A failure that is made to happen: of an AWS call, of a task of a state machine, or of a function.

    One target (`call`, `service`, or `function` alone), filters, which of those that fit, and what happens.
    """

    call: AwsCall | None = Field(
        default=None,
        description="Calls that functions make: `service:Operation`, such as `s3:ListObjectsV2`.",
    )
    service: ServiceCall | None = Field(
        default=None,
        description="Tasks, as in a state's Resource: `sns:publish`; for any function `lambda:invoke`.",
    )
    function: str = Field(
        default="",
        description="Invocations of this function, by logical id; beside call or `lambda:invoke` a filter.",
    )
    state: str = Field(default="", description="Only what happens in the state of this name.")
    bucket: str = Field(
        default="", description="Only what is for this bucket: by a parameter, or by the payload's `bucket`."
    )
    params: Mapping[str, Any] = Field(default={}, description="Only calls or tasks with these parameters.")
    nth: Positive | None = Field(
        default=None,
        description="Only the n-th that fits, counted in each state of each execution by itself.",
    )
    first: Positive | None = Field(default=None, description="Only the first n that fit; counted likewise.")
    from_: Positive | None = Field(
        default=None, alias="from", description="Only the n-th that fits and all after it; counted likewise."
    )
    error: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="Of call and service: it fails with this error code, such as `AccessDenied`.",
    )
    cut: When | None = Field(
        default=None,
        description="Of call and service: the connection breaks, before or after the request took effect.",
    )
    delay_s: _Delay | None = Field(default=None, alias="delay", description="It takes so much longer.")
    partial: _True | None = Field(
        default=None, description="Of call: a batch leaves items unprocessed, a listing ends its page early."
    )
    stale: _Members | None = Field(
        default=None,
        description="Of call: the answer's members as they were before; to lists it is added, null removes.",
    )
    raises: _Exception | None = Field(
        default=None, description="Of function: it raises this exception, such as `ValueError`."
    )
    ends: Literal["timeout", "memory", "exit", "too-large"] | None = Field(
        default=None, description="Of function: how Lambda ends it, or that its answer exceeds the limit."
    )
    twice: _True | None = Field(
        default=None,
        description="Of function: one invocation does its work twice; the second answer counts.",
    )
    when: When | None = Field(
        default=None, description="Of raises and ends: before the function's work, or after it; else before."
    )
    message: str = Field(default="", description="The message of error or raises.")

    @property
    def target(self) -> Target:
        """What fails."""
        return "call" if self.call else "service" if self.service else "function"

    @property
    def kind(self) -> str:
        """What happens: the key of one of KINDS."""
        given = {field.alias or name for name, field in type(self).model_fields.items()
                 if name in self.model_fields_set}  # fmt: skip
        return next(kind.key for kind in KINDS if kind.key in given)

    @property
    def api(self) -> tuple[str, str]:
        """Service and operation of a call or a task: `("s3", "ListObjectsV2")`, `("aws-sdk:s3", ...)`."""
        service, _, operation = (self.call or self.service or "").rpartition(":")
        return service, capitalized(operation)

    @property
    def which(self) -> tuple[int, int | None]:
        """The first and the last of those that fit, counted from 1; None for all from the first on."""
        if self.nth is not None:
            return self.nth, self.nth
        return (1, self.first) if self.first is not None else (self.from_ or 1, None)
