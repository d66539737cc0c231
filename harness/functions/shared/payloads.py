"""The bucket in a payload. The same rule determines the bucket of an invocation, a task or a call."""

from __future__ import annotations

from collections.abc import Mapping


def bucket_of(payload: object) -> str:
    """Return the `bucket` or `Bucket` in a function's event or a task's parameters, or "".

    For `lambda:invoke` it is the bucket in `Payload`.

    >>> bucket_of({"FunctionName": "list", "Payload": {"bucket": "photos"}})
    'photos'
    """
    if not isinstance(payload, Mapping):
        return ""
    inner = payload.get("Payload") if "FunctionName" in payload else None
    given = inner if isinstance(inner, Mapping) else payload
    named = (given.get("bucket"), given.get("Bucket"))
    return next((name for name in named if isinstance(name, str)), "")


def bucket_of_call(params: Mapping[str, object], payload: object) -> str:
    """Return the bucket of a call: its parameter `Bucket`, or the bucket in its caller's payload."""
    bucket = params.get("Bucket")
    return bucket if isinstance(bucket, str) else bucket_of(payload)
