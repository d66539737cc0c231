"""Runs Lambda functions as local processes, for a caller that acts as the Lambda service.

    host process                 supervisor process          environment processes
    FunctionRuntime --channel--> Supervisor, Environment --Runtime API--> awslambdaric, the function

Callers use only `FunctionRuntime`, and their threads only wait for the supervisor's replies. The host chooses
the environment for each invocation with `Schedule.take`; the supervisor only starts processes. With virtual
time, the caller takes environments in the order of virtual time, and gives each one back
(`Schedule.give_back`) when the outcome is delivered. Invocations therefore use the same environments in every
run. The module `environments` contains the rules. Each declared Python version that is installed has its own
supervisor. Functions that declare any other version run on the harness's own Python.

Virtual time. With `now_s` (Unix time), a function's clock is virtual. It stands still, and advances only when
all threads in the function's process are blocked, for example in a sleep. The environment then sends `POST
sleep_url` with `{"request_id": ..., "seconds": 1.5}`. The response is `{"now": <Unix time>}`, after that time
has passed. A sleep that would exceed the function's timeout ends at the timeout, and the function fails with
Sandbox.Timedout. `sandbox.virtual_time` lists what is virtual. Computation takes no virtual time, so it never
causes a timeout. If the code hangs, which `supervisor.hangs` detects by its processor time, the invocation
raises FunctionHangs.

The invocation's `started_at` is then `now_s`, and its `duration_s` is the time that it slept. Their sum is
the time at its end. Sleeps during initialisation happen earlier and are counted in `init_duration_s`, which
is None without such sleeps. The log is the same in every run with the same `request_id`. For this reason it
omits `Max Memory Used`, the only figure that would differ.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    malformed_calls,
)
from ..shared.debug_link import DebugSetting
from ..shared.hosts import HostSetting
from ..shared.interpreter import StartMethod
from ..shared.model import DEFAULT_HANG_S, ArmedFault, FunctionConfig, Invocation, Origin
from ..shared.reach import address_of
from ..shared.removal import remove_tree
from .environments import Environment
from .hangs import FunctionHangs, described
from .host_book import Asker
from .measuring import Measured
from .packages import PackageStore
from .schedule import Schedule
from .supervisor_client import FunctionRuntimeError
from .supervisors import Python, Pythons


class FunctionRuntime:
    """Runs deployed Python functions; every method may be called from any thread.

    `on_invocation` is called with each finished invocation, in the invoking thread. `faults` contains the
    faults that can fire, and records those that have fired. `max_environments` limits the number of processes
    that work at once; further invocations wait. By default, the limit is based on the number of processors in
    virtual time, and is the account's concurrency in real time. `start_method` is `fork` on Linux and `spawn`
    elsewhere. `world` seeds all random values of functions on virtual time, and the order of sets.

    Attributes:
        schedule: chooses the environments.
        hang_s: the processor time in seconds after which a function is considered hung. It may be changed at
            any time.
        hosts: the hosts for environments that start after it is set; None for no hosts.
        debugger: the terminal that can debug environments that start after it is set; None disables
            debugging.
        breaks: the breakpoints by function name, "" for all functions; see InvocationSetting.
        askers: the origins of requests to hosts, by the ID of the running invocation.
        measured: the executed lines of functions' code, after counting has been started.

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
        world: int = 0,
    ) -> None:
        self._on_invocation = on_invocation
        self.faults = faults or FaultRegistry()
        self.hang_s = DEFAULT_HANG_S
        self.measured = Measured()
        self.hosts: HostSetting | None = None
        self.debugger: DebugSetting | None = None
        self.breaks: Mapping[str, Sequence[str]] = {}
        self.askers: dict[str, Asker] = {}
        self._network: dict[str, tuple[str, ...]] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="functions-"))
        self._packages = PackageStore(self._folder / "code")
        self.schedule = Schedule(max_environments, self._stop_some)
        self._world = world
        self._pythons = Pythons(self._folder, start_method, self.schedule.answer, world)

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
        """Return the folder with an unzipped deployment package. The runtime removes it on close.

        Raises:
            zipfile.BadZipFile: it is not a zip file.
        """
        return self._packages.unzip(zip_bytes)

    def layers_folder(self, zips: Sequence[bytes]) -> Path:
        """Return the folder with a function's merged layers, for /opt. Later files replace earlier ones.

        Raises:
            zipfile.BadZipFile: one of them is not a zip file.
        """
        return self._packages.merge(zips)

    def set_network(self, addresses: Sequence[str], account_id: str = "") -> None:
        """Set the addresses (`host:port`) that functions may connect to, in addition to the engine.

        The setting is for an account, or for all (""). It applies to environments that start after this call.
        Raises:
            ValueError: an address is not `host:port`.
        """
        for address in addresses:
            address_of(address)
        self._network[account_id] = tuple(addresses)

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
        environment: Environment | None = None,
    ) -> Invocation:
        """Invoke the function with `payload` (JSON), and wait for the result.

        `client_context` is JSON for the function's context; `request_id` is random by default. `invoked_arn`
        is the invoked ARN, if it is not the function's own. `origin`, function and payload decide which
        faults can fire. With `now_s`, the clock is virtual, and sleeps are sent to `sleep_url`. If the caller
        passes an `environment` that it took from `schedule`, the caller must also give it back. Otherwise, an
        environment is taken at the beginning and given back at the end.

        Raises:
            FunctionHangs: the function hangs, and its clock is virtual.
            FunctionRuntimeError: the runtime failed. Failures of the function itself never raise.
            Throttled: no environment is free, and the concurrency limit is reached.
        """
        python = self._pythons.of(config.runtime)
        if now_s is not None and not python.has_virtual_time:
            raise FunctionRuntimeError(
                "Virtual time requires the package time-machine: run pip install time-machine"
            )
        network = self._network.get(config.account_id, self._network.get("", ()))
        config = replace(config, network=network, hosts=self.hosts, debugger=self.debugger)
        virtual = now_s is not None
        with contextlib.ExitStack() as taken:
            if environment is None:
                environment = taken.enter_context(self.schedule.taken(config, virtual=virtual))
            place, armed = self._claim(config, payload, origin)
            id_ = request_id or str(uuid.uuid4())
            if self.hosts:
                taken.enter_context(self._asking(id_, config, payload, origin))
            request: InvocationRequest = {
                "client_context": client_context,
                "invoked_arn": invoked_arn or config.arn,
                "request_id": id_,
                "now_s": now_s,
                "sleep_url": sleep_url,
                "faults": [each.to_json() for each in armed],
                "bucket": place.bucket if place and armed else "",
                "environment": environment.key,
                "number": environment.number,
                "world": self._world,
                "hang_s": self.hang_s,
                "measures": self.measured.setting(python.version, python.site_packages),
                "breaks": [*self.breaks.get("", ()), *self.breaks.get(config.name, ())],
            }
            reply = self._ask(python, config, request, payload)
            if reply.fields["environment_ended"]:
                environment.alive = False
            elif environment.serves_once:
                self._stop_some([environment.key])
        if ran := reply.fields["ran"]:
            self.measured.add(config.name, ran)
        fired = self._record(place, armed, reply)
        invocation = replace(
            self._invocation(config, payload, origin, reply),
            runtime=config.runtime,
            python=python.version,
            faults=fired,
        )
        if hang := reply.fields["hang"]:
            raise FunctionHangs(described(hang, invocation))
        if self._on_invocation:
            self._on_invocation(invocation)
        return invocation

    @contextlib.contextmanager
    def _asking(self, id_: str, config: FunctionConfig, payload: bytes, origin: Origin) -> Iterator[None]:
        lane = _place(config, payload, origin).lane
        self.askers[id_] = Asker(lane, origin.state, origin.execution_arn, config.name)
        try:
            yield
        finally:
            del self.askers[id_]

    def _ask(
        self, python: Python, config: FunctionConfig, request: InvocationRequest, payload: bytes
    ) -> Message:
        """Send an invocation to a supervisor when a place is free."""
        question = Message("invoke", {"config": config_to_json(config), "request": request}, (payload,))
        with self.schedule.place(request["request_id"], virtual=request["now_s"] is not None):
            return python.supervisor.ask(question)

    def _stop_some(self, keys: list[int]) -> None:
        self._pythons.stop_some(keys)

    def _claim(
        self, config: FunctionConfig, payload: bytes, origin: Origin
    ) -> tuple[Place | None, tuple[ArmedFault, ...]]:
        """Return the invocation's place in its execution, and the faults that can fire in it. Without faults,
        no place is needed.
        """
        if not self.faults.has_any:
            return None, ()
        place = _place(config, payload, origin)
        return place, self.faults.claim(place)

    def _record(self, place: Place | None, armed: tuple[ArmedFault, ...], reply: Message) -> tuple[int, ...]:
        """Record the counts for the claimed faults. Return the IDs of the faults that fired on the function
        itself.
        """
        seen, fired = (counts_from_json(reply.fields[name]) for name in ("seen", "fired"))
        if place:
            self.faults.record(place, seen, fired)
        own = (each.fault.id for each in armed if each.fault.target == "function")
        return tuple(id for id in own if fired.get(id))

    def _invocation(
        self, config: FunctionConfig, payload: bytes, origin: Origin, reply: Message
    ) -> Invocation:
        """Return the invocation that a reply describes."""
        result, log, records = reply.parts
        outcome = cast(InvocationOutcome, reply.fields)
        failed = outcome["failed"]
        try:
            calls = calls_from_json(records)
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            calls, failed, result = (), True, malformed_calls(outcome["request_id"], error)
        return Invocation(
            request_id=outcome["request_id"],
            function=config.name,
            payload=payload.decode(errors="replace"),
            result=result.decode(errors="replace"),
            error=error_from_result(result) if failed else None,
            log=log.decode(),
            started_at=outcome["started_at"],
            duration_s=outcome["duration_s"],
            init_duration_s=outcome["init_duration_s"],
            environment_id=outcome["environment_id"],
            role_arn=config.role_arn,
            calls=calls,
            execution_arn=origin.execution_arn,
            state=origin.state,
            attempt=origin.attempt,
            notes=tuple(outcome["notes"]),
        )

    def stop_environments(self, account_id: str = "") -> None:
        """Stop all environments, or those in one account, and wait until they have exited.

        Their current work fails.

        Raises:
            FunctionRuntimeError: the runtime failed.
        """
        self.schedule.retire(account_id)
        self._pythons.stop(account_id)

    def supervisors(self) -> dict[int, str]:
        """Return the supervisors' process IDs, each with its Python version."""
        return self._pythons.processes()

    def close(self) -> None:
        """Stop everything and remove the folders. May be called more than once."""
        if self._pythons.close():
            remove_tree(self._folder)


def _place(config: FunctionConfig, payload: bytes, origin: Origin) -> Place:
    """Return an invocation's place."""
    lane = origin.lane or f"{config.arn} {hashlib.sha256(payload).hexdigest()}"
    try:
        given = json.loads(payload)
    except ValueError:
        given = None
    return Place(lane, config.account_id, config.name, origin.state, given, origin.execution_arn)
