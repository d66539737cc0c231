"""Functions deployed to moto. They run in the function runtime instead of Docker."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

from moto.awslambda.exceptions import LambdaClientError, UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.core.utils import unix_time_millis

from harness.engine.moto import layers
from harness.engine.moto.atomic import atomic, released
from harness.engine.moto.identity import Invokers, key_of
from harness.engine.moto.session_token import PARAMETER, SESSION_TOKEN
from harness.engine.moto.versions import Called, arn_of, called, version_of
from harness.engine.moto.world_time import at
from harness.functions.host.environments import Environment, Throttled
from harness.functions.host.hangs import FunctionHangs
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.control_protocol import PREFIX
from harness.functions.shared.model import FunctionConfig, Invocation, Origin
from harness.functions.shared.runtimes import refusal
from harness.stepfunctions.functions import (
    Begun,
    FunctionAnswer,
    FunctionCall,
    FunctionNotFound,
    FunctionThrottled,
)


class NotRunHere(LambdaClientError):
    """The error for a function with a runtime that this machine cannot run.

    The error code is Lambda's. The message is the harness's.
    """

    code = 502

    def __init__(self, function: LambdaFunction, message: str, remedy: str) -> None:
        super().__init__("InvalidRuntimeException", f"{function.function_name}: {message}; {remedy}")


def refuse_runtime(function: LambdaFunction) -> None:
    """Reject a function with a runtime that this machine cannot run. Raises NotRunHere."""
    refused = refusal(str(function.run_time or ""), function.package_type)
    if refused:
        raise NotRunHere(function, *refused)


def config_of(function: LambdaFunction, runtime: FunctionRuntime, endpoint_url: str) -> FunctionConfig:
    """Return the runtime's description of a function deployed to moto. Raises NotRunHere."""
    refuse_runtime(function)
    declared = str(function.run_time or "")
    settings: dict[str, Any] = {
        "arn": arn_of(function),
        "name": function.function_name,
        "handler": function.handler or "",
        "code": runtime.code_folder(function.code_bytes),
        "region": function.region,
        "account_id": function.account_id,
        "endpoint_url": endpoint_url,
        "timeout_s": float(function.timeout),
        "memory_mib": int(function.memory_size),
        "tmp_mib": int(function.ephemeral_storage),
        "version": version_of(function),
        "runtime": declared,
        "layers": layers.folder_of(function, runtime),
        # CloudFormation passes numbers unchanged. In Lambda, every value is a string.
        "environment": {k: str(v) for k, v in (function.environment_vars or {}).items()},
        "credentials": {
            "AWS_ACCESS_KEY_ID": key_of(function.account_id),
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": SESSION_TOKEN,
        },
        "role_arn": function.role,
    }
    logging: dict[str, str] = getattr(function, "logging_config", {})
    settings["log_format"] = logging.get("LogFormat", "Text")
    settings["log_level"] = logging.get("ApplicationLogLevel", "")
    revision = hashlib.sha256(
        json.dumps([function.code_sha_256, settings], sort_keys=True, default=str).encode()
    ).hexdigest()
    return FunctionConfig(revision=revision, reserved_concurrency=_reserved(function), **settings)


def _reserved(function: LambdaFunction) -> int | None:
    """Return the reserved concurrency of a function, which all of its versions share."""
    backend = lambda_backends[function.account_id][function.region]
    reserved: Any = backend.get_function(function.function_name).reserved_concurrency
    return None if reserved is None else int(reserved)


def save_log(function: LambdaFunction, invocation: Invocation) -> None:
    """Store the log in CloudWatch Logs, in the log stream of the environment."""
    logs, group, stream = function.logs_backend, function.logs_group_name, invocation.environment_id
    logs.ensure_log_group(group)
    logs.ensure_log_stream(group, stream)
    now_ms = unix_time_millis()
    lines = [{"timestamp": now_ms, "message": line} for line in invocation.log.splitlines()]
    logs.put_log_events(group, stream, lines)


class TooManyRequests(LambdaClientError):
    """Lambda's error for an invocation that exceeds the concurrency limit."""

    code = 429

    def __init__(self, throttled: Throttled) -> None:
        super().__init__("TooManyRequestsException", str(throttled))
        self.description = json.dumps({**json.loads(self.description), "Reason": throttled.reason})


class Stopped(LambdaClientError):
    """The error for a function that hung and was stopped. The code is Lambda's, the message the harness's."""

    code = 500

    def __init__(self, hang: FunctionHangs) -> None:
        super().__init__("ServiceException", str(hang))


Run: TypeAlias = Callable[[bytes, str, float | None], Invocation]
"""Runs an invocation. Takes the payload, the ID, and the time on the clock (None for real time)."""


class MotoFunctions:
    """Functions deployed to moto, for state machine tasks and for Invoke.

    `on_hang` is called with the name of a function that hung, and the reason why it was stopped.
    """

    def __init__(
        self,
        runtime: FunctionRuntime,
        endpoint_url: str,
        invokers: Invokers,
        on_hang: Callable[[str, str], object] = lambda _function, _why: None,
    ) -> None:
        self._runtime = runtime
        self._endpoint_url = endpoint_url
        self._invokers = invokers
        self._on_hang = on_hang

    def begin(self, call: FunctionCall) -> Begun:
        """Start an invocation. Raises FunctionNotFound, FunctionThrottled."""
        found = self._called(call)
        try:
            config = config_of(found.function, self._runtime, self._endpoint_url)
        except NotRunHere as error:
            return Begun(partial(_refusal, "Lambda.InvalidRuntimeException", str(error.message)))
        schedule = self._runtime.schedule
        try:
            environment = schedule.take(config, virtual=call.now_s is not None)
        except Throttled:
            raise FunctionThrottled(call.arn) from None

        def end(now_s: float) -> None:
            schedule.forget(call.request_id)
            schedule.give_back(environment, now_s)

        return Begun(
            partial(self._answer, call, found, config, environment),
            partial(schedule.hurry, call.request_id),
            end,
        )

    def invoke(self, call: FunctionCall) -> FunctionAnswer:
        """Run a function for an event until it ends. Raises FunctionNotFound, FunctionThrottled."""
        begun = self.begin(call)
        begun.hurry()
        ended_s = call.now_s or 0.0
        try:
            answer = begun.answer()
            ended_s += answer.duration_s or 0.0
        finally:
            begun.end(ended_s if call.now_s is not None else time.monotonic())
        return answer

    @staticmethod
    def _called(call: FunctionCall) -> Called:
        """Find the function without taking moto's lock, because the clock must never wait for that lock.

        Raises FunctionNotFound.
        """
        _, _, _, region, account_id, _, name, *qualifier = call.arn.split(":")
        chosen = next((each for each in qualifier if each != "$LATEST"), None)
        while True:
            try:
                return called(lambda_backends[account_id][region], name, chosen, call.request_id)
            except UnknownFunctionException:
                raise FunctionNotFound(call.arn) from None
            except RuntimeError:  # a different thread has just inserted a function
                continue

    def _answer(
        self, call: FunctionCall, found: Called, config: FunctionConfig, environment: Environment
    ) -> FunctionAnswer:
        try:
            invocation = self._run(
                found,
                config,
                call.payload.encode(),
                request_id=call.request_id,
                client_context=call.client_context,
                now_s=call.now_s,
                origin=Origin(call.execution_arn, call.state, call.attempt, call.lane),
                environment=environment,
            )
        except FunctionHangs as hang:
            return _refusal("States.Runtime", str(hang))  # this error is never caught or retried
        ended_s = invocation.started_at + invocation.duration_s
        with atomic(), at(lambda: ended_s):
            save_log(found.function, invocation)
        duration_s = None if call.now_s is None else ended_s - call.now_s
        version = version_of(found.function)
        failed = invocation.error is not None
        return FunctionAnswer(invocation.result, failed, duration_s, version, invocation.log)

    @contextmanager
    def taken(self, found: Called, *, virtual: bool) -> Iterator[Run]:
        """Take an environment for an invocation that starts now outside any task, and give it back
        afterwards.

        Yields a function that runs the invocation. Raises NotRunHere, TooManyRequests. The function raises
        Stopped.
        """
        config = config_of(found.function, self._runtime, self._endpoint_url)
        schedule = self._runtime.schedule
        try:
            environment = schedule.take(config, virtual=virtual)
        except Throttled as throttled:
            raise TooManyRequests(throttled) from None
        ended_s = time.monotonic()

        def run(payload: bytes, request_id: str, now_s: float | None) -> Invocation:
            nonlocal ended_s
            try:
                invocation = self._run(
                    found, config, payload, request_id=request_id, now_s=now_s, environment=environment
                )
            except FunctionHangs as hang:
                raise Stopped(hang) from None
            ended_s = time.monotonic() if now_s is None else invocation.started_at + invocation.duration_s
            return invocation

        try:
            yield run
        finally:
            schedule.give_back(environment, ended_s)

    def _run(
        self, found: Called, config: FunctionConfig, payload: bytes, *, request_id: str, **options: Any
    ) -> Invocation:
        with self._invokers.running(request_id, config), released():
            try:
                return self._runtime.invoke(
                    config,
                    payload,
                    request_id=request_id,
                    invoked_arn=found.arn,
                    sleep_url=f"{self._endpoint_url}{PREFIX}sleep?{PARAMETER}={SESSION_TOKEN}",
                    **options,
                )
            except FunctionHangs as hang:
                self._on_hang(config.name, str(hang))
                raise


def _refusal(error: str, message: str) -> FunctionAnswer:
    """Return an error as the result of an invocation that produced no result."""
    return FunctionAnswer(json.dumps({"errorType": error, "errorMessage": message}), failed=True)
