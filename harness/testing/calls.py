"""Builders for AWS calls and the invocations that make them."""

from __future__ import annotations

from collections.abc import Mapping

from harness.functions.shared.model import Call, FunctionError, Invocation
from harness.json_types import Json
from harness.observe.model import SeenCall
from harness.testing.clock import START, at


def a_call(api: str, error: str | None = None, /, *, at_s: float = 0, **params: object) -> Call:
    """Return an AWS call made by a function: `a_call("s3:ListObjectsV2", "SlowDown", Bucket="photos")`.

    Its status is 200, or 400 with an error. Set other members with `dataclasses.replace`.
    """
    service, _, operation = api.partition(":")
    status = 200 if error is None else 400
    return Call(service, operation, params, status, error, at_s=START.timestamp() + at_s)


def an_invocation(
    function: str,
    *calls: Call,
    payload: str = "{}",
    result: str = "{}",
    error: str | FunctionError | None = None,
    log: str = "",
    at_s: float = 0,
    duration_s: float = 0.1,
    request_id: str = "request-1",
    role_arn: str = "",
    execution_arn: str = "",
    state: str = "",
    attempt: int = 0,
) -> Invocation:
    """Return an invocation of the function with this deployed name, and the calls that it made.

    `payload` and `result` are JSON text. `error` is the exception that it raised: `"ValueError: no such
    order"`.
    """
    if isinstance(error, str):
        kind, _, message = error.partition(": ")
        error = FunctionError(kind, message)
    return Invocation(
        request_id=request_id,
        function=function,
        payload=payload,
        result=result,
        error=error,
        log=log,
        started_at=START.timestamp() + at_s,
        duration_s=duration_s,
        role_arn=role_arn,
        calls=calls,
        execution_arn=execution_arn,
        state=state,
        attempt=attempt,
    )


def a_seen_call(
    api: str,
    error: str | None = None,
    /,
    *,
    at_s: float = 0,
    params: Mapping[str, Json] | None = None,
    status: int | None = None,
    attempts: int = 1,
    execution: str = "",
    state: str = "",
    bucket: str = "",
    function: str = "",
    resource: str = "",
    invokes: str = "",
    injected: bool = False,
) -> SeenCall:
    """Return a call in the format of `Observation.calls`, for tests without invocations and histories."""
    service, _, operation = api.partition(":")
    return SeenCall(
        service=service,
        operation=operation,
        params=params or {},
        at=at(at_s),
        outcome="succeeded" if error is None else "failed",
        status=status,
        error=error,
        attempts=attempts,
        execution=execution,
        state=state,
        bucket=bucket,
        function=function,
        resource=resource,
        invokes=invokes,
        injected=injected,
    )
