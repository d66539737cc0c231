"""Lambda's function and error responses, where moto's are incomplete or different.

Patched in moto.awslambda:
- `LambdaFunction.get_configuration` (models), to add the log group, the runtime's version and a revision.
- `LambdaResponse.create_function`, `update_function_code` and `update_function_configuration` (responses),
  because AWS responds while the change is still in progress.
- `LambdaClientError.__init__` (exceptions), to add a `Type` to errors.
- `LambdaResponse.get_account_settings`, which moto does not support.
"""

from __future__ import annotations

import functools
import hashlib
import json
import uuid
from typing import Any, Final

from moto.awslambda import urls
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction
from moto.awslambda.responses import LambdaResponse

_BEING_CREATED: Final = "The function is being created."
_PENDING: Final = {"State": "Pending", "StateReason": _BEING_CREATED, "StateReasonCode": "Creating"}
_IN_PROGRESS: Final = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": _BEING_CREATED,
    "LastUpdateStatusReasonCode": "Creating",
}
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LIMITS: Final = {
    "TotalCodeSize": 80_530_636_800,
    "CodeSizeUnzipped": 262_144_000,
    "CodeSizeZipped": 52_428_800,
    "ConcurrentExecutions": 1000,
    "UnreservedConcurrentExecutions": 1000,
}
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
_LEVELS: Final = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}


def install() -> None:
    """Patch moto in this process."""
    function: Any = LambdaFunction
    response: Any = LambdaResponse
    function.get_configuration = _configuration(function.get_configuration)
    response.create_function = _showing(response.create_function, _PENDING)
    for name in ("update_function_code", "update_function_configuration"):
        setattr(response, name, _showing(getattr(response, name), _IN_PROGRESS))
    response.get_account_settings = _account_settings
    urls.url_paths["{0}/(?P<api_version>[^/]+)/account-settings/?$"] = LambdaResponse.dispatch
    error: Any = LambdaClientError
    error.__init__ = _with_type(error.__init__)


def _configuration(get: Any) -> Any:
    @functools.wraps(get)
    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        config: dict[str, Any] = get(self, on_create)
        config["LoggingConfig"] = {
            "LogFormat": "Text",
            "LogGroup": f"/aws/lambda/{self.function_name}",
            **getattr(self, "logging_config", {}),
        }
        if config["LoggingConfig"]["LogFormat"] == "JSON":
            config["LoggingConfig"] = {**_LEVELS, **config["LoggingConfig"]}
        if self.run_time:
            version = hashlib.sha256(str(self.run_time).encode()).hexdigest()
            arn = f"arn:{self.function_arn.split(':')[1]}:lambda:{self.region}::runtime:{version}"
            config["RuntimeVersionConfig"] = {"RuntimeVersionArn": arn}
        if not config["Layers"]:
            del config["Layers"]
        state = json.dumps(config, sort_keys=True, default=str)
        config["RevisionId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, state))
        return config

    return get_configuration


def _showing(answer: Any, state: dict[str, str]) -> Any:
    """Wrap an operation, so that its response shows the state of the function before it is active."""

    @functools.wraps(answer)
    def shown(self: Any) -> Any:
        status, headers, body = answer(self)
        function = json.loads(body)
        if "FunctionArn" in function:
            function |= state
        return status, headers, json.dumps(function)

    return shown


def _account_settings(self: Any) -> Any:
    functions = list(self.backend.list_functions())
    usage = {
        "TotalCodeSize": sum(int(function.code_size or 0) for function in functions),
        "FunctionCount": len(functions),
    }
    return 200, {}, json.dumps({"AccountLimit": _LIMITS, "AccountUsage": usage})


def _with_type(init: Any) -> Any:
    @functools.wraps(init)
    def __init__(self: Any, error: str, message: str) -> None:  # noqa: N807
        init(self, error, message)
        told = {"Type": "User", "Message" if error == "ResourceNotFoundException" else "message": message}
        if error == "ValidationException":
            told = {"message": message}
        self.description = json.dumps({"__type": error, **told})

    return __init__
