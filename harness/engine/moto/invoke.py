"""moto's methods for invoking functions. All of them are patched to call the function runtime.

Patched in moto.awslambda.models:
- `LambdaBackend.invoke`, which loses the alias that was used to call a function.
- `LambdaResponse.invoke` (moto.awslambda.responses), which looks for the qualifier in the payload.
- `LambdaFunction.invoke`, which all other methods call.
- `LambdaFunction.__init__` and `create_from_cloudformation_json`, which drop settings.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeAlias
from urllib.parse import unquote

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from harness.engine.moto import code_checks, function_answers, function_rules, layers
from harness.engine.moto.atomic import current_call, released
from harness.engine.moto.functions import MotoFunctions, refuse_runtime, save_log
from harness.engine.moto.versions import Called, called, version_of
from harness.functions.shared.model import Invocation
from harness.stepfunctions.functions import log_tail

SendEvent: TypeAlias = Callable[[str, str | bytes], object]
"""Takes a function's ARN and an event as a JSON string, and sends the event to the function."""


class InvocationClock(Protocol):
    """The clock for invocations that a call waits for. See `StateMachines`."""

    @property
    def virtual(self) -> bool:
        """Return whether time is virtual."""

    def new_id(self) -> str:
        """Return the ID of a new invocation."""

    def within(
        self, caller: str, call: str, request_id: str, run: Callable[[float | None], Invocation]
    ) -> Invocation:
        """Run an invocation by calling `run` with the time at which it starts."""


def install(functions: MotoFunctions, clock: InvocationClock, send_event: SendEvent) -> None:
    """Send every invocation in this process to `functions` on `clock`, and events to `send_event`."""

    def invoke_called(found: Called, body: str | bytes, request_id: str, headers: dict[str, Any]) -> bytes:
        payload = (body.encode() if isinstance(body, str) else body) or b"{}"
        with functions.taken(found, virtual=clock.virtual) as run, released():
            invocation = clock.within(*current_call(), request_id, partial(run, payload, request_id))
        return _answer(invocation, headers, found.function)

    @functools.wraps(LambdaFunction.invoke)
    def invoke(
        self: LambdaFunction, body: str | bytes, request_headers: Any, response_headers: dict[str, Any]
    ) -> bytes:
        return invoke_called(Called(self, self.function_arn), body, clock.new_id(), response_headers)

    @functools.wraps(LambdaBackend.invoke)
    def invoke_by_name(
        self: LambdaBackend,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Any,
        response_headers: dict[str, Any],
    ) -> bytes:
        request_id = clock.new_id()
        found = called(self, function_name, qualifier, request_id)
        payload = invoke_called(found, body, request_id, response_headers)
        response_headers["Content-Length"] = str(len(payload))
        return payload

    respond = LambdaResponse.invoke

    @functools.wraps(respond)
    def invoke_qualified(self: LambdaResponse) -> Any:
        self.querystring = {**self.querystring, "qualifier": self.querystring.get("Qualifier", [None])}
        return respond(self)

    response: Any = LambdaResponse
    response.invoke = _by_kind(invoke_qualified, send_event)
    patched: Any = LambdaFunction
    patched.invoke = invoke
    backend: Any = LambdaBackend
    backend.invoke = invoke_by_name
    _keep_settings(patched)
    layers.install()
    code_checks.install()
    function_answers.install()
    function_rules.install()


def _answer(invocation: Invocation, headers: dict[str, Any], function: LambdaFunction) -> bytes:
    """Return the body of the Invoke response, and set the headers."""
    if invocation.error is not None:
        headers["x-amz-function-error"] = invocation.error.kind
    headers["x-amz-executed-version"] = version_of(function)
    headers["x-amz-log-result"] = log_tail(invocation.log)
    save_log(function, invocation)
    return invocation.result.encode()


def _by_kind(respond: Any, send_event: SendEvent) -> Any:
    """Wrap Invoke. A dry run does not run the function, and an Event invocation gets its response before the
    function runs.
    """

    @functools.wraps(respond)
    def invoke(self: Any) -> Any:
        kind = self.headers.get("X-Amz-Invocation-Type")
        if kind not in ("DryRun", "Event"):
            return respond(self)
        name = unquote(self.path.rsplit("/", 2)[-2])
        found = called(self.backend, name, self.querystring.get("Qualifier", [None])[0], "")
        if kind == "DryRun":
            return 204, {"status": "204"}, ""
        refuse_runtime(found.function)
        send_event(found.arn, self.body or "{}")
        return 202, {"status": "202", "content-type": "application/json"}, ""

    return invoke


def _keep_settings(patched: Any) -> None:
    init, create = patched.__init__, patched.create_from_cloudformation_json.__func__

    @functools.wraps(init)
    def __init__(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:  # noqa: N807
        init(self, account_id, spec, *args, **kwargs)
        self.logging_config = spec.get("LoggingConfig", {})

    @functools.wraps(create)
    def create_with_both(cls: Any, name: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        function = create(cls, name, resource, *args, **kwargs)
        properties = resource["Properties"]
        function.logging_config = properties.get("LoggingConfig", {})
        if storage := properties.get("EphemeralStorage"):
            function.ephemeral_storage = int(storage["Size"])
        return function

    patched.__init__ = __init__
    patched.create_from_cloudformation_json = classmethod(create_with_both)
