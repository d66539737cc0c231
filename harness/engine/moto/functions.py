"""moto's Lambda, run by the function runtime instead of Docker.

Patched in moto.awslambda.models:
- `LambdaFunction.invoke`, which every way of invoking ends in.
- `LambdaFunction.__init__` and `create_from_cloudformation_json`, which drop LoggingConfig.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends

from harness.engine.moto.atomic import atomic, released
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.control_protocol import PREFIX
from harness.functions.shared.model import FunctionConfig, Invocation, Origin
from harness.stepfunctions.functions import FunctionAnswer, FunctionCall, FunctionNotFound


def config_of(function: LambdaFunction, runtime: FunctionRuntime, endpoint_url: str) -> FunctionConfig:
    """The runtime's view of a function that was deployed to moto."""
    settings: dict[str, Any] = {
        "arn": function.function_arn,
        "name": function.function_name,
        "handler": function.handler or "",
        "code": runtime.code_folder(function.code_bytes),
        "region": function.region,
        "account_id": function.account_id,
        "endpoint_url": endpoint_url,
        "timeout_s": float(function.timeout),
        "memory_mib": int(function.memory_size),
        "version": "$LATEST",
        # CloudFormation passes numbers on; in Lambda every value is text.
        "environment": {k: str(v) for k, v in (function.environment_vars or {}).items()},
        # moto finds the account by the key: one that it does not know belongs to the default account.
        "credentials": {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
        },
        "role_arn": function.role,
    }
    logging: dict[str, str] = getattr(function, "logging_config", {})
    settings["log_format"] = logging.get("LogFormat", "Text")
    settings["log_level"] = logging.get("ApplicationLogLevel", "")
    revision = hashlib.sha256(
        json.dumps([function.code_sha_256, settings], sort_keys=True, default=str).encode()
    ).hexdigest()
    return FunctionConfig(revision=revision, **settings)


def answer(invocation: Invocation, headers: dict[str, Any], function: LambdaFunction) -> bytes:
    """The body of Invoke's answer; sets the headers that go with it."""
    if invocation.error is not None:
        headers["x-amz-function-error"] = invocation.error.kind
    headers["x-amz-executed-version"] = "$LATEST"
    headers["x-amz-log-result"] = base64.b64encode(invocation.log.encode()[-4096:]).decode()
    save_log(function, invocation)
    return invocation.result.encode()


def save_log(function: LambdaFunction, invocation: Invocation) -> None:
    """Keep the log where CloudWatch Logs finds it."""
    function.logs_backend.ensure_log_group(function.logs_group_name)
    function.save_logs(invocation.log)


class MotoFunctions:
    """The functions that are deployed to moto, for the tasks of state machines."""

    def __init__(self, runtime: FunctionRuntime, endpoint_url: str) -> None:
        self._runtime = runtime
        self._endpoint_url = endpoint_url

    def invoke(self, call: FunctionCall) -> FunctionAnswer:
        """Run a function to its end. Raises FunctionNotFound."""
        _, _, _, region, account_id, _, name, *qualifier = call.arn.split(":")
        try:
            with atomic():  # moto has other backends after each reset
                function = lambda_backends[account_id][region].get_function(name, *qualifier)
        except UnknownFunctionException:
            raise FunctionNotFound(call.arn) from None
        invocation = self._runtime.invoke(
            config_of(function, self._runtime, self._endpoint_url),
            call.payload.encode(),
            client_context=call.client_context,
            request_id=call.request_id,
            now_s=call.now_s,
            sleep_url=f"{self._endpoint_url}{PREFIX}sleep",
            origin=Origin(call.execution_arn, call.state, call.attempt, call.lane),
        )
        with atomic():
            save_log(function, invocation)
        ended_s = invocation.started_at + invocation.duration_s
        duration_s = None if call.now_s is None else ended_s - call.now_s
        return FunctionAnswer(invocation.result, invocation.error is not None, duration_s)


def install(runtime: FunctionRuntime, endpoint_url: str) -> None:
    """Let every invocation in this process go to `runtime`."""

    @functools.wraps(LambdaFunction.invoke)
    def invoke(
        self: LambdaFunction, body: str | bytes, request_headers: Any, response_headers: dict[str, Any]
    ) -> bytes:
        payload = body.encode() if isinstance(body, str) else body
        with released():
            invocation = runtime.invoke(config_of(self, runtime, endpoint_url), payload or b"{}")
        return answer(invocation, response_headers, self)

    patched: Any = LambdaFunction
    patched.invoke = invoke
    _keep_logging_config(patched)


def _keep_logging_config(patched: Any) -> None:
    init, create = patched.__init__, patched.create_from_cloudformation_json.__func__

    @functools.wraps(init)
    def __init__(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:  # noqa: N807
        init(self, account_id, spec, *args, **kwargs)
        self.logging_config = spec.get("LoggingConfig", {})

    @functools.wraps(create)
    def create_with_logging(cls: Any, name: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        function = create(cls, name, resource, *args, **kwargs)
        function.logging_config = resource["Properties"].get("LoggingConfig", {})
        return function

    patched.__init__ = __init__
    patched.create_from_cloudformation_json = classmethod(create_with_logging)
