"""The bucket that a payload is about: the one rule for the bucket of an invocation, a task or a call."""

from __future__ import annotations

from collections.abc import Mapping


def bucket_of(payload: object) -> str:
    """The bucket that a function's event, or the parameters of a task, name as `bucket` or `Bucket`; else "".

    Of `lambda:invoke` it is the one in `Payload`.

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
    """The bucket of a call: its parameter `Bucket`, else the one that the payload of its maker names."""
    bucket = params.get("Bucket")
    return bucket if isinstance(bucket, str) else bucket_of(payload)
