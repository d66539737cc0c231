"""The error for a function that hangs."""

from __future__ import annotations

import json

from ..shared.model import Invocation
from ..shared.payloads import bucket_of

_LOG_LINES = 40


class FunctionHangs(Exception):
    """A function hangs; the message contains its name, the cause, the remedy, and its log."""


def described(why: str, invocation: Invocation) -> str:
    """Describe an invocation that hung; `why` describes the limit."""
    try:
        bucket = bucket_of(json.loads(invocation.payload))
    except (ValueError, RecursionError):
        bucket = ""
    of = [f"bucket {bucket}"] if bucket else []
    of += [f"state {invocation.state}"] if invocation.state else []
    place = f" ({', '.join(of)})" if of else ""
    lines = invocation.log.splitlines()
    left_out = len(lines) - _LOG_LINES
    shown = [f"({left_out} earlier lines)"] if left_out > 0 else []
    shown += lines[-_LOG_LINES:]
    return "\n".join(
        [
            f"the function {invocation.function}{place} hangs: {why}; if it needs that much time, raise "
            "`hang` in [tool.harness] of pyproject.toml. Its log so far:",
            *(f"  {line}" for line in shown),
        ]
    )
