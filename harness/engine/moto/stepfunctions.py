"""The state machines in the child process: a simulation and its API.

moto's own state machines are never used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from harness.engine.moto import state_logs
from harness.engine.moto.activity_polls import ActivityPolls
from harness.engine.moto.long_calls import LongCalls
from harness.engine.moto.world_time import WorldTime, real_time
from harness.functions.faults.registry import FaultRegistry
from harness.json_types import Json, JsonObject
from harness.states import DEFAULT_START, Execution, Simulation, Waiting, Work
from harness.states.time.scheduler import Scheduler
from harness.stepfunctions.answers import Answers
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.awaited_task import AwaitedTask
from harness.stepfunctions.awaiting import Awaiting, Wanted
from harness.stepfunctions.events import Events
from harness.stepfunctions.functions import Functions
from harness.stepfunctions.integrations.catalog import Catalog
from harness.stepfunctions.on_clock import OnClock, R, Run
from harness.stepfunctions.outside import Outside, told
from harness.stepfunctions.protocol import Reply, caller_of, reply_to
from harness.stepfunctions.runner import Runner, clock_of
from harness.stepfunctions.services import Services
from harness.stepfunctions.task_time import ClockMode
from harness.stepfunctions.tasks import Tasks
from harness.stepfunctions.unserved import unserved_states
from harness.stepfunctions.waiting_states import what_states_are

if TYPE_CHECKING:
    from harness.stepfunctions.stops import Stops


class StateMachines:
    """Runs the state machines in this process: one simulation after another, each with its API.

    Args:
        faults: the task faults.
        stop_functions: stops running functions.
        on_bug: called with an exception that stopped executions.
        world: determines the random values and the IDs of executions.
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
        self._stops: Stops | None = None
        self._outside = Outside()
        self._world_time = WorldTime(clock_of(ClockMode.VIRTUAL))
        self._world_time.install()
        self._begin(ClockMode.VIRTUAL)

    def _begin(self, mode: ClockMode) -> None:
        start = DEFAULT_START if self._for_people is None else float(int(real_time()))
        self.tasks = Tasks(self._functions, self._services, self._faults, self._world)
        self.simulation = Simulation(self.tasks, clock=clock_of(mode, start), seed=self._world)
        self.api = StepFunctions(
            self.simulation,
            integrations=self._integrations,
            log_group_exists=state_logs.log_group_exists,
            write_log=state_logs.write,
        )
        self.tasks.connect(self.api, self.simulation.scheduler, self.simulation.pauses.touch)
        self.simulation.scheduler.paced_when_idle = self._for_people is not None
        self._faults.is_within = self.api.is_within
        self._world_time.clock = self.simulation.clock
        self.answers = Answers(self.simulation, self.api.lineage)
        self._on_clock = OnClock(self.simulation.scheduler, self.tasks)
        self.events = Events(self.simulation.scheduler, self.tasks, self._on_bug)
        self.polls = ActivityPolls(self)
        self.runner = Runner(self.simulation, mode, self._on_bug, self._outside)
        self.stop_at(self._stops)
        self.runner.start()

    def stop_at(self, stops: Stops | None) -> None:
        """Pause executions at these breakpoints for debugging. None removes the breakpoints."""
        self._stops = stops
        self.simulation.before_state = stops.before_state if stops else None
        self.tasks.before_call = partial(stops.before_call, self.simulation) if stops else None

    def serve_people(self, mode: ClockMode) -> None:
        """Restart for interactive use: virtual time begins at the current time, and a reset keeps the mode.

        While no work is in progress, time passes at the same rate as real time.
        """
        self._for_people = mode
        self.reset()

    def reset(self, mode: ClockMode | None = None) -> None:
        """Stop everything in the current simulation, and replace it with a new one."""
        mode = mode or self._for_people or ClockMode.VIRTUAL
        self._on_clock.close()
        self.events.close()
        self.tasks.close()
        self.runner.close()
        self.tasks.drain(self._stop_functions)
        self._begin(mode)

    def answer(self, target: str, body: bytes, authorization: str, request_id: str, call: str = "") -> Reply:
        """Serve a request.

        Args:
            request_id: the ID of the invocation that sends it, or "" if there is none.
            call: the ID of the call, or "" if the invocation's whole process waits for it.
        """
        caller = caller_of(authorization, self._caller)
        work = self.tasks.work(request_id)
        return reply_to(LongCalls(self, self.polls, request_id, call), target, body, caller, work)

    def wait(self, execution_arn: str, timeout_s: float) -> bool:
        """Let time pass until an execution has ended. Return False after `timeout_s` of real time."""
        return self.runner.wait(self._execution(execution_arn), timeout_s)

    def express(self, execution_arn: str) -> JsonObject | None:
        """Return an Express execution with its events, or None if it is not found."""
        with self.scheduler.frozen():
            return self.api.express_view(execution_arn)

    def standstill(self, execution_arn: str) -> str:
        """Explain why a running execution can never continue. Return "" if it can."""
        return self.runner.standstill(self._execution(execution_arn), partial(self._is_of, execution_arn))

    def unanswered(self, execution_arn: str) -> list[JsonObject]:
        """List the tasks that wait for an external answer in an execution and its child executions."""
        with self.simulation.scheduler.frozen():
            now = self.simulation.clock.now()
            waiting = [task for task in self.simulation.tokens.waiting() if self._is_of(execution_arn, task)]
            return [asdict(told(task, now)) for task in waiting]

    def next_task(
        self, execution_arn: str, state: str, seen: Sequence[str], worker: str, timeout_s: float
    ) -> JsonObject:
        """Let time pass until a task in an execution waits for an external answer. See AwaitedTask.

        Args:
            state: the name of the task's state, or "" for any.
            seen: the tokens of the tasks that were returned earlier.
            worker: the name of the worker that takes an activity task.
        """
        execution = self._execution(execution_arn)
        wanted = Wanted(state, frozenset(seen), worker, partial(self._is_of, execution_arn))
        task = Awaiting(self.simulation, self.runner).next(execution, wanted, timeout_s)
        with self.scheduler.frozen():
            events = [event for event in execution.history.events if event.type.endswith("StateEntered")]
            found = AwaitedTask(
                None if task is None else told(task, self.simulation.clock.now()),
                execution.status.value,
                execution.error or "",
                execution.cause or "",
                self.standstill(execution_arn) if task is None else "",
                tuple(str((event.details or {}).get("name")) for event in events),
                self._states(),
            )
        return asdict(found)

    def token_end(self, token: str) -> str:
        """Return the outcome of the task with this token, or "" if it has not ended or does not exist."""
        with self.scheduler.frozen():
            return self.simulation.tokens.ended.get(token, "")

    def _is_of(self, execution_arn: str, task: Waiting) -> bool:
        return self.api.is_within(task.execution_arn, execution_arn)

    def waiting(self, seen: int, timeout_s: float) -> list[JsonObject]:
        """List the tasks that only an external answer can end, except the first `seen` of them."""
        return [asdict(task) for task in self._outside.after(seen, timeout_s)]

    def answers_seen(self) -> JsonObject:
        """Return how the answers were used. See AnswersSeen."""
        with self.simulation.scheduler.frozen():
            states = self._states()
        entries: list[Json] = [asdict(seen) for seen in self.answers.seen()]
        return {"entries": entries, "states": {**states}}

    def _states(self) -> Mapping[str, str]:
        machines = [*self.api.machines.definitions(), *(e.machine for e in self.simulation.executions)]
        return what_states_are(machines)

    def unserved(self, machine_arns: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """List the unsupported states, by state machine.

        State machines without unsupported states are omitted.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        for arn in machine_arns:
            machine = self.api.machines.find(Caller.owner_of(arn), arn).machine
            states = unserved_states(machine, self.tasks.serves)
            if states:
                found[arn] = [(state.state, state.what) for state in states]
        return found

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler for the current simulation."""
        return self.simulation.scheduler

    def _execution(self, arn: str) -> Execution:
        return self.api.executions.known(Caller.owner_of(arn), arn)

    def rest(self, request_id: str, seconds: float, calls: tuple[str, ...]) -> JsonObject:
        """Let an invocation sleep on the clock. See `Scheduler.rest`.

        Returns:
            the time `now` afterwards, and the calls that were `answered`.
        """
        work = self.tasks.work(request_id)
        if work is None:
            return {"now": self.simulation.clock.now()}
        rest = self.simulation.scheduler.rest(work, seconds, calls)
        return {"now": work.awake_at, "answered": [*rest.answered]}

    @property
    def virtual(self) -> bool:
        """Return whether time is virtual."""
        return self.simulation.clock.virtual

    @property
    def stepped(self) -> bool:
        """Return whether time passes only while a caller waits for it."""
        return self.runner.stepped

    def new_id(self) -> str:
        """Return the ID of a new invocation, from a sequence that is the same in every run."""
        return self.tasks.new_id()

    def background(self, request_id: str, run: Run[R]) -> Future[R]:
        """Start an invocation now on the clock. See `OnClock.background`."""
        return self._on_clock.background(request_id, run)

    def within(self, caller: str, call: str, request_id: str, run: Run[R]) -> R:
        """Run an invocation that a call waits for.

        It runs on the clock if its caller does. See `OnClock.within`.

        Args:
            caller: the ID of the invocation that makes the call, or "" if there is none.
            call: the ID of the call, or "" if there is none because the caller's whole process waits.
            request_id: the ID of the new invocation.
        """
        work = self.tasks.work(caller)
        self.tasks.note_caller(request_id, caller)
        if work is not None:
            return self._on_clock.within(work, call, request_id, run)
        if not self.simulation.clock.virtual:
            return run(None)
        running: list[Future[R]] = []

        def begin(end: Callable[[], None]) -> None:
            running.append(self.background(request_id, run))
            running[0].add_done_callback(lambda _: end())

        self.runner.until(begin, in_pauses=True)
        return running[0].result()

    def lasting(
        self,
        caller: str,
        call: str,
        ends: Callable[[Callable[[], None]], None],
        *,
        again: bool = False,
        patience_s: float | None = None,
    ) -> None:
        """Let a call take time on the clock until an operation has finished.

        `ends` receives a callback, which it calls when the operation has finished, while the simulation
        stands still. The thread must not be processing a request.

        Args:
            again: the call may block again afterwards. `answered` then reports the end of the call.
            patience_s: the real-time timeout for a caller outside the executions. None means no timeout.
        """
        work = self.tasks.work(caller)
        if work is None or not self.simulation.clock.virtual:
            self.runner.until(ends, patience_s, in_pauses=True, patient=patience_s is not None)
            return
        scheduler = self.simulation.scheduler
        with scheduler.frozen():
            blocked = scheduler.block(work, call)
            ends(lambda: scheduler.unblock(blocked, answered=not again))
        scheduler.await_end(blocked)

    def answered(self, caller: str, call: str) -> None:
        """Report that a call that took time on the clock is about to get its response."""
        work = self.tasks.work(caller)
        if work is not None:
            self.simulation.scheduler.note_answer(work, call)

    def work_of(self, request_id: str) -> Work | None:
        """Return the task that an invocation belongs to, or None for a caller outside the executions."""
        return self.tasks.work(request_id)

    def execution_of(self, request_id: str) -> str:
        """Return the ARN of the execution that an invocation belongs to, or "" if unknown."""
        return self.tasks.execution_of(request_id)

    def settle(self, timeout_s: float | None = None) -> bool:
        """Let time pass until no event is in progress. Return False after `timeout_s` of real time."""
        return self.runner.until(self.events.when_idle, timeout_s, in_pauses=timeout_s is None)

    def time_of(self, caller: str) -> Callable[[], float] | None:
        """Return a function that returns the current time of a task or an invocation.

        Return None for other callers, and in real time.
        """
        work = self.tasks.work(caller)
        return None if work is None or not self.simulation.clock.virtual else lambda: work.awake_at

    def admit(self, caller: str, after: Sequence[str]) -> Work | None:
        """Wait until the clock reaches the time of an invocation's call. See `Scheduler.admit`.

        Returns:
            the invocation's work on the virtual clock, or None for other callers.
        """
        work = self.tasks.work(caller)
        if work is None or not self.simulation.clock.virtual:
            return None
        self.simulation.scheduler.admit(work, after)
        self.simulation.pauses.touch()
        return work
