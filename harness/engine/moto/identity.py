"""Callers: the account that a key belongs to, and GetCallerIdentity for functions.

For a function, GetCallerIdentity returns the session of its role.

Patched:
- `TokenResponse.get_caller_identity` (moto.sts.responses), which treats every caller with fake keys as an
  IAM user. Function calls identify their invocation, whose role is known.
- `random_session_token` (moto.sts.models), `get_session_token` and `get_federation_token`, so that the keys
  for an assumed role include the engine's token. Without the token, these keys would be rejected.
- `BaseResponse.get_current_account` (moto.core.responses), which only recognises keys that it created
  itself. A 12-digit key is an account ID, as in Step Functions.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult, BaseResponse
from moto.sts import models as sts_models
from moto.sts.responses import TokenResponse

from harness.engine.moto.session_token import SESSION_TOKEN
from harness.functions.shared.model import INVOCATION_HEADER, FunctionConfig

_ACCOUNT_AS_KEY: Final = re.compile(r"Credential=(\d{12})/")


class Invokers:
    """The running functions, by invocation ID."""

    def __init__(self) -> None:
        self._running: dict[str, FunctionConfig] = {}

    @contextmanager
    def running(self, request_id: str, config: FunctionConfig) -> Iterator[None]:
        """Register the caller while its invocation runs."""
        self._running[request_id] = config
        try:
            yield
        finally:
            self._running.pop(request_id, None)

    def identity(self, request_id: str) -> dict[str, str] | None:
        """Return the GetCallerIdentity response for a call from this invocation.

        Return None if it is not running.
        """
        config = self._running.get(request_id)
        if config is None:
            return None
        return identity_of(config)


def identity_of(config: FunctionConfig) -> dict[str, str]:
    """Return the AWS identity of a function: a session of its role, named after the function."""
    _, partition, *_, account, role = config.role_arn.split(":", 5)
    name = role.rpartition("/")[2]
    unique = "AROA" + hashlib.sha256(config.role_arn.encode()).hexdigest()[:17].upper()
    return {
        "UserId": f"{unique}:{config.name}",
        "Account": account,
        "Arn": f"arn:{partition}:sts::{account}:assumed-role/{name}/{config.name}",
    }


def key_of(account_id: str) -> str:
    """Return an access key for an account."""
    return "test" if account_id == DEFAULT_ACCOUNT_ID else account_id


def install(invokers: Invokers) -> None:
    """Make functions call services as their roles, and derive accounts from access keys."""
    _install_accounts()
    _install_tokens()
    patched: Any = TokenResponse
    answer = patched.get_caller_identity

    @functools.wraps(answer)
    def get_caller_identity(self: TokenResponse) -> Any:
        identity = invokers.identity(self.headers.get(INVOCATION_HEADER, ""))
        return answer(self) if identity is None else ActionResult(identity)

    patched.get_caller_identity = get_caller_identity


def _install_tokens() -> None:
    models: Any = sts_models
    models.random_session_token = lambda: SESSION_TOKEN
    for name in ("get_session_token", "get_federation_token"):
        setattr(TokenResponse, name, _with_token(getattr(TokenResponse, name)))


def _with_token(answer: Callable[[TokenResponse], ActionResult]) -> Callable[[TokenResponse], ActionResult]:
    @functools.wraps(answer)
    def answer_with_token(self: TokenResponse) -> ActionResult:
        answered: Any = answer(self)
        answered.result["Credentials"]["SessionToken"] = SESSION_TOKEN
        return cast(ActionResult, answered)

    return answer_with_token


def _install_accounts() -> None:
    patched: Any = BaseResponse
    account_of_moto = patched.get_current_account

    @functools.wraps(account_of_moto)
    def get_current_account(self: BaseResponse) -> str:
        signed = _ACCOUNT_AS_KEY.search(self.headers.get("Authorization", ""))
        return signed[1] if signed else account_of_moto(self)

    patched.get_current_account = get_current_account
