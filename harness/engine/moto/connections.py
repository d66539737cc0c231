"""The connections of the child process's server: they stay open, and an answer leaves in one piece.

werkzeug's own handler closes each connection after its answer, because it cannot know whether the application
has read the whole request. Here the request is read before the application sees it. A connection costs both
ends as much as a small request, and functions make thousands of those.

A request that is not let in (`doors`) is answered before it is read, and its connection closed.
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
"""The key in a WSGI environment of the time of an answer, in seconds since 1970."""
_DROPPED_BYTES = 100 << 20  # more than any request but those for large objects, whose clients ask first
_DROPPING_S = 5.0


class RequestHandler(MotoRequestHandler):
    """Answers the requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm: ClassVar[bool] = True  # else each answer waits for the client's acknowledgement

    def run_wsgi(self) -> None:
        """Answer one request, which werkzeug has read up to its headers."""
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
        """Answer, and drop what the client still sends: a connection closed on it would lose the answer."""
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
        """Nothing: what was called is in the observation."""

    def _body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):  # chunked: werkzeug's stream knows its end
            body: bytes = environ["wsgi.input"].read()
            return body
        return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0) - len(self._begun))

    def _begin_body(self, environ: dict[str, Any]) -> bytes:
        """Read the beginning of a form; nothing of one whose length is not known."""
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
