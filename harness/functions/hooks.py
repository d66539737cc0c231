"""Inside an environment: records each AWS call through botocore's own events, and lets faults happen to it.

The handlers are appended to botocore's built-in ones, so every session of the function has them and its
code sees nothing of it. Each request also says which invocation makes it, in the header INVOCATION_HEADER.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import botocore.handlers

from .calling import OpenCall, Request
from .faults.ongoing import OngoingFaults
from .sizes import MAX_ITEMS, MAX_TEXT, is_long, sizes

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
    from botocore.model import OperationModel

    from .faults.kind import Handler
    from .side import Side

INVOCATION_HEADER = "X-Harness-Invocation"
"""Its value is the invocation's Lambda request id."""

_KEY = "recorded_call"  # in botocore's context of one call


class CallHooks:
    """Handlers for botocore's events, and where they send what they see."""

    def __init__(self) -> None:
        self._side: Side | None = None
        self._request_id = ""
        self._faults: OngoingFaults | None = None  # None: there are none, which is the usual case
        self._current = threading.local()

    def install(self) -> None:
        """Have every botocore session that is made from now on call these handlers."""
        botocore.handlers.BUILTIN_HANDLERS += [
            ("provide-client-params", self._begin),
            ("before-parameter-build", self._build),
            ("request-created", self._attempt),
            ("before-send", self._before_send),
            ("response-received", self._answered),
            ("after-call", self._end),
            ("after-call-error", self._end_with_exception),
        ]

    def connect(self, side: Side) -> None:
        """Send records to `side`."""
        self._side = side

    def begin(self, setting: Mapping[str, Any]) -> None:
        """Calls from now on belong to this invocation, and its faults happen to them; see Side.invocation."""
        if setting["request_id"] == self._request_id:  # it began when the code was loaded for it
            return
        self._request_id = setting["request_id"]
        assert self._side is not None
        side = self._side
        self._faults = (
            OngoingFaults(setting, lambda told: side.send("fault", told)) if setting["faults"] else None
        )

    def around(self, handler: Handler) -> Handler:
        """The function's handler, with the faults of this invocation around it."""
        return self._faults.around(handler) if self._faults else handler

    def _begin(
        self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: Any
    ) -> None:
        config = context.get("client_config")
        read_timeout_s = getattr(config, "read_timeout", None)
        context[_KEY] = OpenCall(model, dict(params), read_timeout_s, time.time())

    def _build(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        call: OpenCall | None = context.get(_KEY)
        if call is None or self._faults is None:
            return
        for kind, fault in self._faults.of_call(call, building=True):
            self._faults.fire(fault)
            call.fired.append(fault.id)
            if finish := kind.build(fault.arguments, call, params):
                call.finish.append(finish)

    def _attempt(self, request: AWSRequest, **_: Any) -> None:
        request.headers[INVOCATION_HEADER] = self._request_id
        call: OpenCall | None = request.context.get(_KEY)
        if call is not None:
            call.attempts += 1
            call.injected = False
            call.stale.clear()
        self._current.call = call  # before-send, which follows in this thread, does not have the context

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        call: OpenCall | None = getattr(self._current, "call", None)
        if call is None:
            return None
        call.request_bytes = _size(request)
        if self._faults is None:
            return None
        for kind, fault in self._faults.of_call(call, building=False):
            if kind.acts == "answer":
                call.stale.append((kind, fault))
                continue
            self._faults.fire(fault)
            call.fired.append(fault.id)
            if response := kind.send(fault.arguments, Request(call, request)):
                return response  # one that has been answered is not answered again
        return None

    def _answered(self, parsed_response: Any, context: dict[str, Any], **_: Any) -> None:
        call: OpenCall | None = context.get(_KEY)
        if call is None or self._faults is None or parsed_response is None:
            return
        if parsed_response["ResponseMetadata"]["HTTPStatusCode"] >= 300:
            return
        for kind, fault in call.stale:
            self._faults.fire(fault)
            call.fired.append(fault.id)
            kind.answer(fault.arguments, call, parsed_response)

    def _end(self, http_response: Any, parsed: Any, context: dict[str, Any], **_: Any) -> None:
        code = parsed.get("Error", {}).get("Code") if isinstance(parsed, dict) else None
        call: OpenCall | None = context.get(_KEY)
        if call is not None and http_response.status_code < 300:
            for finish in call.finish:
                finish(parsed)
        self._send(context, http_response.status_code, code)

    def _end_with_exception(self, exception: Exception, context: dict[str, Any], **_: Any) -> None:
        self._send(context, None, type(exception).__name__)

    def _send(self, context: dict[str, Any], status: int | None, error: str | None) -> None:
        call: OpenCall | None = context.pop(_KEY, None)
        if call is None or self._side is None:
            return
        record = {
            "service": call.model.service_model.service_name,
            "operation": call.operation,
            "params": cut(call.params),
            "status": status,
            "error": None if error is None else str(error),
            "attempts": max(call.attempts, 1),
            "injected": call.injected,
            "at_s": call.at_s,
            "faults": list(dict.fromkeys(call.fired)),
            "sizes": sizes(call.params),
            "request_bytes": call.request_bytes,
        }
        self._side.send("call", record)


def cut(value: Any) -> Any:
    """`value` as JSON, long texts and lists cut, and whatever JSON has no form for as text."""
    if isinstance(value, Mapping):
        return {str(key): cut(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        head = [cut(item) for item in value[:MAX_ITEMS]]
        return [*head, f"... {len(value) - MAX_ITEMS} more"] if len(value) > MAX_ITEMS else head
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    text = str(value)
    return f"{text[:MAX_TEXT]}... ({len(text)} characters)" if is_long(text) else text


def _size(request: AWSPreparedRequest) -> int:
    headers: Any = request.headers
    # The first is there when the body is sent in chunks.
    return int(headers.get("X-Amz-Decoded-Content-Length") or headers.get("Content-Length") or 0)
