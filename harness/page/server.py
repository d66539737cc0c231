"""Serves the page on 127.0.0.1, in threads of this process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, ClassVar, Final

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from harness.page.app import App
from harness.page.doors import Doors
from harness.page.look import Look

HOST: Final = "127.0.0.1"
_IDLE_S: Final = 30.0


class _Handler(WSGIRequestHandler):
    """Logs no requests, and limits the time to wait for an incomplete request."""

    timeout: ClassVar[float] = _IDLE_S

    def log(self, _type: str, _message: str, *_args: Any) -> None:
        """Log nothing: the screen is reserved for events in the engine."""

    def version_string(self) -> str:
        """Return no versions."""
        return "harness"


class Page:
    """The server, from `start` to `stop`. `on_use` is called after a link has been used and replaced."""

    def __init__(self, look: Look, on_use: Callable[[Page], object]) -> None:
        self._doors = Doors()
        self.look = look
        app = App(self._doors, self.look, lambda: on_use(self))
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self._server: BaseWSGIServer = make_server(HOST, 0, app, threaded=True, request_handler=_Handler)

    @property
    def link(self) -> str:
        """The URL that opens the page. It works once."""
        return f"http://{HOST}:{self._server.server_port}/?token={self._doors.token}"

    def start(self) -> None:
        """Start serving."""
        threading.Thread(target=self._server.serve_forever, daemon=True, name="page").start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
