"""Runs Lambda functions as local processes, for whoever plays the Lambda service.

    host process                 supervisor process          environment processes
    FunctionRuntime --channel--> Supervisor, Environment --Runtime API--> awslambdaric, the function

`FunctionRuntime` is all that a caller needs; the caller's threads only wait for the supervisor's answers.
Which environment serves an invocation is decided here, by `Schedule.take`, and not where processes are
started. With virtual time its caller does so in the order of the clock, and gives the environment back
(`Schedule.give_back`) when the outcome is delivered there; so the same environments serve on every run.
`environments` has the rules.
There is a supervisor for each version of Python that functions declare and that is made ready; functions of
another one run on ours.

Virtual time. With `now_s` (Unix time) a function's clock is virtual: it stands there, and moves only when
nobody in the function's process can go on, for example as it sleeps. Then comes a `POST sleep_url` with
`{"request_id": ..., "seconds": 1.5}`, answered with `{"now": <Unix time>}` when that time is over. One that
would pass the function's time-out is cut to end with it, and is the last: Sandbox.Timedout.
`sandbox.virtual_time` lists what is virtual and what is not. Code takes no virtual time, so it never times
out by computing: where it hangs, which `supervisor.hangs` decides by its processor time, the invocation
raises FunctionHangs.

The invocation's `started_at` is then `now_s`, and its `duration_s` the time that it slept: together they give
the time at its end. Sleeps of code that loads come before both, and are its `init_duration_s`, which is None
without them. Its log is the same on every run that is given the same `request_id`: for that it lacks
`Max Memory Used`, the one figure that would differ.
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

    `on_invocation` is called with each finished invocation, in the thread that invoked. `faults` says what
    may fail, and is told what did.
    `max_environments` limits how many processes work at once (default: with virtual time a figure that suits
    the number of processors; with real time the concurrency of an account): others wait to be begun.
    `start_method` is `fork` on Linux and `spawn` elsewhere. `world` decides all that functions on virtual
    time draw at random, and the order of sets.

    Attributes:
        schedule: chooses the environments.
        hang_s: the processor time in seconds after which a function hangs; it may be changed at any time.
        hosts: the hosts that are answered to environments that are started from now on; None for none.
        debugger: the terminal of whoever may debug environments that are started from now on; None: nobody.
        breaks: where a debugger stops: see InvocationSetting, by the functions' names, "" for all of them.
        askers: who makes requests to hosts, by the ids of the invocations that are under way.
        measured: the lines of functions' code that have run, once it is told to count them.

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

    def set_network(self, addresses: Sequence[str], account_id: str = "") -> None:
        """Say what functions of an account, or of all, may connect to beside the engine, as `host:port`.

        It is for environments that are started from now on.

        Raises:
            ValueError: one is not a host and a port.
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
        """Have the function handle `payload` (JSON), and wait for it.

        `client_context` is JSON for the function's context; `request_id` is a random one when none is given.
        `invoked_arn` is the ARN by which it is called, if it is not the function's own.
        `origin` decides, with function and payload, which faults may fire in it. With `now_s` its clock is
        virtual, and `sleep_url` is where it sleeps. `environment` is one that was taken for it from
        `schedule`, and that its caller gives back; without it one is taken at the beginning, and given back
        at the end.

        Raises:
            FunctionHangs: its clock is virtual, and the function does not come to an end.
            FunctionRuntimeError: the runtime failed; what else the function does never raises.
            Throttled: there is no environment, and there may be no further one.
        """
        python = self._pythons.of(config.runtime)
        if now_s is not None and not python.has_virtual_time:
            raise FunctionRuntimeError("A virtual clock needs the package time-machine: pip install it")
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
        """Have a supervisor make an invocation, when its turn comes."""
        question = Message("invoke", {"config": config_to_json(config), "request": request}, (payload,))
        with self.schedule.place(request["request_id"], virtual=request["now_s"] is not None):
            return python.supervisor.ask(question)

    def _stop_some(self, keys: list[int]) -> None:
        self._pythons.stop_some(keys)

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
        self, config: FunctionConfig, payload: bytes, origin: Origin, reply: Message
    ) -> Invocation:
        """The invocation that a reply tells of."""
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
        """Stop all environments, or those of one account, and wait until they are gone.

        What they are doing fails.

        Raises:
            FunctionRuntimeError: the runtime failed.
        """
        self.schedule.retire(account_id)
        self._pythons.stop(account_id)

    def supervisors(self) -> dict[int, str]:
        """The ids of the supervisors' processes, each with its version of Python."""
        return self._pythons.processes()

    def close(self) -> None:
        """Stop everything and remove the folders, also a second time."""
        if self._pythons.close():
            remove_tree(self._folder)


def _place(config: FunctionConfig, payload: bytes, origin: Origin) -> Place:
    """The place of an invocation."""
    lane = origin.lane or f"{config.arn} {hashlib.sha256(payload).hexdigest()}"
    try:
        given = json.loads(payload)
    except ValueError:
        given = None
    return Place(lane, config.account_id, config.name, origin.state, given, origin.execution_arn)
