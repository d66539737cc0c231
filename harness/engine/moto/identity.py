"""GetCallerIdentity of a function: the session of its role.

Patched: `TokenResponse.get_caller_identity` (moto.sts.responses), which takes every caller with made-up keys
for an IAM user. A function's calls name their invocation, which knows its role.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from harness.functions.shared.model import INVOCATION_HEADER, FunctionConfig


class Invokers:
    """The functions that are running, by the ids of their invocations."""

    def __init__(self) -> None:
        self._running: dict[str, FunctionConfig] = {}

    @contextmanager
    def running(self, request_id: str, config: FunctionConfig) -> Iterator[None]:
        """Know the maker of calls while its invocation runs."""
        self._running[request_id] = config
        try:
            yield
        finally:
            self._running.pop(request_id, None)

    def identity(self, request_id: str) -> dict[str, str] | None:
        """Give the answer of GetCallerIdentity for a call of this invocation; None when it does not run."""
        config = self._running.get(request_id)
        if config is None:
            return None
        return identity_of(config)


def identity_of(config: FunctionConfig) -> dict[str, str]:
    """Give who a function is for AWS: a session of its role that has the function's name."""
    _, partition, *_, account, role = config.role_arn.split(":", 5)
    name = role.rpartition("/")[2]
    unique = "AROA" + hashlib.sha256(config.role_arn.encode()).hexdigest()[:17].upper()
    return {
        "UserId": f"{unique}:{config.name}",
        "Account": account,
        "Arn": f"arn:{partition}:sts::{account}:assumed-role/{name}/{config.name}",
    }


def install(invokers: Invokers) -> None:
    """Let functions see their roles."""
    patched: Any = TokenResponse
    answer = patched.get_caller_identity

    @functools.wraps(answer)
    def get_caller_identity(self: TokenResponse) -> Any:
        identity = invokers.identity(self.headers.get(INVOCATION_HEADER, ""))
        return answer(self) if identity is None else ActionResult(identity)

    patched.get_caller_identity = get_caller_identity
