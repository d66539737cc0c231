"""Exceptions in the child process. They are recorded for the harness and returned to the caller as errors.

A request that raises an exception gets status 500 and AWS's code InternalFailure, in the format of
the service's protocol. The exception is the message. SDKs retry such requests. A retry gets the
same response and is not executed again, because that would only hide the first exception.
"""

from __future__ import annotations

import contextlib
import http
import re
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from harness.bug import HEADER, Bug, place_of
from harness.engine.moto.error_answers import Answer, error_answer, is_form, service_of
from harness.engine.moto.mistakes import mistake_in
from harness.functions.host.supervisor_client import FunctionRuntimeError

PACKAGES: Final = ("moto", "harness")
KEPT: Final = 50
"""The maximum number of stored bugs, because a bug in a loop would exhaust the memory."""
_ACTION: Final = re.compile(r"(?:^|&|\?)Action=(\w+)")
_SERVICES: Final = {"geo": "location", "IngestionService": "importexport"}
"""boto3's service names by signing name, where the two differ."""
_ATTEMPT: Final = "HTTP_AMZ_SDK_INVOCATION_ID"


class ServiceNotServed(NotImplementedError):
    """A request to a service that the engine does not support."""


class Bugs:
    """The exceptions in this process since the last `clear`."""

    def __init__(self, give_up: Callable[[FunctionRuntimeError], None]) -> None:
        """`give_up` is called with an error in the function runtime, and does not return."""
        self._give_up = give_up
        self._lock = threading.Lock()
        self._seen: list[Bug] = []
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def seen(self) -> tuple[Bug, ...]:
        """Return the bugs, sorted by time."""
        with self._lock:
            return tuple(self._seen)

    def clear(self) -> None:
        """Delete the bugs and their responses, because the same requests may be sent again."""
        with self._lock:
            self._seen.clear()
            self._answers.clear()

    def note(self, call: str, error: BaseException) -> Bug:
        """Store an exception and write it to the log."""
        if isinstance(error, FunctionRuntimeError):
            self._give_up(error)
        trace = "".join(traceback.format_exception(error))
        with contextlib.suppress(OSError):  # the log is a temporary file, and the disk may be full
            print(f"{call}: {trace}", file=sys.stderr, flush=True)
        if isinstance(error, NotImplementedError):
            bug = Bug(call, _unserved(call, error), trace, served=False)
        else:
            last = traceback.format_exception_only(error)[-1].strip()
            bug = Bug(call, f"{last} ({place_of(error, PACKAGES)})", trace)
        with self._lock:
            if len(self._seen) < KEPT:
                self._seen.append(bug)
        return bug

    def note_stop(self, call: str, why: str) -> None:
        """Record the reason why a function was stopped."""
        with self._lock:
            if len(self._seen) < KEPT:
                self._seen.append(Bug(call, why, stopped=True))

    def answer(self, environ: dict[str, Any], body: bytes, error: BaseException) -> Answer:
        """Return the response to a request that raised an exception. Stores the exception as a bug.

        An invalid request is the caller's mistake, not a bug.
        """
        if mistake := mistake_in(environ, body, error):
            said = f"{call_of(environ, body)}: {mistake.message}"
            answer = _answer(environ, mistake.status, mistake.code, said)
        else:
            bug = self.note(call_of(environ, body), error)
            code = "InternalFailure" if bug.served else "NotImplemented"
            answer = _answer(environ, 500 if bug.served else 501, code, bug.sentence)
        if attempt := environ.get(_ATTEMPT):
            with self._lock:
                self._answers[attempt] = answer
                while len(self._answers) > KEPT:
                    self._answers.popitem(last=False)
        return answer

    def answered(self, environ: dict[str, Any]) -> Answer | None:
        """Return the response to a previous attempt at this request, if that attempt raised an exception."""
        if not self._answers:
            return None
        with self._lock:
            return self._answers.get(environ.get(_ATTEMPT, ""))


def _unserved(call: str, error: NotImplementedError) -> str:
    signed = call.partition(":")[0]
    service = _SERVICES.get(signed, signed)
    if isinstance(error, ServiceNotServed):
        return f"the embedded engine does not support {service}"
    return f"the embedded engine supports {service}, but not this part of it ({error})"


def call_of(environ: dict[str, Any], body: bytes) -> str:
    """Return the name of the call in a request.

    This is `dynamodb:PutItem`, or `s3: GET /bucket/key` for REST services.
    """
    service = service_of(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    action = _ACTION.search(body[:200_000].decode(errors="replace")) if is_form(environ) else None
    action = action or _ACTION.search(f"?{environ.get('QUERY_STRING', '')}")
    if target or action:
        return f"{service}:{target or (action[1] if action else '')}"
    return f"{service}: {environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"


def _answer(environ: dict[str, Any], status: int, code: str, message: str) -> Answer:
    """Return the error, with the exception in a header that the harness reads."""
    line = message.encode("ascii", "backslashreplace").decode().replace("\n", " ")[:2000]
    status, headers, body = error_answer(environ, status, code, message, "Receiver")
    return status, {HEADER: line} | headers, body


def _check_route(environ: dict[str, Any], status: str, content: list[bytes]) -> None:
    """Raise an error if the response to a signed request is a web server's "not found" or "method not
    allowed" page.
    """
    pages = {"404": b"<title>404 Not Found</title>", "405": b"<title>405 Method Not Allowed</title>"}
    page = pages.get(status[:3])
    if page is not None and "HTTP_AUTHORIZATION" in environ and page in b"".join(content)[:200]:
        raise NotImplementedError("moto does not support this path")


def answering(bugs: Bugs, app: Callable[..., Any]) -> Callable[..., list[bytes]]:
    """Wrap a WSGI application to convert its exceptions to responses."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        sent = environ["wsgi.input"]
        found = bugs.answered(environ)
        if found is None:
            told: list[tuple[Any, ...]] = []
            try:
                made = list(app(environ, lambda *given: told.append(given)))
                _check_route(environ, told[-1][0], made)
            except Exception as error:
                sent.seek(0)
                found = bugs.answer(environ, sent.read(), error)
            else:
                start_response(*told[-1])
                return made
        status, headers, content = found
        start_response(
            f"{status} {http.HTTPStatus(status).phrase}",
            [*headers.items(), ("Content-Length", str(len(content)))],
        )
        return [content]

    return wrapped
