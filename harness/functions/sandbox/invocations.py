"""awslambdaric's client of the Runtime API, with the harness's part in it: what goes on between invocations."""

from __future__ import annotations

import http.client
import importlib
import json
import os
from collections.abc import Callable, Sequence
from typing import Any

from ..shared.sandbox_protocol import InvocationSetting
from .initialisation import Initialisation
from .side_channel import SideChannel

Begin = Callable[[InvocationSetting], None]
"""Begins an invocation."""
_INIT_ERROR = "/2018-06-01/runtime/init/error"


def install(
    side: SideChannel,
    init: Initialisation | None,
    begin: Sequence[Begin],
    end: Sequence[Callable[[], None]],
) -> None:
    """Have awslambdaric call `begin` with each invocation's setting, and `end` before it waits for one.

    `init`, where it is given, ends before the first one: then this process may fork.
    """
    # Imported now and not before: it reads its environment variables while it is imported.
    module: Any = importlib.import_module("awslambdaric.lambda_runtime_client")
    client = module.LambdaRuntimeClient
    wait = client.wait_next_invocation
    left = [init] if init else []

    def wait_next_invocation(self: Any) -> Any:
        for tell_end in end:
            tell_end()
        if left and (forked := left.pop().end()):
            for tell_begin in begin:
                tell_begin(forked)
            agent = module._user_agent
            module.runtime_client.initialize_client(agent() if callable(agent) else agent)
            for tell_end in end:
                tell_end()
        request = wait(self)
        setting = side.invocation(request.invoke_id)
        for tell_begin in begin:
            tell_begin(setting)
        return request

    client.wait_next_invocation = wait_next_invocation
    client.post_init_error = _post_init_error


def _post_init_error(self: object, error: object, kind: str | None = None) -> None:
    """Tell that the code could not be loaded; awslambdaric's own takes no path in the API's address."""
    host, _, secret = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    connection = http.client.HTTPConnection(host)
    named = error.get("errorType") if isinstance(error, dict) else ""
    headers = {"Lambda-Runtime-Function-Error-Type": str(kind or named)}
    connection.request("POST", f"/{secret}{_INIT_ERROR}", json.dumps(error), headers)
    connection.getresponse().read()
    connection.close()
