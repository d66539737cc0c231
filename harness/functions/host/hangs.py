"""The error of a function that does not come to an end."""

from __future__ import annotations

import json

from ..shared.model import Invocation
from ..shared.payloads import bucket_of

_LOG_LINES = 40


class FunctionHangs(Exception):
    """A function does not come to an end; the message says which one, why, what to do, and what it wrote."""


def described(why: str, invocation: Invocation) -> str:
    """Describe the end of an invocation that hung; `why` says by which limit."""
    try:
        bucket = bucket_of(json.loads(invocation.payload))
    except (ValueError, RecursionError):
        bucket = ""
    of = [f"bucket {bucket}"] if bucket else []
    of += [f"state {invocation.state}"] if invocation.state else []
    place = f" ({', '.join(of)})" if of else ""
    lines = invocation.log.splitlines()
    left_out = len(lines) - _LOG_LINES
    shown = [f"({left_out} lines before that)"] if left_out > 0 else []
    shown += lines[-_LOG_LINES:]
    return "\n".join(
        [
            f"the function {invocation.function}{place} hangs: {why}; if it needs that long, raise `hang` in "
            "[tool.harness] of pyproject.toml. Its log until then:",
            *(f"  {line}" for line in shown),
        ]
    )
