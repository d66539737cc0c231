"""The state machines of the child process: a simulation and its API. moto's own are never asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict

from harness.functions.faults.registry import FaultRegistry
from harness.json_types import JsonObject
from harness.states import DEFAULT_START, Execution, Simulation, Work
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.functions import Functions
from harness.stepfunctions.integrations.catalog import Catalog
from harness.stepfunctions.outside import Outside
from harness.stepfunctions.protocol import Reply, caller_of, reply_to
from harness.stepfunctions.runner import Runner, clock_of
from harness.stepfunctions.services import Services
from harness.stepfunctions.task_time import ClockMode
from harness.stepfunctions.tasks import Tasks
from harness.stepfunctions.unserved import unserved_states


def log_group_exists(caller: Caller, name: str) -> bool:
    """Tell if an account and region have a log group."""
    from moto.logs.models import logs_backends  # noqa: PLC0415  (start-up)

    return name in logs_backends[caller.account_id][caller.region].groups


class StateMachines:
    """Runs the state machines of this process: one simulation after another, each with its API.

    Args:
        faults: those of tasks.
        stop_functions: ends what functions are doing at the moment.
        on_bug: is told of an exception that ended executions.
        world: what executions draw at random, and their ids, follow from it.
    """

    def __init__(
        self,
        functions: Functions,
        services: Services,
        faults: FaultRegistry,
        caller: Caller,
        stop_functions: Callable[[], None],
        on_bug: Callable[[Exception], object],
        world: int = 0,
    ) -> None:
        self._functions = functions
        self._faults = faults
        self._services = services
        self._integrations = Catalog(services.models)
        self._caller = caller
        self._stop_functions = stop_functions
        self._on_bug = on_bug
        self._world = world
        self._for_people: ClockMode | None = None
        self._outside = Outside()
        self._begin(ClockMode.VIRTUAL)

    def _begin(self, mode: ClockMode) -> None:
        start = DEFAULT_START if self._for_people is None else float(int(time.time()))
        self.tasks = Tasks(self._functions, self._services, self._faults, self._world)
        self.simulation = Simulation(self.tasks, clock=clock_of(mode, start), seed=self._world)
        self.api = StepFunctions(
            self.simulation, integrations=self._integrations, log_group_exists=log_group_exists
        )
        self.tasks.connect(self.api, self.simulation.clock)
        self.simulation.scheduler.paced_when_idle = self._for_people is not None
        self.runner = Runner(self.simulation, mode, self._on_bug, self._outside)
        self.runner.start()

    def serve_people(self, mode: ClockMode) -> None:
        """Begin anew, from now on for people: virtual time begins now, and a reset keeps the mode.

        Where nothing is to be done, time passes as on the computer.
        """
        self._for_people = mode
        self.reset()

    def reset(self, mode: ClockMode | None = None) -> None:
        """Replace the simulation by a new one; nothing of the old one goes on."""
        mode = mode or self._for_people or ClockMode.VIRTUAL
        self.tasks.close()
        self.runner.close()
        self.tasks.drain(self._stop_functions)
        self._begin(mode)

    def answer(self, target: str, body: bytes, authorization: str, request_id: str) -> Reply:
        """Answer a request; `request_id` is of the invocation in which it is made, empty for none."""
        caller = caller_of(authorization, self._caller)
        return reply_to(self.api, target, body, caller, self.tasks.work(request_id))

    def wait(self, execution_arn: str, timeout_s: float) -> bool:
        """Let time pass until an execution has ended; return False after `timeout_s` of real time."""
        return self.runner.wait(self._execution(execution_arn), timeout_s)

    def standstill(self, execution_arn: str) -> str:
        """Say why an execution that runs can never go on; "" when it may."""
        return self.runner.standstill(self._execution(execution_arn))

    def waiting(self, seen: int, timeout_s: float) -> list[JsonObject]:
        """List the tasks after the first `seen` that only somebody outside can end."""
        return [asdict(task) for task in self._outside.after(seen, timeout_s)]

    def unserved(self, machine_arns: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """List the states of machines that are not served, by machine; those without any are left out."""
        found: dict[str, list[tuple[str, str]]] = {}
        for arn in machine_arns:
            machine = self.api.machines.find(Caller.owner_of(arn), arn).machine
            states = unserved_states(machine, self.tasks.serves)
            if states:
                found[arn] = [(state.state, state.what) for state in states]
        return found

    def _execution(self, arn: str) -> Execution:
        return self.api.executions.find(Caller.owner_of(arn), arn)

    def now(self) -> float:
        """Give the time on the clock, in seconds since 1970."""
        return self.simulation.clock.now()

    def sleep(self, request_id: str, seconds: float) -> float:
        """Let an invocation sleep on the clock; return the time then."""
        work: Work | None = self.tasks.work(request_id)
        if work is not None:
            self.simulation.scheduler.sleep(work, seconds)
        return self.simulation.clock.now()
