"""Inside an environment: records each AWS call through botocore's own events, and answers injected faults.

The handlers are appended to botocore's built-in ones, so every session of the function has them and its
code sees nothing of it. Each request also says which invocation makes it, in the header INVOCATION_HEADER.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import botocore.handlers
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from .sizes import MAX_ITEMS, MAX_TEXT, is_long, sizes
from .wire import error_response

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSRequest
    from botocore.model import OperationModel

    from .side import Side

INVOCATION_HEADER = "X-Harness-Invocation"
"""Its value is the invocation's Lambda request id."""

_KEY = "recorded_call"  # in botocore's context of one call


class CallHooks:
    """Handlers for botocore's events, and where they send what they see."""

    def __init__(self) -> None:
        self._side: Side | None = None
        self._request_id = ""
        self._current = threading.local()

    def install(self) -> None:
        """Have every botocore session that is made from now on call these handlers."""
        botocore.handlers.BUILTIN_HANDLERS += [
            ("provide-client-params", self._begin),
            ("request-created", self._attempt),
            ("before-send", self._before_send),
            ("after-call", self._end),
            ("after-call-error", self._end_with_exception),
        ]

    def connect(self, side: Side) -> None:
        """Send records to `side` and take faults from it, looked up anew at each call."""
        self._side = side

    def begin(self, request_id: str) -> None:
        """Calls from now on belong to this invocation."""
        self._request_id = request_id

    def _begin(
        self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: Any
    ) -> None:
        context[_KEY] = {
            "model": model,
            "params": dict(params),
            "attempts": 0,
            "injected": False,
            "at_s": time.time(),
            "request_bytes": 0,
        }

    def _attempt(self, request: AWSRequest, **_: Any) -> None:
        request.headers[INVOCATION_HEADER] = self._request_id
        call = request.context.get(_KEY)
        if call is not None:
            call["attempts"] += 1
        self._current.call = call  # before-send, which follows in this thread, does not have the context

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        call: dict[str, Any] | None = getattr(self._current, "call", None)
        if call is not None and isinstance(request.body, bytes | bytearray | str):
            call["request_bytes"] = len(request.body)  # text is ASCII: form fields are quoted
        fault = self._fault(call) if call else None
        if call is None or fault is None:
            return None
        call["injected"] = True
        error = error_response(call["model"], fault["error"], fault["message"])
        raw = HTTPResponse(io.BytesIO(error.body), error.headers, error.status, preload_content=False)
        return AWSResponse(request.url, error.status, cast(Any, raw.headers), raw)

    def _fault(self, call: dict[str, Any]) -> dict[str, Any] | None:
        faults = self._side.faults() if self._side else []
        if not faults:
            return None
        service = call["model"].service_model
        # A fault may use boto3's name (stepfunctions) or IAM's prefix (states).
        names = {service.service_name, service.endpoint_prefix, service.signing_name}
        for fault in faults:
            fits = fault["service"].lower() in names and fault["operation"] == call["model"].name
            if fits and all(call["params"].get(name) == value for name, value in fault["params"].items()):
                return fault
        return None

    def _end(self, http_response: Any, parsed: Any, context: dict[str, Any], **_: Any) -> None:
        code = parsed.get("Error", {}).get("Code") if isinstance(parsed, dict) else None
        self._send(context, http_response.status_code, code)

    def _end_with_exception(self, exception: Exception, context: dict[str, Any], **_: Any) -> None:
        self._send(context, None, type(exception).__name__)

    def _send(self, context: dict[str, Any], status: int | None, error: str | None) -> None:
        call = context.pop(_KEY, None)
        if call is None or self._side is None:
            return
        record = {
            "service": call["model"].service_model.service_name,
            "operation": call["model"].name,
            "params": cut(call["params"]),
            "status": status,
            "error": None if error is None else str(error),
            "attempts": max(call["attempts"], 1),
            "injected": call["injected"],
            "at_s": call["at_s"],
            "sizes": sizes(call["params"]),
            "request_bytes": call["request_bytes"],
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
