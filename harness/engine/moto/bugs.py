"""Exceptions in the child process: kept for the harness, and answered so that the caller sees them.

A request that ends in one gets status 500, AWS's code InternalFailure in the form of the service's protocol,
and the exception as its message. SDKs send such a request again: it gets the same answer then, and is not
done a second time, which would only hide the first exception.
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
"""So many bugs are kept: one in a loop would fill the memory."""
_ACTION: Final = re.compile(r"(?:^|&|\?)Action=(\w+)")
_SERVICES: Final = {"geo": "location", "IngestionService": "importexport"}
"""boto3's names of services that requests are signed for under another one."""
_ATTEMPT: Final = "HTTP_AMZ_SDK_INVOCATION_ID"


class ServiceNotServed(NotImplementedError):
    """A request to a service that the engine does not have."""


class Bugs:
    """The exceptions of this process since `clear`."""

    def __init__(self, give_up: Callable[[FunctionRuntimeError], None]) -> None:
        """`give_up` is called with an error of the function runtime, and does not return."""
        self._give_up = give_up
        self._lock = threading.Lock()
        self._seen: list[Bug] = []
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def seen(self) -> tuple[Bug, ...]:
        """The bugs in the order in which they happened."""
        with self._lock:
            return tuple(self._seen)

    def clear(self) -> None:
        """Forget them, and what they were answered: the same requests may come again."""
        with self._lock:
            self._seen.clear()
            self._answers.clear()

    def note(self, call: str, error: BaseException) -> Bug:
        """Keep an exception, and write it to the log."""
        if isinstance(error, FunctionRuntimeError):
            self._give_up(error)
        trace = "".join(traceback.format_exception(error))
        with contextlib.suppress(OSError):  # the log is a temporary file, and that disk may be full
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
        """Keep the reason for which a function was stopped."""
        with self._lock:
            if len(self._seen) < KEPT:
                self._seen.append(Bug(call, why, stopped=True))

    def answer(self, environ: dict[str, Any], body: bytes, error: BaseException) -> Answer:
        """The answer to a request that ended in an exception, which is noted.

        What is wrong with the request itself is the caller's mistake, and no bug.
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
        """The answer to an earlier attempt of the same request, if that ended in an exception."""
        if not self._answers:
            return None
        with self._lock:
            return self._answers.get(environ.get(_ATTEMPT, ""))


def _unserved(call: str, error: NotImplementedError) -> str:
    signed = call.partition(":")[0]
    service = _SERVICES.get(signed, signed)
    if isinstance(error, ServiceNotServed):
        return f"the embedded engine does not serve {service}"
    return f"the embedded engine serves {service}, but not this of it ({error})"


def call_of(environ: dict[str, Any], body: bytes) -> str:
    """The call that a request makes: `dynamodb:PutItem`; of REST services `s3: GET /bucket/key`."""
    service = service_of(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    action = _ACTION.search(body[:200_000].decode(errors="replace")) if is_form(environ) else None
    action = action or _ACTION.search(f"?{environ.get('QUERY_STRING', '')}")
    if target or action:
        return f"{service}:{target or (action[1] if action else '')}"
    return f"{service}: {environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"


def _answer(environ: dict[str, Any], status: int, code: str, message: str) -> Answer:
    """Give the error, with the exception in a header of the harness's."""
    line = message.encode("ascii", "backslashreplace").decode().replace("\n", " ")[:2000]
    status, headers, body = error_answer(environ, status, code, message, "Receiver")
    return status, {HEADER: line} | headers, body


def _check_route(environ: dict[str, Any], status: str, content: list[bytes]) -> None:
    """Refuse an answer to a signed request that is the page of a web server without such a path or method."""
    pages = {"404": b"<title>404 Not Found</title>", "405": b"<title>405 Method Not Allowed</title>"}
    page = pages.get(status[:3])
    if page is not None and "HTTP_AUTHORIZATION" in environ and page in b"".join(content)[:200]:
        raise NotImplementedError("moto has no such path")


def answering(bugs: Bugs, app: Callable[..., Any]) -> Callable[..., list[bytes]]:
    """Wrap a WSGI application: exceptions of it become answers."""

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
