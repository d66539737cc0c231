"""The interpreter's front: executions on one clock.

    machine = parse('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    world = World(port)
    execution = world.start(machine, identity, "{}", name="first")
    world.run()
    execution.status, [event.to_api() for event in execution.history.events]

`run` may go on in a thread of its own. Other threads use `frozen`, which waits until the world stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from ..asl import Machine
from ..errors import TIMEOUT, StateFailure
from ..payload import Payload
from ..query.scope import Variables
from ..randomness import Randomness
from ..time.clock import Clock, VirtualClock
from ..time.completion import Completion
from ..time.fibers import Steps
from ..time.scheduler import Scheduler
from ..time.work import Work
from .control_flow import Flow
from .execution import Execution, Identity, Status
from .history import History, failure_details
from .limits import Limits
from .task_port import TaskPort
from .workflow import run_workflow


class World:
    """Executions that share a clock and a port.

    Attributes:
        clock: the time; virtual unless another is given.
        scheduler: what runs the flows.
        port: where tasks go.
        executions: all that were started, in order.
        run_workflow: runs a flow; Parallel and Map take it from here, since states contain workflows and
            workflows states.
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
        self.run_workflow = run_workflow
        self.clock = clock or VirtualClock()
        self.limits = limits or Limits()
        self.executions: list[Execution] = []
        self._seed = seed
        self._randomness = Randomness(seed)
        self._tokens: dict[str, Completion] = {}
        self.scheduler = Scheduler(self.clock, self.limits.stall_steps, self._explain_stall)

    def start(
        self,
        machine: Machine,
        identity: Identity,
        payload: str = "{}",
        *,
        name: str | None = None,
        at: float | None = None,
    ) -> Execution:
        """Start an execution.

        Args:
            payload: the input, JSON text.
            name: the execution's name; a UUID when it is not given.
            at: when it starts, on the clock; now when it is not given.

        Raises:
            ValueError: the input is not JSON, or is too large.
        """
        with self.frozen():
            return self._start(machine, identity, Payload.parse(payload), name, at)

    def _start(
        self, machine: Machine, identity: Identity, given: Payload, name: str | None, at: float | None
    ) -> Execution:
        if given.size_bytes > self.limits.payload_bytes:
            raise ValueError(f"the input has more than {self.limits.payload_bytes} bytes")
        moment = self.clock.now() if at is None else at
        history = History(self.clock.now, self.limits.history_events)
        chosen = name if name is not None else self._randomness.uuid()
        execution = Execution(
            machine, identity, chosen, given, history=history, started_at=moment, seed=self._seed
        )
        self.executions.append(execution)
        if at is None:
            self._begin(execution)
        else:
            self.scheduler.at(moment, lambda: self._begin(execution))
        return execution

    def _begin(self, execution: Execution) -> None:
        if not execution.running:
            return
        details = {"input": execution.input.text, "roleArn": execution.identity.role_arn}
        execution.history.add("ExecutionStarted", 0, details)
        flow = Flow(self, execution, Variables(), 0)
        execution.fiber = self.scheduler.spawn(self._run(flow), lambda _output, error: self._raise(error))
        if execution.machine.timeout_s is not None:
            moment = execution.started_at + execution.machine.timeout_s
            execution.timer = self.scheduler.at(moment, lambda: self._time_out(execution))

    def _run(self, flow: Flow) -> Steps:
        execution = flow.execution
        try:
            output: Payload = yield from self.run_workflow(flow, execution.machine.workflow, execution.input)
        except StateFailure as failure:
            details = failure_details(failure.error, failure.cause)
            self._end(execution, Status.FAILED, "ExecutionFailed", flow.previous, details)
        else:
            execution.history.close("ExecutionSucceeded", flow.previous, {"output": output.text})
            self._finish(execution, Status.SUCCEEDED, output=output)

    @staticmethod
    def _raise(error: Exception | None) -> None:
        if error is not None:
            raise error

    def _end(
        self, execution: Execution, status: Status, event: str, previous: int, details: dict[str, str]
    ) -> None:
        execution.history.close(event, previous, details)
        self._finish(execution, status, error=details.get("error"), cause=details.get("cause"))

    def _finish(
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
        """End an execution whose time is over: on AWS only the event names the error, and it follows none."""
        if execution.fiber and execution.running:
            execution.fiber.cancel()
            execution.history.close("ExecutionTimedOut", 0, {"error": TIMEOUT})
            self._finish(execution, Status.TIMED_OUT)

    def stop(self, execution: Execution, error: str | None = None, cause: str | None = None) -> None:
        """Stop an execution; one that is over stays as it is."""
        with self.frozen():
            if execution.running:
                if execution.fiber:
                    execution.fiber.cancel()
                details = failure_details(error, cause)
                self._end(execution, Status.ABORTED, "ExecutionAborted", 0, details)

    def stop_at_transition(self, execution: Execution) -> None:
        """Stop an execution when it next leaves a state for another, as deleting its machine does."""
        with self.frozen():
            execution.ending = True

    def run(
        self,
        until: float | None = None,
        *,
        stop: Callable[[], bool] = lambda: False,
        hold: Callable[[], bool] = lambda: False,
        serve: bool = False,
    ) -> None:
        """Run until nothing is left to do.

        Args:
            until: a time at which to return although there is more to do.
            stop: asked between moments; return when it is true.
            hold: asked between moments; while it is true no time passes.
            serve: with nothing left to do, wait for another thread to start something instead of returning.

        Raises:
            Livelock: executions go on and on while time stands still.
        """
        self.scheduler.run(until, stop=stop, hold=hold, serve=serve)

    def frozen(self, during: Work | None = None) -> AbstractContextManager[None]:
        """Hold the world while it stands still; see `Scheduler.frozen`."""
        return self.scheduler.frozen(during)

    def sleep(self, work: Work, seconds: float) -> None:
        """Let virtual time pass inside some work; see `Scheduler.sleep`."""
        self.scheduler.sleep(work, seconds)

    def new_token(self) -> str:
        """A task token that was not used before."""
        return self._randomness.uuid()

    def register_token(self, token: str) -> Completion:
        """The completion that a token stands for."""
        self._tokens[token] = Completion()
        return self._tokens[token]

    def forget_token(self, token: str) -> None:
        """The task of a token is over."""
        self._tokens.pop(token, None)

    def completion(self, token: str) -> Completion | None:
        """What SendTaskSuccess and the like act on; None: no such task, or not any more."""
        return self._tokens.get(token)

    def _explain_stall(self) -> str:
        running = [execution for execution in self.executions if execution.running]
        busiest = max(running, key=lambda execution: len(execution.history.events), default=None)
        if busiest is None:
            return f"{self.limits.stall_steps} steps without time passing, and no execution is running"
        last = ", ".join(event.type for event in busiest.history.events[-4:])
        return (
            f"{self.limits.stall_steps} steps without time passing while {len(running)} executions run. "
            f"The busiest is {busiest.arn}: {len(busiest.history.events)} events, the last: {last}. "
            "Give the loop a Wait, or its tasks a duration."
        )
