"""Access control for the engine.

Callers must send the session token in a header, in a presigned URL parameter, or in a form posted to S3. Web
pages are rejected unless their origin is allowed. A request is rejected before it is read if it comes from a
foreign page, or if its Host header is foreign (an external name that points to this address).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import unquote

from harness.engine.moto.error_answers import Answer, Environ
from harness.engine.moto.session_token import PARAMETER, SESSION_TOKEN
from harness.engine.moto.token_errors import token_error
from harness.functions.shared.control_protocol import PREFIX, SECRET_HEADER

HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
FORM_BYTES: Final = 65_536
"""The maximum number of bytes in a form to search for the token.

S3 requires that all fields except the file fit in 20 KB:
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
"""
# Matches host names with the bucket name that SDKs prepend to http://localhost, with any port (such
# as a tunnel's), and with the StartSyncExecution prefix, if that name resolves to this machine.
_HOST: Final = re.compile(
    rf"(?:(?:sync-)?(?:{'|'.join(map(re.escape, HOSTS))})|[^:@/]+\.localhost)(?::\d+)?", re.I
)
_OWN_HEADER: Final = "HTTP_" + SECRET_HEADER.upper().replace("-", "_")
_HEADER: Final = "HTTP_" + PARAMETER.upper().replace("-", "_")
_IN_URL: Final = re.compile(rf"(?:^|&){PARAMETER}=([^&]*)", re.I)
_IN_FORM: Final = re.compile(
    rb'name="' + PARAMETER.encode() + rb'"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)\r\n', re.I
)
_OF_THIS_PAGE: Final = ("none", "same-origin")
_EXPECTED: Final = SESSION_TOKEN.encode()


class Doors:
    """Decides which requests to the engine's port are rejected.

    Attributes:
        open: True if any user on this machine may use the AWS API without the token.
    """

    def __init__(self, port: int) -> None:
        self.open = False
        self._origins: frozenset[str] = frozenset()
        self._usual = f"{HOSTS[0]}:{port}"

    def admit(self, *, anybody: bool, origins: Iterable[str]) -> None:
        """Accept requests from web pages with these origins and, with `anybody`, from any user on this
        machine.
        """
        self.open, self._origins = anybody, frozenset(origins)

    def refusal(self, environ: Environ, form: Callable[[], bytes]) -> Answer | None:
        """Return the response to a rejected request, or None if the request is allowed.

        `form` returns the beginning of the request body.
        """
        if stranger := self._foreign(environ):
            return _plain(403, stranger)
        if self._is_preflight(environ):
            return 204, self._for_pages(environ), b""
        known = hmac.compare_digest(_given(environ, form).encode("utf-8", "surrogateescape"), _EXPECTED)
        if environ["PATH_INFO"].startswith(PREFIX):
            return (
                None
                if known
                else _plain(403, f"{PREFIX} is only for the harness itself, which has the secret")
            )
        if known or self.open:
            return None
        status, headers, body = token_error(environ)
        return status, headers | self._for_pages(environ), body

    def headers(self, environ: Environ) -> list[tuple[str, str]]:
        """Return the additional headers that let the calling page read the response."""
        return list(self._for_pages(environ).items()) if self._origins else []

    def _foreign(self, environ: Environ) -> str:
        """Return the reason why a request is considered foreign, or "" if it is not."""
        host: str = environ.get("HTTP_HOST", "")
        if host != self._usual and not _HOST.fullmatch(host):
            return f"Host {host!r} is not this engine, which is at http://{self._usual}"
        origin: str | None = environ.get("HTTP_ORIGIN")
        if origin is not None:
            return "" if origin in self._origins else _of_page(f"with the origin {origin!r}", origin)
        site: str = environ.get("HTTP_SEC_FETCH_SITE", "none")
        return "" if site in _OF_THIS_PAGE else _of_page("elsewhere", "ORIGIN")

    def _is_preflight(self, environ: Environ) -> bool:
        return (
            environ["REQUEST_METHOD"] == "OPTIONS"
            and "HTTP_ORIGIN" in environ  # the origin is allowed, because others have already been rejected
            and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        )

    def _for_pages(self, environ: Environ) -> dict[str, str]:
        """Return the headers defined in https://fetch.spec.whatwg.org/#http-cors-protocol for a page from an
        allowed origin.
        """
        origin = environ.get("HTTP_ORIGIN")
        if origin not in self._origins:
            return {}
        headers = {
            "Access-Control-Allow-Origin": str(origin),
            "Access-Control-Expose-Headers": "*",
            "Vary": "Origin",
        }
        if self._is_preflight(environ):
            asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
            headers["Access-Control-Allow-Headers"] = asked
            headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE"
            headers["Access-Control-Allow-Private-Network"] = "true"
        return headers


def _given(environ: Environ, form: Callable[[], bytes]) -> str:
    """Return the token in a request, or "" if there is none."""
    token: str | None = environ.get(_OWN_HEADER) or environ.get(_HEADER)
    if token:
        return token
    if in_url := _IN_URL.search(environ.get("QUERY_STRING", "")):
        return unquote(in_url[1])
    if environ["REQUEST_METHOD"] != "POST":
        return ""
    if not (environ.get("CONTENT_TYPE") or "").startswith("multipart/form-data"):
        return ""
    in_form = _IN_FORM.search(form())
    return in_form[1].decode("utf-8", "replace") if in_form else ""


def _of_page(whose: str, origin: str) -> str:
    return (
        f"this request is from a web page {whose}, and web pages are not served; "
        f"to serve this page, start the engine with: harness up --cors {origin}"
    )


def _plain(status: int, text: str) -> Answer:
    text = text.encode("ascii", "backslashreplace").decode()
    return status, {"Content-Type": "text/plain"}, f"{text}\n".encode()
