"""One-line descriptions of AWS calls, for mismatches and reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.expect.wording import counted
from harness.functions.shared.model import Call
from harness.observe.model import SeenCall

TEXT_LIMIT = 100


def called(call: Call | SeenCall) -> str:
    """Return a call with its parameters and result: `s3:ListObjectsV2 Bucket=photos: 403 AccessDenied`."""
    return f"{named(call)}: {ended(call)}"


def named(call: Call | SeenCall) -> str:
    """Return a call with its parameters: `s3:ListObjectsV2 Bucket=photos`."""
    return f"{call.service}:{call.operation} {parameters_of(call)}".strip()


def ended(call: Call | SeenCall) -> str:
    """Return a call's result: `200`, `503 SlowDown, 3 attempts, fault`."""
    answer = [str(call.status)] if call.status is not None else []
    if call.error is not None:
        answer.append(call.error or "an error without a name")
    if not answer:
        answer = [call.outcome if isinstance(call, SeenCall) else "succeeded"]
    parts = [" ".join(answer)]
    if call.attempts > 1:
        parts.append(counted(call.attempts, "attempt"))
    if call.injected or call.faults:
        parts.append("fault")
    return ", ".join(parts)


def placed(call: SeenCall) -> str:
    """Return the caller, state and time of a call: `StoreFunction in Store at 00:00:30.200`."""
    parts = [call.function] if call.function else []
    if call.state:
        parts.append(f"in {call.state}" if parts else call.state)
    parts.append(f"at {call.at:%H:%M:%S}.{call.at.microsecond // 1000:03}")
    return " ".join(parts)


def parameters_of(call: Call | SeenCall) -> str:
    """Return short string parameters and table names: `Bucket=photos Prefix=a/`. ARNs are shortened."""
    return " ".join(f"{name}={value}" for name, value in _short(call.params))


def _short(params: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        if isinstance(value, str) and len(value) <= TEXT_LIMIT and "\n" not in value:
            yield name, _end(value)
        elif name == "RequestItems" and isinstance(value, Mapping):  # DynamoDB batches, by table
            yield name, ",".join(_end(str(table)) for table in value)


def _end(text: str) -> str:
    """Return the distinctive part of an ARN: everything after the resource type."""
    if not text.startswith("arn:"):
        return text
    rest = text.split(":", 5)[-1]
    kind, _, name = rest.partition(":")
    return name if kind in ("execution", "function", "stateMachine") else rest
