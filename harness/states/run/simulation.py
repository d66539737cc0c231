"""Executions on one clock.

    machine = parse('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    simulation = Simulation(port)
    execution = simulation.start(machine, identity, "{}", name="first")
    simulation.scheduler.run()
    execution.status, [event.to_api() for event in execution.history.events]

The scheduler can run in a separate thread. Other threads access it inside `scheduler.frozen()`, which waits
until the simulation stands still.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from harness.json_types import JsonObject

from ..asl import Machine, State
from ..errors import TIMEOUT, StateFailure
from ..payload import Payload
from ..query.scope import Variables
from ..randomness import Randomness
from ..time.clock import Clock, VirtualClock
from ..time.fibers import Steps
from ..time.scheduler import Scheduler
from .activities import ActivityTasks
from .control_flow import Flow
from .execution import Execution, Identity, Status
from .history import History, failure_details
from .limits import Limits
from .pauses import Pauses
from .task_port import TaskPort
from .tokens import Tokens
from .workflow import run_workflow


class Simulation:
    """Executions that share a clock and a port.

    Attributes:
        clock: the time; virtual unless a different clock is passed.
        scheduler: runs the flows, pauses them, and lets time pass inside tasks.
        port: starts tasks.
        tokens: the open task tokens.
        activities: the tasks available to activity workers.
        executions: all started executions, in order.
        pauses: pauses the simulation at history events.
        map_runs: the item executions by the ARN of their Map Run, in order.
        items: maps the ARN of an item's execution to that execution and the execution that contains the Map
            state.
        seed: the seed for all random values.
        before_state: called before a flow enters a state, and can take real time; None for no call.
        outside: returns whether an external caller can complete task tokens. If so, the caller gets as much
            real time as the task's timeout allows. Otherwise the clock jumps.
    """

    def __init__(
        self,
        port: TaskPort,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        limits: Limits | None = None,
    ) -> None:
        self.port = port
        self.clock: Clock = clock or VirtualClock()
        self.limits = limits or Limits()
        self.executions: list[Execution] = []
        self.map_runs: dict[str, list[Execution]] = {}
        self.items: dict[str, tuple[Execution, Execution]] = {}
        self.outside: Callable[[], bool] = lambda: False
        self.before_state: Callable[[Flow, State, Payload], None] | None = None
        self.seed = seed
        self._randomness = Randomness(seed)
        self.tokens = Tokens(Randomness(f"tokens:{seed}"))
        self.activities = ActivityTasks()
        self.scheduler = Scheduler(self.clock, self.limits.stall_steps, self._explain_stall)
        self.pauses = Pauses(self.scheduler)

    def start(
        self,
        machine: Machine,
        identity: Identity,
        payload: str = "{}",
        *,
        name: str | None = None,
        at: float | None = None,
        express: bool = False,
    ) -> Execution:
        """Start an execution.

        Args:
            payload: the input, JSON text.
            name: the execution's name. Default: a UUID.
            at: the start time on the clock. Default: now.
            express: true for an Express execution.

        Raises:
            ValueError: the input is not JSON, or is too large.
        """
        with self.scheduler.frozen():
            return self._start(machine, identity, Payload.parse(payload), name, at, express=express)

    def _start(
        self,
        machine: Machine,
        identity: Identity,
        given: Payload,
        name: str | None,
        at: float | None,
        *,
        express: bool,
    ) -> Execution:
        if given.size_bytes > self.limits.payload_bytes:
            raise ValueError(f"the input is larger than {self.limits.payload_bytes} bytes")
        moment = self.clock.now() if at is None else at
        history = History(self.clock.now, sys.maxsize if express else self.limits.history_events)
        chosen = name if name is not None else self._randomness.uuid()
        execution = Execution(
            machine,
            identity,
            chosen,
            given,
            history=history,
            started_at=moment,
            arn=identity.express_arn(chosen, self._randomness.uuid()) if express else None,
            seed=self.seed,
            express=express,
        )
        history.on_event = partial(self.pauses.note, execution.arn)
        self.executions.append(execution)
        if at is None:
            self._begin(execution)
        else:
            self.scheduler.at(moment, lambda: self._begin(execution))
        return execution

    def _begin(self, execution: Execution) -> None:
        if not execution.running:
            return
        self.pauses.touch()
        details: JsonObject = {"input": execution.input.text, "roleArn": execution.identity.role_arn}
        execution.history.add("ExecutionStarted", 0, details)
        flow = Flow(self, execution, Variables(), 0)
        execution.fiber = self.scheduler.spawn(self._run(flow), lambda _output, error: self._raise(error))
        longest_s = self.limits.express_s if execution.express else self.limits.execution_s
        if execution.machine.timeout_s is not None or execution.express:
            self._limit(execution, min(execution.machine.timeout_s or longest_s, longest_s))

    def note_item(self, map_run: str, parent: Execution, item: Execution) -> None:
        """Store the execution that another execution's Map Run starts for an item."""
        self.map_runs.setdefault(map_run, []).append(item)
        self.items[item.arn] = item, parent

    def waits_until(self, execution: Execution, moment: float) -> None:
        """Report that an execution is waiting. It times out if the wait exceeds AWS's limit.

        The timer is not set when the execution starts. Otherwise the clock would jump to that limit whenever
        the execution only waits for a task token.
        """
        if execution.timer is None and moment > execution.started_at + self.limits.execution_s:
            self._limit(execution, self.limits.execution_s)

    def _limit(self, execution: Execution, seconds: float) -> None:
        moment = execution.started_at + seconds
        asked = partial(self.may_be_answered, execution)
        execution.timer = self.scheduler.at(moment, lambda: self._time_out(execution), asked)

    def may_be_answered(self, execution: Execution) -> bool:
        """Return whether an execution waits for an external caller, and such a caller exists."""
        return self.outside() and execution.waits_outside

    def _run(self, flow: Flow) -> Steps[None]:
        execution = flow.execution
        try:
            # Recorded since July 2024: states show the input as compact JSON, regardless of its original
            # text.
            given = Payload(execution.input.value)
            output = yield from run_workflow(flow, execution.machine.workflow, given)
        except StateFailure as failure:
            details = failure_details(failure.error, failure.cause)
            execution.history.close("ExecutionFailed", flow.previous, details)
            self._end(execution, Status.FAILED, error=failure.error, cause=failure.cause)
        else:
            execution.history.close("ExecutionSucceeded", flow.previous, {"output": output.text})
            self._end(execution, Status.SUCCEEDED, output=output)

    @staticmethod
    def _raise(error: Exception | None) -> None:
        if error is not None:
            raise error

    def _end(
        self,
        execution: Execution,
        status: Status,
        *,
        output: Payload | None = None,
        error: str | None = None,
        cause: str | None = None,
    ) -> None:
        if execution.timer:
            execution.timer.cancel()
        execution.end(status, self.clock.now(), output=output, error=error, cause=cause)

    def _time_out(self, execution: Execution) -> None:
        """Time out an execution. As on AWS, only the event has the error, and its `previousEventId` is 0."""
        if execution.fiber and execution.running:
            execution.fiber.cancel()
            execution.history.close("ExecutionTimedOut", 0, {"error": TIMEOUT})
            self._end(execution, Status.TIMED_OUT)

    def stop(self, execution: Execution, error: str | None = None, cause: str | None = None) -> None:
        """Stop an execution. An ended execution does not change."""
        with self.scheduler.frozen():
            if execution.running:
                if execution.fiber:
                    execution.fiber.cancel()
                execution.history.close("ExecutionAborted", 0, failure_details(error, cause))
                self._end(execution, Status.ABORTED, error=error, cause=cause)

    def stop_at_transition(self, execution: Execution) -> None:
        """Stop an execution at its next transition, as happens when its machine is deleted."""
        with self.scheduler.frozen():
            execution.ending = True

    def _explain_stall(self) -> str:
        running = [execution for execution in self.executions if execution.running]
        busiest = max(running, key=lambda execution: len(execution.history.events), default=None)
        if busiest is None:
            return f"{self.limits.stall_steps} steps without time passing, and no execution is running"
        last = ", ".join(event.type for event in busiest.history.events[-4:])
        return (
            f"{self.limits.stall_steps} steps without time passing while {len(running)} executions run. "
            f"The busiest is {busiest.arn}: {len(busiest.history.events)} events, the last: {last}. "
            "Add a Wait to the loop, or give its tasks a duration."
        )
