"""The child process: moto's server on 127.0.0.1 with the harness's patches.

Prints one line `{"url": ...}` on standard output when it serves. Ends on SIGTERM and when its standard input
is closed, which is what happens when the parent dies, however it dies.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, ClassVar

import boto3
from moto import settings
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from harness.engine.moto import deferred
from harness.engine.moto.connections import RequestHandler
from harness.engine.moto.control import Control
from harness.functions.host.runtime import FunctionRuntime
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.services import Services

HOST = "127.0.0.1"


class SlowServices:
    """Services that take long to import: that goes on while the first requests are answered already."""

    names: ClassVar = ("s3", "cloudformation", "sns")

    def __init__(self) -> None:
        self._loaded = threading.Event()

    def load(self) -> None:
        """Import and patch them."""
        try:
            deferred.install()
            _load_regions_once()
            from harness.engine.moto import cloudformation, encryption, listing, subscriptions, topics  # noqa: PLC0415

            listing.install()
            cloudformation.install()
            subscriptions.install()
            encryption.install()
            topics.install()
            gc.freeze()
            gc.enable()
        finally:
            self._loaded.set()

    def create_app(self, service: Any) -> Any:
        """moto's application of a service; it waits until that is loaded."""
        if service in self.names:
            self._loaded.wait()
        return create_backend_app(service)


def _load_regions_once() -> None:
    """Import moto.ec2, which CloudFormation needs, with one boto3 session: it makes three, of 200 ms each."""
    session, boto3.Session = boto3.Session, functools.cache(boto3.Session)  # type: ignore[misc,assignment]
    try:
        import moto.ec2.models  # noqa: F401, PLC0415
    finally:
        boto3.Session = session  # type: ignore[misc]


def main(account_id: str, region: str) -> None:
    """Serve until told to stop."""
    services = SlowServices()
    dispatcher: Any = DomainDispatcherApplication(services.create_app)
    server = make_server(HOST, 0, dispatcher, threaded=True, request_handler=RequestHandler)
    url = f"http://{HOST}:{server.server_port}"
    os.environ["MOTO_PORT"] = str(server.server_port)  # read by settings.moto_server_port
    settings.TEST_SERVER_MODE = True

    from harness.engine.moto import (  # noqa: PLC0415  (after MOTO_PORT is known)
        functions,
        policies,
        roles,
        speed,
        stack_machines,
        stepfunctions,
    )

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

    machines = stepfunctions.StateMachines(
        functions.MotoFunctions(runtime, url),
        Services(url),
        runtime.faults,
        Caller(account_id, region),
        runtime.stop_environments,
    )
    stack_machines.StackMachines(machines).install()
    functions.install(runtime, url)
    roles.install()
    policies.install()
    speed.install()
    server.app = Control(dispatcher, runtime, machines, invocations, account_id, region)
    print(json.dumps({"url": url}), flush=True)
    threading.Thread(target=services.load, daemon=True).start()
    server.serve_forever()
