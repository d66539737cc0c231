"""AWS calls that may take time on the clock, such as Invoke. Other threads run during them.

The engine receives such a call together with its ID. An unscheduled thread makes the call, while the calling
thread waits; `VirtualClock.rest` passes the ID to the engine. Other calls keep the baton until the response,
so their order is fixed. The wait for the engine's response is in real time and has no limit (`patience`). The
client's read timeout is measured on the clock.
"""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from ..shared.model import AFTER_HEADER, CALL_HEADER, INVOCATION_HEADER, NOW_HEADER
from . import waiting
from .aws_urls import aws_url
from .baton import BATON, US, allocate_really, deadline_of, start_really

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from ..faults.call import Response
    from .virtual_time import VirtualClock

_real_send: Any = URLLib3Session.send


class LongCalls:
    """The AWS calls of this process on its clock."""

    def __init__(self) -> None:
        self._clock: VirtualClock | None = None
        self._made = 0

    def install(self) -> None:
        """Route requests from botocore's sessions through this object; it has no effect until `start`."""

        def send(session: URLLib3Session, request: AWSPreparedRequest) -> Response:
            return self._send(session, request)

        patched: Any = URLLib3Session
        patched.send = send

    def start(self, clock: VirtualClock) -> None:
        """Switch to virtual time."""
        self._clock = clock

    def _send(self, session: URLLib3Session, request: AWSPreparedRequest) -> Response:
        response: Response
        if self._clock is None or not _is_served(request) or BATON.me() is None:
            response = _real_send(session, request)
            return response
        headers: Any = request.headers
        if BATON.calls:
            headers[AFTER_HEADER] = " ".join(BATON.calls)
        if not _may_last(request):
            BATON.calling = True
            try:
                response = _real_send(session, request)
                return response
            finally:
                BATON.calling = False
        self._made += 1
        headers[CALL_HEADER] = name = f"{self._clock.process}{self._made}"
        response = self._send_aside(session, request, name)
        answered: Any = response
        if moment := answered.headers.get(NOW_HEADER):
            self._clock.move_to(round(float(moment) * US))
        return response

    def _send_aside(self, session: URLLib3Session, request: AWSPreparedRequest, name: str) -> Response:
        """Send in a separate thread, while other threads have the baton."""
        answered = allocate_really()
        answered.acquire()
        outcome: list[Any] = []

        def send() -> None:
            BATON.senders[_thread.get_ident()] = name
            try:
                outcome.append(_real_send(session, request))
            except Exception as error:
                outcome.append(error)
            del BATON.senders[_thread.get_ident()]
            BATON.sending.discard(name)
            answered.release()

        BATON.sending.add(name)
        start_really(send, ())
        timeout_s = _read_timeout_s(session)
        deadline_us = None if timeout_s is None else deadline_of(BATON.clock, timeout_s)
        if not BATON.call(name, deadline_us):
            raise ReadTimeoutError(endpoint_url=aws_url(request), error="Read timed out")
        answered.acquire()
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        response: Response = outcome[0]
        return response


def _is_served(request: AWSPreparedRequest) -> bool:
    if INVOCATION_HEADER not in request.headers:
        return False
    url = urlsplit(str(request.url))
    return waiting.is_served(url.hostname or "", url.port or 80)


def _may_last(request: AWSPreparedRequest) -> bool:
    headers: Any = request.headers
    target = headers.get("X-Amz-Target", "")
    if isinstance(target, bytes):
        target = target.decode()
    if target:
        return target in ("AmazonSQS.ReceiveMessage", "AWSStepFunctions.StartSyncExecution")
    if str(request.url).partition("?")[0].endswith("/invocations"):
        kind = headers.get("X-Amz-Invocation-Type", "RequestResponse")
        return kind in ("RequestResponse", b"RequestResponse")
    body = request.body
    return isinstance(body, str | bytes) and b"Action=ReceiveMessage" in (
        body if isinstance(body, bytes) else body.encode()
    )


def _read_timeout_s(session: URLLib3Session) -> float | None:
    timeout: Any = getattr(session, "_timeout", None)
    if isinstance(timeout, int | float):
        return timeout
    read_s: float | None = getattr(timeout, "_read", None)
    return read_s if isinstance(read_s, int | float) else None
