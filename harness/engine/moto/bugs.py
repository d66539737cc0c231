"""Exceptions in the child process: kept for the harness, and answered so that the caller sees them.

A request that ends in one gets status 500, AWS's code InternalFailure in the form of the service's protocol,
and the exception as its message. SDKs send such a request again: it gets the same answer then, and is not
done a second time, which would only hide the first exception.
"""

from __future__ import annotations

import contextlib
import http
import json
import re
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final
from xml.sax.saxutils import escape

from harness.bug import HEADER, Bug, place_of

PACKAGES: Final = ("moto", "harness")
KEPT: Final = 50
"""So many bugs are kept: one in a loop would fill the memory."""
_SCOPE: Final = re.compile(r"Credential=[^/,\s]+/\d+/[^/]+/([^/,\s]+)/")
_ACTION: Final = re.compile(r"(?:^|&|\?)Action=(\w+)")
_XML: Final = ("s3", "route53", "cloudfront", "s3control")
_SERVICES: Final = {"geo": "location", "IngestionService": "importexport"}
"""boto3's names of services that requests are signed for under another one."""
_ATTEMPT: Final = "HTTP_AMZ_SDK_INVOCATION_ID"
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class ServiceNotServed(NotImplementedError):
    """A request to a service that the engine does not have."""


class Bugs:
    """The exceptions of this process since `clear`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Bug] = []
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def seen(self) -> tuple[Bug, ...]:
        """The bugs in the order in which they happened."""
        with self._lock:
            return tuple(self._seen)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._seen.clear()

    def note(self, call: str, error: BaseException) -> Bug:
        """Keep an exception, and write it to the log."""
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

        Half of a surrogate pair, which JSON can write and UTF-8 cannot, is the caller's mistake.
        """
        if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
            call = call_of(environ, body)
            answer = _answer(environ, 400, "SerializationException", f"{call}: a text is no Unicode: {error}")
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
    action = _ACTION.search(body[:200_000].decode(errors="replace")) if _is_form(environ) else None
    action = action or _ACTION.search(f"?{environ.get('QUERY_STRING', '')}")
    if target or action:
        return f"{service}:{target or (action[1] if action else '')}"
    return f"{service}: {environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"


def service_of(environ: dict[str, Any]) -> str:
    """The service that a request is signed for; requests without a signature are S3's, as moto takes them."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return scope[1] if scope else "s3"


def _is_form(environ: dict[str, Any]) -> bool:
    kind: str = environ.get("CONTENT_TYPE") or ""
    return kind.startswith("application/x-www-form-urlencoded")


def _answer(environ: dict[str, Any], status: int, code: str, message: str) -> Answer:
    """The error in the form that the client of the service reads: https://smithy.io/2.0/aws/protocols/."""
    headers = {HEADER: message.encode("ascii", "backslashreplace").decode().replace("\n", " ")[:2000]}
    message = message.encode("utf-8", "backslashreplace").decode()
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        fields = b"".join(_cbor(text) for text in ("__type", code, "message", message))
        cbor = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return status, headers | cbor, b"\xa2" + fields
    if environ.get("HTTP_X_AMZ_TARGET") or not (_is_form(environ) or service_of(environ) in _XML):
        headers |= {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
        return status, headers, json.dumps({"__type": code, "message": message}).encode()
    detail = f"<Code>{code}</Code><Message>{escape(_NO_XML.sub('?', message))}</Message>"
    if not _is_form(environ):
        text = f"<Error>{detail}</Error>"
    else:
        text = f"<ErrorResponse><Error><Type>Receiver</Type>{detail}</Error></ErrorResponse>"
    return status, headers | {"Content-Type": "text/xml"}, f'<?xml version="1.0"?>\n{text}'.encode()


def _cbor(text: str) -> bytes:
    data = text.encode()[:65_535]
    return b"\x79" + len(data).to_bytes(2, "big") + data


def answering(bugs: Bugs, app: Callable[..., Any]) -> Callable[..., list[bytes]]:
    """Wrap a WSGI application: exceptions of it become answers."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        sent = environ["wsgi.input"]
        found = bugs.answered(environ)
        if found is None:
            try:
                return list(app(environ, start_response))
            except Exception as error:
                sent.seek(0)
                found = bugs.answer(environ, sent.read(), error)
        status, headers, content = found
        start_response(
            f"{status} {http.HTTPStatus(status).phrase}",
            [*headers.items(), ("Content-Length", str(len(content)))],
        )
        return [content]

    return wrapped
