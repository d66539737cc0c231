"""The child process: moto's server on 127.0.0.1 with the harness's patches.

Prints one line `{"url": ...}` on standard output when it serves. Ends on SIGTERM and when its standard input
is closed, which is what happens when the parent dies, however it dies.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from moto import settings
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from harness.engine.moto.control import Control
from harness.functions.runtime import FunctionRuntime

HOST = "127.0.0.1"


class RequestHandler(MotoRequestHandler):
    """Keeps connections open between requests, and quiet."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: what was called is in the observation."""


def preload() -> None:
    """Import what a deployment needs while the parent is still busy; CloudFormation takes the longest."""
    import moto.cloudformation.responses  # noqa: PLC0415
    import moto.s3.responses  # noqa: F401, PLC0415

    gc.freeze()
    gc.enable()


def main(account_id: str, region: str) -> None:
    """Serve until told to stop."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    dispatcher: Any = DomainDispatcherApplication(create_backend_app)
    server = make_server(HOST, 0, dispatcher, threaded=True, request_handler=RequestHandler)
    url = f"http://{HOST}:{server.server_port}"
    os.environ["MOTO_PORT"] = str(server.server_port)  # read by settings.moto_server_port
    settings.TEST_SERVER_MODE = True

    # After MOTO_PORT is known:
    from harness.engine.moto import cloudformation, functions, listing, roles, stepfunctions  # noqa: PLC0415

    invocations: list[Any] = []
    runtime = FunctionRuntime(on_invocation=invocations.append)

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        runtime.close()
        os._exit(0)

    def stop_with_parent() -> None:
        with contextlib.suppress(OSError):
            while sys.stdin.buffer.read(1):
                pass
        stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=stop_with_parent, daemon=True).start()

    executions = stepfunctions.install(url, account_id)
    functions.install(runtime, url)
    roles.install()
    listing.install()
    cloudformation.install()
    server.app = Control(dispatcher, runtime, executions, invocations, account_id, region)
    print(json.dumps({"url": url}), flush=True)
    threading.Thread(target=preload, daemon=True).start()
    server.serve_forever()
