"""The application: checks requests, finds the view for a path, and responds."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

from harness.engine.base import EngineError
from harness.page.doors import Doors, stranger
from harness.page.look import Look
from harness.page.starting import Form, start

if TYPE_CHECKING:
    from harness.page.layout import Shown

SEEN: Final = "X-Seen"
"""The header with the version that a browser shows. The browser receives a response only for a
newer version.
"""
VERSION: Final = "X-Version"
CLOCK: Final = "X-Clock"
_POSTED_BYTES: Final = 2 << 20
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_STATIC: Final = {
    "/page.css": "text/css",
    "/page.js": "text/javascript",
    "/page.svg": "image/svg+xml",
}


class _Request(Request):
    max_content_length = _POSTED_BYTES
    max_form_memory_size = _POSTED_BYTES
    max_form_parts = 10


class App:
    """The WSGI application; `on_use` is called after a link has been used."""

    def __init__(self, doors: Doors, look: Look, on_use: Callable[[], object]) -> None:
        self._doors = doors
        self._look = look
        self._on_use = on_use

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Respond to one request, even after an exception."""
        request = _Request(environ)
        try:
            answer = self._answer(request)
        except HTTPException as error:
            answer = self._page(f"{error.code} {error.name}", str(error.description), error.code or 500)
        except EngineError as error:
            answer = self._page("The engine has stopped", str(error), 503)
        except Exception:
            answer = self._page("This is a bug in the harness", traceback.format_exc(), 500)
        answer.headers.extend(_HEADERS)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        token = request.args.get("token", "") if request.path == "/" else ""
        if refusal := stranger(dict(request.headers), request.method, link=bool(token)):
            return self._page("Access denied", refusal, 403)
        if request.path in _STATIC and request.method == "GET":
            return Response(_static(request.path[1:]), mimetype=_STATIC[request.path])
        if not self._doors.knows(request.cookies.get(self._doors.cookie, "")):
            return self._let_in(token)
        if not request.path.startswith(self._doors.base):
            return self._to("")
        return self._shown(request, request.path.removeprefix(self._doors.base))

    def _let_in(self, token: str) -> Response:
        session = self._doors.spend(token) if token else None
        if session is None:
            said = "A link works only once. " * bool(token)
            return self._page(
                "A link is required", f"{said}Use the current link from the terminal with harness up.", 403
            )
        self._on_use()
        answer = self._to("")
        answer.headers["Set-Cookie"] = self._doors.set_cookie(session)
        return answer

    def _to(self, place: str) -> Response:
        """Redirect with a page, because a browser drops a strict cookie on an HTTP redirect from
        another site.
        """
        from harness.page.layout import leads_to  # noqa: PLC0415  (at the first request)

        return Response(leads_to(self._doors.base + place), mimetype="text/html")

    def _shown(self, request: Request, path: str) -> Response:
        if path == "start" and request.method == "POST":
            return self._start(request)
        if request.method not in ("GET", "HEAD"):
            raise NotFound("This page only supports GET and HEAD.")
        version, now = self._look.pulse()
        told = {CLOCK: str(now)} if now is not None else {}
        if version and request.headers.get(SEEN) == version:
            return Response(status=204, headers=told)
        return self._view(path, request.args, version, told)

    def _view(
        self, path: str, query: Mapping[str, str], version: str, headers: Mapping[str, str]
    ) -> Response:
        from harness.page.views import VIEWS  # noqa: PLC0415  (at the first request)

        view = VIEWS.get(path)
        if view is None:
            raise NotFound("Page not found.")
        shown = view(self._look, query)
        if shown is None:
            raise NotFound("Not found in the engine. It may have been deleted.")
        return self._whole(shown, path, version, headers)

    def _start(self, request: Request) -> Response:
        form = Form.of(request.form, self._look.machines())
        arn = ""
        if not form.wrong:
            arn, form = start(self._look, form)
        if arn:
            return Response(status=303, headers={"Location": f"execution?{_query(arn=arn)}"})
        from harness.page.views.starting import form_view  # noqa: PLC0415  (at the first request)

        return self._whole(form_view(self._look, form), "start", self._look.pulse()[0], {}, 422)

    def _whole(
        self, shown: Shown, path: str, version: str, headers: Mapping[str, str], status: int = 200
    ) -> Response:
        from harness.page.layout import whole  # noqa: PLC0415  (at the first request)

        text = whole(shown, path, self._look, version)
        if not version:  # an engine that does not report events
            version = hashlib.sha256(text.encode()).hexdigest()[:16]
        return Response(text, status, {**headers, VERSION: version}, mimetype="text/html")

    def _page(self, title: str, text: str, status: int) -> Response:
        from harness.page.layout import alone  # noqa: PLC0415  (at the first request)

        return Response(alone(title, text), status, mimetype="text/html")


def _query(**of: str) -> str:
    return urlencode(of, errors="surrogatepass")


@cache
def _static(name: str) -> bytes:
    content = files("harness.page").joinpath("static", name).read_bytes()
    if name.endswith(".css"):
        from harness.drawing.style import STYLE  # noqa: PLC0415  (at the first request)

        return STYLE.encode() + content
    return content
