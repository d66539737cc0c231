"""Patterns for AWS calls, and comparison of calls with patterns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from harness.expect.matcher import clauses, unmet
from harness.expect.values import compact, same
from harness.expect.wording import counted, joined, quoted
from harness.functions.shared.sizes import cut
from harness.json_types import Json
from harness.observe.model import SeenCall
from harness.scenario.base import FunctionId, Model
from harness.scenario.faults import AwsCall
from harness.scenario.matcher import Count, Matcher
from harness.service_names import boto3_name


class CallLike(Model):
    """A pattern for an AWS call. Omitted keys match anything."""

    call: AwsCall | None = Field(
        default=None,
        description="`service:Operation`, such as `s3:ListObjectsV2`. Use the service name in boto3 or IAM.",
    )
    function: FunctionId = Field(
        default="",
        description="Logical ID of the function that made the call, or that `lambda:Invoke` invoked.",
    )
    state: str = Field(
        default="", description="The state that made the call, or that invoked the function that made it."
    )
    bucket: str = Field(
        default="",
        description="Matches the parameter `Bucket`. If it is absent, matches the field `bucket` in the "
        "function's payload.",
    )
    params: Mapping[str, object] = Field(
        default={},
        description="Parameters that the call contains. Others are allowed, including in nested mappings.",
    )
    error: Matcher | None = Field(default=None, description="Matches the error code of a call that failed.")
    succeeded: bool | None = Field(
        default=None, description="True for a call that succeeded, false for one that failed."
    )
    attempts: Count | None = Field(
        default=None, description="Number of attempts by the client, including retries."
    )


class OrderedCall(CallLike):
    """A call in an ordered list of calls."""

    call: AwsCall = Field(
        description="`service:Operation`, such as `s3:ListObjectsV2`. Use the service name in boto3 or IAM."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "string"}
    wants: ClassVar[str] = "service:Operation, or a mapping with call"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare call into `{"call": call}`."""
        return {"call": value} if isinstance(value, str) else value


def unlike(wanted: CallLike, seen: SeenCall) -> tuple[str, ...]:
    """Return predicates for the differences between a call and the pattern, including the call's name."""
    return tuple(_differences(wanted, seen))


def _differences(wanted: CallLike, seen: SeenCall) -> Iterator[str]:
    if wanted.call is not None and not is_call(wanted, seen):
        yield f"is {seen.service}:{seen.operation}"
    if wanted.function not in ("", seen.function, seen.invokes):
        yield f"its function is {seen.function or seen.invokes or 'none'}"
    for name, asked, found in (
        ("state", wanted.state, seen.state),
        ("bucket", wanted.bucket, seen.bucket),
    ):
        if asked not in ("", found):
            yield f"its {name} is {found or 'none'}"
    for name, value in wanted.params.items():
        key = next((k for k in seen.params if k.lower() == name.lower()), None)
        if key is None:
            yield f"it has no {name}"
        elif not _holds(cut(value), seen.params[key]):
            yield f"its {name} is {quoted(_shown(seen.params[key]))}"
    if wanted.error is not None:
        if seen.error is None:
            yield "it did not fail"
        elif reasons := unmet(wanted.error, seen.error):
            yield f"its error {' and '.join(reasons)}"
    if wanted.succeeded is not None and wanted.succeeded != (seen.outcome == "succeeded"):
        yield f"it {seen.outcome}" if seen.outcome != "unknown" else "its result is unknown"
    if wanted.attempts is not None and seen.attempts not in wanted.attempts:
        yield f"it was sent {counted(seen.attempts, 'time')}"


def named(wanted: CallLike) -> str:
    """Return a one-line description of an entry: `s3:ListObjectsV2 (bucket photos, attempts at least 2)`."""
    asked = ", ".join(_clauses(wanted))
    return f"{wanted.call} ({asked})" if asked else str(wanted.call)


def _clauses(wanted: CallLike) -> Iterator[str]:
    """Return a pattern's parts for its one-line description, without the call's name."""
    for name in ("function", "state", "bucket"):
        if value := getattr(wanted, name):
            yield f"{name} {value}"
    for name, value in wanted.params.items():
        yield f"{name} {quoted(_shown(value))}"
    if wanted.error is not None:
        equals = wanted.error.equals
        yield f"error {joined(clauses(wanted.error)) if equals is None else equals}"
    if wanted.succeeded is not None:
        yield "succeeded" if wanted.succeeded else "not succeeded"
    if wanted.attempts is not None:
        yield f"attempts {wanted.attempts}"


def is_call(wanted: CallLike, seen: SeenCall) -> bool:
    """Return whether the call has the expected service and operation."""
    service, _, operation = str(wanted.call).partition(":")
    return operation == seen.operation and boto3_name(service) == boto3_name(seen.service)


def _holds(wanted: object, seen: object) -> bool:
    """Return whether `seen` equals `wanted`, or is a mapping that contains each member of `wanted`."""
    if isinstance(wanted, Mapping) and isinstance(seen, Mapping):
        return all(name in seen and _holds(value, seen[name]) for name, value in wanted.items())
    return same(wanted, seen)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else compact(value)
