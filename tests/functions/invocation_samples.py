"""Invocation requests, as the host sends them."""

from __future__ import annotations

from typing import Any

from harness.functions.shared.channel import InvocationRequest


def a_request(**fields: Any) -> InvocationRequest:
    """A request in real time and without faults; these fields override the defaults."""
    usual: InvocationRequest = {
        "client_context": "",
        "request_id": "id",
        "invoked_arn": "",
        "now_s": None,
        "sleep_url": "",
        "faults": [],
        "bucket": "",
        "environment": 1,
        "number": 1,
        "world": 0,
        "hang_s": 120,
        "measures": None,
        "breaks": [],
    }
    return {**usual, **fields}  # type: ignore[typeddict-item]
