"""Runs MiniStack's Lambda functions in the function runtime.

Replaced in ministack.services.lambda_svc: `_execute_function_warm`, which runs every Python
function that does not have its own container. MiniStack's worker reports every error as
Runtime.HandlerError, so state machines cannot distinguish errors.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from harness.functions.host.accounts import AccountRuntime
from harness.functions.shared.model import FunctionConfig


def config_of(function: dict[str, Any], accounts: AccountRuntime, endpoint_url: str) -> FunctionConfig:
    """Return the runtime's description of a function deployed to MiniStack."""
    config: dict[str, Any] = function.get("config") or function
    _, _, _, region, account_id, *_ = config["FunctionArn"].split(":")
    logging = config.get("LoggingConfig") or {}
    settings: dict[str, Any] = {
        "arn": config["FunctionArn"],
        "name": config["FunctionName"],
        "handler": config.get("Handler", ""),
        "code": accounts.runtime.code_folder(function["code_zip"]),
        "region": region,
        "account_id": account_id,
        "endpoint_url": endpoint_url,
        "timeout_s": float(config.get("Timeout", 3)),
        "memory_mib": int(config.get("MemorySize", 128)),
        "tmp_mib": int((config.get("EphemeralStorage") or {}).get("Size", 512)),
        "version": config.get("Version", "$LATEST"),
        "environment": {
            name: str(value) for name, value in (config.get("Environment") or {}).get("Variables", {}).items()
        },
        "credentials": {
            "AWS_ACCESS_KEY_ID": account_id,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
        },
        "log_format": logging.get("LogFormat", "Text"),
        "log_level": logging.get("ApplicationLogLevel", ""),
        "role_arn": config.get("Role", ""),
        "runtime": config.get("Runtime", ""),
    }
    text = json.dumps(settings, sort_keys=True, default=str)
    return FunctionConfig(revision=hashlib.sha256(text.encode()).hexdigest(), **settings)


def install(accounts: AccountRuntime, endpoint_url: str) -> None:
    """Run the Python functions in this process in the runtime of `accounts`."""
    from ministack.services import lambda_svc  # noqa: PLC0415  (reads the environment)

    own = lambda_svc._execute_function_warm

    def execute(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        config = func.get("config") or func
        if not func.get("code_zip") or not str(config.get("Runtime", "")).startswith("python"):
            result: dict[str, Any] = own(func, event, request_id)
            return result
        invocation = accounts.invoke(config_of(func, accounts, endpoint_url), json.dumps(event).encode())
        return {
            "body": json.loads(invocation.result),
            "error": invocation.error is not None,
            "log": invocation.log,
        }

    lambda_svc._execute_function_warm = execute
