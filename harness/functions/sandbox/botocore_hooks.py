"""Records each AWS call from a function through botocore's own events, and injects faults into it.

The handlers are appended to botocore's built-in handlers. Every session in the function therefore has them,
and the function's code does not notice. Each request identifies its invocation in the header
INVOCATION_HEADER. It also contains the engine's secret in SECRET_HEADER, because it may be signed with a
different role's keys, or not signed at all.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import botocore.handlers

from ..faults.call import Parameters, Response
from ..faults.kind import AnswerFault, Handler
from ..shared.control_protocol import SECRET_HEADER
from ..shared.model import INVOCATION_HEADER, ArmedFaultFields, Fault
from ..shared.sandbox_protocol import CallRecord, InvocationSetting
from ..shared.sizes import cut, sizes
from .active_faults import ActiveFaults
from .call import CallInFlight, RequestInFlight
from .long_calls import LongCalls
from .stand_ins import answer_of

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
    from botocore.model import OperationModel

    from .side_channel import SideChannel
    from .virtual_time import VirtualClock

_KEY = "recorded_call"  # in botocore's context for one call


class CallHooks:
    """Handlers for botocore's events; `connect` sets the destination of their records.

    `on_call`, if set, is called before each call with the service's names, the operation and the parameters.
    """

    def __init__(self) -> None:
        self._side: SideChannel | None = None
        self._request_id = ""
        self._given: list[ArmedFaultFields] = []
        self._faults: ActiveFaults | None = None  # None: no faults, the usual case
        self._current = threading.local()
        self._engine: tuple[str, str] | None = None
        self._long_calls = LongCalls()
        self.on_call: Callable[[set[str], str, Parameters], None] | None = None

    def install(self) -> None:
        """Connect these handlers to every botocore session that is created after this call."""
        botocore.handlers.BUILTIN_HANDLERS += [
            ("provide-client-params", self._begin),
            ("before-parameter-build", self._build),
            ("before-call", self._answer_instead),
            ("request-created", self._attempt),
            ("before-send", self._before_send),
            ("response-received", self._answered),
            ("after-call", self._end),
            ("after-call-error", self._end_with_exception),
        ]
        self._long_calls.install()

    def start(self, clock: VirtualClock) -> None:
        """Switch to a virtual clock for all further calls."""
        self._long_calls.start(clock)

    def connect(self, side: SideChannel) -> None:
        """Send records to `side`."""
        self._side = side

    def begin(self, setting: InvocationSetting) -> None:
        """Assign subsequent calls to this invocation, and inject its faults into them."""
        if setting["request_id"] == self._request_id and setting["faults"] == self._given:
            return  # it began when its code was loaded
        self._given = setting["faults"]
        self._request_id = setting["request_id"]
        assert self._side is not None
        side = self._side
        self._faults = (
            ActiveFaults(setting, lambda report: side.send("fault", report)) if setting["faults"] else None
        )

    def around(self, handler: Handler) -> Handler:
        """Wrap the function's handler in the faults of this invocation."""
        return self._faults.around(handler) if self._faults else handler

    def _begin(self, params: Parameters, model: OperationModel, context: dict[str, Any], **_: object) -> None:
        config = context.get("client_config")
        read_timeout_s = getattr(config, "read_timeout", None)
        if config is not None:
            config.inject_host_prefix = False  # cp.maps.127.0.0.1 cannot be resolved
        context[_KEY] = call = CallInFlight(model, dict(params), read_timeout_s, time.time())
        if self.on_call is not None:
            self.on_call(call.service_names, call.operation, params)

    def _build(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        call: CallInFlight | None = context.get(_KEY)
        if call is None or self._faults is None:
            return
        for fault, kind in self._faults.of_built_call(call):
            self._fire(fault, call)
            if finish := kind.build(call, params):
                call.finish.append(finish)

    def _answer_instead(
        self, context: dict[str, Any], **_: object
    ) -> tuple[AWSResponse, dict[str, Any]] | None:
        call: CallInFlight | None = context.get(_KEY)
        found = self._faults.answering(call) if call is not None and self._faults is not None else None
        if call is None or found is None:
            return None
        fault, kind = found
        self._fire(fault, call)
        return answer_of(kind, call, self._request_id)

    def _attempt(self, request: AWSRequest, **_: object) -> None:
        request.headers[INVOCATION_HEADER] = self._request_id
        url, secret = self._engine = self._engine or _engine()
        if url and secret and str(request.url).startswith(url):
            request.headers[SECRET_HEADER] = secret
        call: CallInFlight | None = request.context.get(_KEY)
        if call is not None:
            call.attempts += 1
            call.injected = False
            call.of_answer.clear()
        self._current.call = call  # before-send follows in this thread, but without the context

    def _before_send(self, request: AWSPreparedRequest, **_: object) -> Response | None:
        call: CallInFlight | None = getattr(self._current, "call", None)
        if call is None:
            return None
        call.request_bytes = _size(request)
        if self._faults is None:
            return None
        for fault, kind in self._faults.of_request(call):
            if isinstance(kind, AnswerFault):
                call.of_answer.append((fault, kind))
                continue
            self._fire(fault, call)
            if response := kind.send(RequestInFlight(call, request)):
                return response  # later faults do not apply to a request that has a response
        return None

    def _answered(self, parsed_response: Any, context: dict[str, Any], **_: object) -> None:
        call: CallInFlight | None = context.get(_KEY)
        if call is None or parsed_response is None:
            return
        if parsed_response["ResponseMetadata"]["HTTPStatusCode"] >= 300:
            return
        for fault, kind in call.of_answer:
            self._fire(fault, call)
            kind.answer(call, parsed_response)

    def _fire(self, fault: Fault, call: CallInFlight) -> None:
        assert self._faults is not None
        self._faults.fire(fault)
        call.fired.append(fault.id)

    def _end(self, http_response: Any, parsed: Any, context: dict[str, Any], **_: object) -> None:
        code = parsed.get("Error", {}).get("Code") if isinstance(parsed, dict) else None
        call: CallInFlight | None = context.get(_KEY)
        if call is not None and http_response.status_code < 300:
            for finish in call.finish:
                finish(parsed)
        self._send(context, http_response.status_code, code)

    def _end_with_exception(self, exception: Exception, context: dict[str, Any], **_: object) -> None:
        self._send(context, None, type(exception).__name__)

    def _send(self, context: dict[str, Any], status: int | None, error: str | None) -> None:
        call: CallInFlight | None = context.pop(_KEY, None)
        if call is None or self._side is None:
            return
        record: CallRecord = {
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


def _engine() -> tuple[str, str]:
    """Return the engine's URL and secret from the environment, before the function can change them."""
    return os.environ.get("AWS_ENDPOINT_URL", ""), os.environ.get("AWS_SESSION_TOKEN", "")


def _size(request: AWSPreparedRequest) -> int:
    headers: Any = request.headers
    # The first header is present when the body is sent in chunks.
    return int(headers.get("X-Amz-Decoded-Content-Length") or headers.get("Content-Length") or 0)
