"""Connections to the child process's server. They stay open, and each response is sent in one piece.

werkzeug's own handler closes each connection after its response, because it cannot know whether the
application has read the whole request. This handler reads the request before the application sees
it. Opening a connection costs both sides as much as a small request, and functions make thousands
of requests.

A request that `doors` rejects gets its response before the body is read, and the connection is closed.
"""

from __future__ import annotations

import contextlib
import http
import io
import socket
import traceback
from typing import Any, ClassVar, Final

from moto.moto_server.werkzeug_app import MotoRequestHandler

from harness.engine.moto.doors import FORM_BYTES, Doors
from harness.engine.moto.error_answers import Answer

_NO_BODY = (204, 304)
MOMENT: Final = "harness.moment"
"""The WSGI environment key for the time of the response, in seconds since 1970."""
# larger than any request except for large objects, whose clients send Expect: 100-continue first
_DROPPED_BYTES = 100 << 20
_DROPPING_S = 5.0


class RequestHandler(MotoRequestHandler):
    """Serves the requests on one connection, one at a time."""

    protocol_version = "HTTP/1.1"
    # otherwise, each response waits for the client's acknowledgement
    disable_nagle_algorithm: ClassVar[bool] = True

    def run_wsgi(self) -> None:
        """Serve one request. werkzeug has already read its headers."""
        environ = self.make_environ()
        self._begun = b""
        doors: Doors = self.server.doors  # type: ignore[attr-defined]
        refused = doors.refusal(environ, lambda: self._begin_body(environ))
        if refused is not None:
            self._refuse(refused)
            return
        environ["wsgi.input"] = io.BytesIO(self._begun + self._body(environ))
        status, headers = "500 Internal Server Error", list[tuple[str, str]]()

        def start_response(given: str, given_headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
            nonlocal status, headers
            status, headers = given, given_headers

        app: Any = self.server.app
        answered: Any = ()
        try:
            answered = app(environ, start_response)
            body = b"".join(answered)
        except Exception:
            self.log_error("%s", traceback.format_exc())
            status, headers, body = "500 Internal Server Error", [], b""
            self.close_connection = True
        finally:
            if hasattr(answered, "close"):
                answered.close()
        answer = self._answer(status, [*headers, *doors.headers(environ)], body, environ.get(MOMENT))
        self.wfile.write(answer)

    def _refuse(self, answer: Answer) -> None:
        """Send the response, and discard the rest of the request. Without that, closing would lose the
        response.
        """
        status, headers, body = answer
        self.close_connection = True
        self.wfile.write(self._answer(f"{status} {_phrase(status)}", list(headers.items()), body, None))
        left = _DROPPED_BYTES
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_DROPPING_S)
            while left > 0 and (dropped := self.rfile.read1(1 << 16)):
                left -= len(dropped)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing, because the observation already contains the calls."""

    def _body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):  # chunked: werkzeug's stream detects the end
            body: bytes = environ["wsgi.input"].read()
            return body
        return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0) - len(self._begun))

    def _begin_body(self, environ: dict[str, Any]) -> bytes:
        """Read the beginning of a form, or no bytes if its length is unknown."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self._begun = self.rfile.read(min(length, FORM_BYTES))
        return self._begun

    def _answer(
        self, status: str, headers: list[tuple[str, str]], body: bytes, moment: float | None
    ) -> bytes:
        code = int(status.split(" ", 1)[0])
        names = {name.lower() for name, _ in headers}
        lines = [f"HTTP/1.1 {status if ' ' in status else f'{code} {_phrase(code)}'}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if "server" not in names:
            lines.append(f"Server: {self.version_string()}")
        if "date" not in names:
            lines.append(f"Date: {self.date_time_string(moment)}")
        if "content-length" not in names and code not in _NO_BODY:
            lines.append(f"Content-Length: {len(body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return head if self.command == "HEAD" else head + body


def _phrase(code: int) -> str:
    try:
        return http.HTTPStatus(code).phrase
    except ValueError:
        return ""
