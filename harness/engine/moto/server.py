"""The child process: moto's server on 127.0.0.1 with the harness's patches.

Once it accepts requests, it prints one line `{"url": ..., "session_token": ...}` on standard
output. It exits on SIGTERM, and when its standard input is closed, which also happens when the
parent dies for any reason.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from moto import settings
from moto.moto_server import werkzeug_app
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from harness.engine.moto import deferred, ids
from harness.engine.moto.bugs import Bugs, ServiceNotServed
from harness.engine.moto.connections import RequestHandler
from harness.engine.moto.control import Control, WsgiApp
from harness.engine.moto.doors import HOSTS, Doors
from harness.engine.moto.ended import EndedInvocations
from harness.engine.moto.session_token import PARAMETER, SESSION_TOKEN
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared import lifeline
from harness.functions.shared.control_protocol import PREFIX
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.services import Services

if TYPE_CHECKING:
    from harness.engine.moto.functions import MotoFunctions
    from harness.engine.moto.stepfunctions import StateMachines

HOST = HOSTS[0]
_NEW_OBJECTS = 7_000
"""Garbage collection threshold.

With Python's default threshold of 700 new objects, garbage collection takes a tenth of this process's time.
"""


class SlowServices:
    """Services that are patched, or slow to import. Other services are available while these are being
    loaded.
    """

    names: ClassVar = ("s3", "cloudformation", "dynamodb", "events", "sns", "sqs")

    def __init__(self) -> None:
        self._loaded = threading.Event()
        self._dynamodb: WsgiApp | None = None
        self.dispatcher: WsgiApp = DomainDispatcherApplication(self.create_app)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve a request to any service. DynamoDB requests do not pass through moto's dispatcher."""
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB"):
            self._loaded.wait()
            if self._dynamodb is None:
                raise RuntimeError("DynamoDB could not be loaded; see the engine's output")
            return self._dynamodb(environ, start_response)
        return self.dispatcher(environ, start_response)

    def load(self, machines: StateMachines, functions: MotoFunctions) -> None:
        """Import and patch the services, and send their events to `functions` and `machines`."""
        try:
            deferred.install()
            from harness.engine.moto.dynamodb.service import DynamoDB  # noqa: PLC0415

            _patch_services(machines, functions)
            self._dynamodb = DynamoDB(self.dispatcher, time.time)
            gc.freeze()
            gc.set_threshold(_NEW_OBJECTS)
            gc.enable()
        finally:
            self._loaded.set()

    def create_app(self, service: Any) -> Any:
        """Return moto's application for a service, after the service has been loaded."""
        if service is None:
            raise ServiceNotServed
        if service in self.names:
            self._loaded.wait()
        if service == "secretsmanager":
            from harness.engine.moto import secret_names  # noqa: PLC0415  (start-up)

            secret_names.install()
        return create_backend_app(service)


def _patch_services(machines: StateMachines, moto_functions: MotoFunctions) -> None:
    """Patch moto's services that are slow to import."""
    from harness.engine.moto import (  # noqa: PLC0415
        atomic,
        deletions,
        encryption,
        errors_of_queries,
        event_patterns,
        listing,
        mappings,
        notifications,
        queue_time,
        queues,
        rules,
        signatures,
        stream_mappings,
        subscriptions,
        topic_rules,
        topics,
    )
    from harness.engine.moto.dynamodb import expiry  # noqa: PLC0415
    from harness.engine.moto.dynamodb import install as dynamodb  # noqa: PLC0415
    from harness.engine.moto.resources.machines import connect  # noqa: PLC0415
    from harness.engine.moto.stacks import api  # noqa: PLC0415

    dynamodb.install(time.time)
    atomic.install()
    listing.install()
    api.install()
    connect(machines)
    mappings.install(moto_functions, machines)
    stream_mappings.install(moto_functions, machines)
    expiry.install(machines)
    notifications.install()
    queues.install()
    queue_time.install(machines)
    rules.install(machines)
    event_patterns.install()
    subscriptions.install()
    signatures.install()
    deletions.install()
    encryption.install()
    topics.install()
    topic_rules.install()
    errors_of_queries.install()


def _noting(bugs: Bugs) -> Callable[[str, str], None]:
    """Return a callback that records a stopped function, which ends the scenario."""
    return lambda function, why: bugs.note_stop(f"lambda:{function}", why)


def main(account_id: str, region: str, world: str = "0", port: str = "0") -> None:
    """Serve until the process is stopped."""
    lifeline.wake_with_parent()
    made_up = ids.install(int(world))
    services = SlowServices()
    server = make_server(HOST, int(port), services, threaded=True, request_handler=RequestHandler)
    url = f"http://{HOST}:{server.server_port}"
    os.environ["MOTO_PORT"] = str(server.server_port)  # read by settings.moto_server_port
    settings.TEST_SERVER_MODE = True
    doors = Doors(server.server_port)
    patched: Any = werkzeug_app
    patched.DISABLE_GLOBAL_CORS = True  # `doors` decides which pages are served
    setattr(server, "doors", doors)  # noqa: B010  (werkzeug's class has no place for it)

    from harness.engine.moto import (  # noqa: PLC0415  (after MOTO_PORT is known)
        deliveries,
        functions,
        hosts,
        identity,
        invoke,
        key_store,
        lost,
        operations,
        policies,
        roles,
        speed,
        stepfunctions,
    )

    invocations = EndedInvocations()
    runtime = FunctionRuntime(on_invocation=invocations.add, world=int(world))
    bugs = Bugs(partial(lost.give_up, runtime))

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        lost.expected()
        runtime.close()
        os._exit(0)

    def stop_with_parent() -> None:
        with contextlib.suppress(OSError):
            while sys.stdin.buffer.read(1):
                pass
        stop()

    lost.watch(runtime)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=stop_with_parent, daemon=True).start()

    invokers = identity.Invokers()
    moto_functions = functions.MotoFunctions(runtime, url, invokers, _noting(bugs))
    machines = stepfunctions.StateMachines(
        moto_functions,
        Services(url, operations.implemented, SESSION_TOKEN),
        runtime.faults,
        Caller(account_id, region),
        runtime.stop_environments,
        partial(bugs.note, "Step Functions"),
        int(world),
    )
    deliveries.install(moto_functions, machines)
    invoke.install(moto_functions, machines, deliveries.send)
    identity.install(invokers)
    key_store.install()
    roles.install()
    policies.install()
    speed.install()
    asked_at = f"{url}{PREFIX}host?{PARAMETER}={SESSION_TOKEN}"
    known_hosts = hosts.Hosts(runtime, machines, asked_at)
    server.app = Control(
        services, runtime, machines, known_hosts, invocations, bugs, made_up, doors, account_id, region
    )
    print(json.dumps({"url": url, "session_token": SESSION_TOKEN}), flush=True)
    threading.Thread(target=services.load, args=(machines, moto_functions), daemon=True).start()
    server.serve_forever()
