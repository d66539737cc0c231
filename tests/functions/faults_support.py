"""Faults, in as few words as tests need."""

from __future__ import annotations

from typing import Any

from harness.functions.model import Fault


def of_call(kind: str, call: str, **fields: Any) -> Fault:
    """A fault of an AWS call, named as in `s3:ListBuckets`; what Fault has no field for is its argument."""
    service, _, operation = call.partition(":")
    own, arguments = _apart(fields)
    return Fault(kind, "call", service, operation, arguments=arguments, **own)


def of_function(kind: str, **fields: Any) -> Fault:
    """A fault of a function's invocation."""
    own, arguments = _apart(fields)
    return Fault(kind, "invocation", arguments=arguments, **own)


def _apart(fields: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    known = Fault.__dataclass_fields__
    own = {name: value for name, value in fields.items() if name in known}
    return own, {name: value for name, value in fields.items() if name not in known}
