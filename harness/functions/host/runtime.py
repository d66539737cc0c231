"""Runs Lambda functions as local processes, for whoever plays the Lambda service.

    host process                 supervisor process                environment processes
    FunctionRuntime --channel--> Supervisor, Pool, Environment --Runtime API--> awslambdaric, the function

`FunctionRuntime` is all that a caller needs; the caller's threads only wait for the supervisor's answers.
There is a supervisor for each version of Python that functions declare and that is made ready; functions of
another one run on ours.

Virtual time. With `now_s` (Unix time) a function's clock is virtual: it stands there, and moves only when the
function sleeps. A sleep is a `POST sleep_url` with `{"request_id": ..., "seconds": 1.5}`, answered with
`{"now": <Unix time>}` when it is over; concurrent ones may come, from threads. One that would pass the
function's time-out is cut to end with it, and is the last: Sandbox.Timedout. `sandbox.virtual_time` lists
what is virtual and what is not. Code that does not come to an end, nor to a sleep, is stopped after a real
time (supervisor.clock.HANG_S), and is then Sandbox.Timedout after its whole time-out.

The invocation's `started_at` is then `now_s`, and its `duration_s` the time that it slept: together they give
the time at its end. Sleeps of code that loads come before both, and are its `init_duration_s`, which is None
without them. Its log is the same on every run that is given the same `request_id`: for that it lacks
`Max Memory Used`, the one figure that would differ.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from ..faults.registry import FaultRegistry, Place
from ..shared.channel import (
    InvocationOutcome,
    InvocationRequest,
    Message,
    calls_from_json,
    config_to_json,
    counts_from_json,
    error_from_result,
)
from ..shared.interpreter import StartMethod
from ..shared.model import ArmedFault, FunctionConfig, Invocation, Origin
from .packages import PackageStore
from .supervisor_client import FunctionRuntimeError
from .supervisors import Pythons

_TASK_ROOT = b"/var/task"  # where tracebacks show the code on Lambda
_RUNTIME_ROOT = b"/var/runtime"  # ... what its runtime brings along
_LAYERS_ROOT = b"/opt"  # ... and its layers


class FunctionRuntime:
    """Runs deployed Python functions; every method may be called from any thread.

    `on_invocation` is called with each finished invocation, in the thread that invoked. `faults` says what
    may fail, and is told what did.
    `max_environments` limits how many processes live at once (default: a figure that suits the number of
    processors, exceeded only when functions wait for each other). `start_method` is `fork` on Linux and
    `spawn` elsewhere.

    Example:
        with FunctionRuntime() as runtime:
            code = runtime.code_folder(zip_bytes)
            config = FunctionConfig(arn=..., handler="app.handler", code=code, ...)
            invocation = runtime.invoke(config, b'{"bucket": "photos"}')
    """

    def __init__(
        self,
        *,
        on_invocation: Callable[[Invocation], None] | None = None,
        faults: FaultRegistry | None = None,
        max_environments: int | None = None,
        start_method: StartMethod | None = None,
    ) -> None:
        self._on_invocation = on_invocation
        self.faults = faults or FaultRegistry()
        self._folder = Path(tempfile.mkdtemp(prefix="functions-"))
        self._packages = PackageStore(self._folder / "code")
        self._pythons = Pythons(self._folder, start_method, max_environments)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def code_folder(self, zip_bytes: bytes) -> Path:
        """The folder with an unzipped deployment package; the runtime removes it when it is closed.

        Raises:
            zipfile.BadZipFile: it is not a zip file.
        """
        return self._packages.unzip(zip_bytes)

    def layers_folder(self, zips: Sequence[bytes]) -> Path:
        """The folder with what the layers of a function put under /opt; files of later ones replace others.

        Raises:
            zipfile.BadZipFile: one of them is not a zip file.
        """
        return self._packages.merge(zips)

    def invoke(
        self,
        config: FunctionConfig,
        payload: bytes,
        *,
        client_context: str = "",
        request_id: str | None = None,
        invoked_arn: str = "",
        now_s: float | None = None,
        sleep_url: str = "",
        origin: Origin = Origin(),  # noqa: B008 - it is frozen
    ) -> Invocation:
        """Have the function handle `payload` (JSON), and wait for it.

        `client_context` is JSON for the function's context; `request_id` is a random one when none is given.
        `invoked_arn` is the ARN by which it is called, if it is not the function's own.
        `origin` decides, with function and payload, which faults may fire in it. With `now_s` its clock is
        virtual, and `sleep_url` is where it sleeps.

        Raises:
            FunctionRuntimeError: the runtime failed; what the function does never raises.
        """
        python = self._pythons.of(config.runtime)
        if now_s is not None and not python.has_virtual_time:
            raise FunctionRuntimeError("A virtual clock needs the package time-machine: pip install it")
        place, armed = self._claim(config, payload, origin)
        request: InvocationRequest = {
            "client_context": client_context,
            "invoked_arn": invoked_arn or config.arn,
            "request_id": request_id or str(uuid.uuid4()),
            "now_s": now_s,
            "sleep_url": sleep_url,
            "faults": [each.to_json() for each in armed],
            "bucket": place.bucket if place and armed else "",
        }
        fields = {"config": config_to_json(config), "request": request}
        reply = python.supervisor.ask(Message("invoke", fields, (payload,)))
        fired = self._record(place, armed, reply)
        invocation = replace(
            self._invocation(config, payload, origin, reply, python.runtime),
            runtime=config.runtime,
            python=python.version,
            faults=fired,
        )
        if self._on_invocation:
            self._on_invocation(invocation)
        return invocation

    def _claim(
        self, config: FunctionConfig, payload: bytes, origin: Origin
    ) -> tuple[Place | None, tuple[ArmedFault, ...]]:
        """The invocation's place and the faults that may fire in it; no place where there are no faults."""
        if not self.faults.has_any:
            return None, ()
        place = _place(config, payload, origin)
        return place, self.faults.claim(place)

    def _record(self, place: Place | None, armed: tuple[ArmedFault, ...], reply: Message) -> tuple[int, ...]:
        """Record what became of the claimed faults; gives the ids of those of the function that fired."""
        seen, fired = (counts_from_json(reply.fields[name]) for name in ("seen", "fired"))
        if place:
            self.faults.record(place, seen, fired)
        own = (each.fault.id for each in armed if each.fault.target == "function")
        return tuple(id for id in own if fired.get(id))

    def _invocation(
        self, config: FunctionConfig, payload: bytes, origin: Origin, reply: Message, runtime: Path
    ) -> Invocation:
        """The invocation that a reply tells of, with folders named as they are on Lambda."""
        result, log, calls = reply.parts
        outcome = cast(InvocationOutcome, reply.fields)
        folders = ((config.code, _TASK_ROOT), (runtime, _RUNTIME_ROOT), (config.layers, _LAYERS_ROOT))
        for here, on_lambda in folders:
            if here is None:
                continue
            log = log.replace(bytes(here), on_lambda)
            if outcome["failed"]:
                result = result.replace(bytes(here), on_lambda)
        return Invocation(
            request_id=outcome["request_id"],
            function=config.name,
            payload=payload.decode(errors="replace"),
            result=result.decode(errors="replace"),
            error=error_from_result(result) if outcome["failed"] else None,
            log=log.decode(),
            started_at=outcome["started_at"],
            duration_s=outcome["duration_s"],
            init_duration_s=outcome["init_duration_s"],
            environment_id=outcome["environment_id"],
            role_arn=config.role_arn,
            calls=calls_from_json(calls),
            execution_arn=origin.execution_arn,
            state=origin.state,
            attempt=origin.attempt,
        )

    def stop_environments(self, account_id: str = "") -> None:
        """Stop all environments, or those of one account, and wait until they are gone.

        What they are doing fails.

        Raises:
            FunctionRuntimeError: the runtime failed.
        """
        self._pythons.stop(account_id)

    def supervisors(self) -> dict[int, str]:
        """The ids of the supervisors' processes, each with its version of Python."""
        return self._pythons.processes()

    def close(self) -> None:
        """Stop everything and remove the folders, also a second time."""
        if self._pythons.close():
            shutil.rmtree(self._folder, ignore_errors=True)


def _place(config: FunctionConfig, payload: bytes, origin: Origin) -> Place:
    """The place of an invocation."""
    lane = origin.lane or f"{config.arn} {hashlib.sha256(payload).hexdigest()}"
    try:
        given = json.loads(payload)
    except ValueError:
        given = None
    return Place(lane, config.account_id, config.name, origin.state, given)
