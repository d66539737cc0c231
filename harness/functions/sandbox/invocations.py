"""awslambdaric's Runtime API client, with the harness's work between invocations."""

from __future__ import annotations

import functools
import http.client
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from ..shared.sandbox_protocol import InvocationSetting
from .initialisation import Initialisation
from .side_channel import SideChannel

Begin = Callable[[InvocationSetting], None]
"""A function that begins an invocation."""
_INIT_ERROR = "/2018-06-01/runtime/init/error"


def install(
    side: SideChannel,
    init: Initialisation | None,
    begin: Sequence[Begin],
    end: Sequence[Callable[[], None]],
    answer: Sequence[Callable[[], None]] = (),
) -> None:
    """Make awslambdaric call `begin` with each invocation's setting, and `end` before the next wait.

    The functions in `answer` are called before each outcome is sent, outside of the handler's stack. `init`,
    if set, ends before the first invocation; this process may fork at that point.
    """
    # Imported late, because it reads its environment variables on import.
    client, connect = _client()
    wait = client.wait_next_invocation
    first = [init]

    def wait_next_invocation(self: Any) -> Any:
        for tell_end in end:
            tell_end()
        if first:
            ended = first.pop()
            if forked := ended.end() if ended else None:
                for tell_begin in begin:
                    tell_begin(forked)
                for tell_end in end:
                    tell_end()
            connect()
        self.use_thread_for_polling_next = False  # it lets other threads run, before the invocation has begun
        request = wait(self)
        setting = side.invocation(request.invoke_id)
        for tell_begin in begin:
            tell_begin(setting)
        return request

    client.wait_next_invocation = wait_next_invocation
    client.post_init_error = _post_init_error
    for first_of_all in answer:
        for name in ("post_invocation_result", "post_invocation_error"):
            setattr(client, name, _after(first_of_all, getattr(client, name)))


def _after(first: Callable[[], None], method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        first()
        return method(*args, **kwargs)

    return called


def _client() -> tuple[Any, Callable[[], None]]:
    """Return awslambdaric's client class and a function that connects it, once.

    It is connected late, because the C extension reads the API's address when it is loaded.
    """
    pure = sys.modules.get("runtime_client")  # without the extension
    agents: list[str] = []
    placeholder: Any = ModuleType("runtime_client")
    placeholder.initialize_client = agents.append
    sys.modules["runtime_client"] = placeholder
    module: Any = importlib.import_module("awslambdaric.lambda_runtime_client")

    def connect() -> None:
        del sys.modules["runtime_client"]
        if pure:
            sys.modules["runtime_client"] = pure
        module.runtime_client = importlib.import_module("runtime_client")
        module.runtime_client.initialize_client(agents[0])

    return module.LambdaRuntimeClient, connect


def _post_init_error(self: object, error: object, kind: str | None = None) -> None:
    """Report that the code failed to load; awslambdaric's method does not support a path in the address."""
    host, _, secret = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    connection = http.client.HTTPConnection(host)
    named = error.get("errorType") if isinstance(error, dict) else ""
    headers = {"Lambda-Runtime-Function-Error-Type": str(kind or named)}
    connection.request("POST", f"/{secret}{_INIT_ERROR}", json.dumps(error), headers)
    connection.getresponse().read()
    connection.close()
