"""Errors that the engine itself returns, in the format that the service's client expects.

Protocols: https://smithy.io/2.0/aws/protocols/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""
Environ = Mapping[str, Any]
"""A WSGI request environment."""
DATED_PATH: Final = re.compile(r"/\d{4}-\d{2}-\d{2}/")
"""The beginning of a path that identifies a REST service that uses JSON."""

_SCOPE: Final = re.compile(r"Credential=[^/,\s]+/\d+/[^/]+/([^/,\s]+)/")
_SCOPE_IN_URL: Final = re.compile(
    r"X-Amz-Credential=[^&]*?(?:/|%2F)\d+(?:/|%2F)[^&]*?(?:/|%2F)([\w-]+)", re.I
)
_ACTION: Final = re.compile(r"(?:^|&|\?)Action=\w+")
_XML: Final = ("s3", "route53", "cloudfront", "s3control")
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def service_of(environ: Environ) -> str:
    """Return the service for which a request is signed.

    An unsigned request is treated as an S3 request, as in moto.
    """
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    scope = scope or _SCOPE_IN_URL.search(environ.get("QUERY_STRING", ""))
    return scope[1] if scope else "s3"


def is_form(environ: Environ) -> bool:
    """Return whether the request uses the query protocol, according to its body."""
    kind: str = environ.get("CONTENT_TYPE") or ""
    return kind.startswith("application/x-www-form-urlencoded")


def protocol_of(environ: Environ) -> str:
    """Return the protocol in which the client expects errors: cbor, json, rest-json, query or xml."""
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        return "cbor"
    if environ.get("HTTP_X_AMZ_TARGET"):
        return "json"
    if is_form(environ):
        return "query"
    service = service_of(environ)
    if service == "s3" and DATED_PATH.match(environ.get("PATH_INFO", "")):
        return "rest-json"
    if service != "s3" and _ACTION.search(environ.get("QUERY_STRING", "")):
        return "query"
    return "xml" if service in _XML else "rest-json"


def error_answer(environ: Environ, status: int, code: str, message: str, fault: str = "Sender") -> Answer:
    """Return an error. `fault` is AWS's word for the side that caused it, Sender or Receiver."""
    message = message.encode("utf-8", "backslashreplace").decode()
    protocol = protocol_of(environ)
    if protocol == "cbor":
        fields = b"".join(_cbor(text) for text in ("__type", code, "message", message))
        cbor = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return status, cbor, b"\xa2" + fields
    if protocol in ("json", "rest-json"):
        headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
        return status, headers, json.dumps({"__type": code, "message": message}).encode()
    detail = f"<Code>{code}</Code><Message>{escape(_NO_XML.sub('?', message))}</Message>"
    if protocol == "xml":
        text = f"<Error>{detail}</Error>"
    else:
        text = f"<ErrorResponse><Error><Type>{fault}</Type>{detail}</Error></ErrorResponse>"
    if service_of(environ) == "ec2":
        text = f"<Response><Errors><Error>{detail}</Error></Errors></Response>"
    return status, {"Content-Type": "text/xml"}, f'<?xml version="1.0"?>\n{text}'.encode()


def _cbor(text: str) -> bytes:
    data = text.encode()[:65_535]
    return b"\x79" + len(data).to_bytes(2, "big") + data
