"""Parallel, and the joining of flows that Map uses too."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..asl import Parallel, Workflow
from ..errors import StateFailure
from ..payload import Payload
from ..time.fibers import Fiber, Signal, Steps
from .control_flow import Flow
from .data_flow import effective_input
from .retry_catch import leave_after, run_attempts


def run_parallel(flow: Flow, state: Parallel, payload: Payload) -> Steps:
    """Run a Parallel state."""
    return (
        yield from run_attempts(
            flow, state, payload, partial(_attempt, flow, state, payload), "ParallelStateFailed"
        )
    )


def _attempt(flow: Flow, state: Parallel, payload: Payload) -> Steps:
    given = _branch_input(flow, state, payload)
    flow.record("ParallelStateStarted")
    join = Join(flow, len(state.branches))
    for branch in state.branches:
        join.spawn(branch, flow.child(), given)
    outputs = yield from join.wait()
    result = Payload(outputs)
    flow.check_size(result, state.name, beyond_all=False)
    return leave_after(flow, state, payload, result, "ParallelStateSucceeded")


def _branch_input(flow: Flow, state: Parallel, payload: Payload) -> Payload:
    if state.is_jsonata:
        scope = flow.scope(None, input=payload.value)
        return payload if state.parameters is None else Payload(state.parameters.evaluate(scope))
    scope = flow.scope(payload.value)
    given = effective_input(state, scope, payload)
    return given if state.parameters is None else Payload(state.parameters.evaluate(scope.on(given.value)))


class Join:
    """Waits for flows to end: for all of them, or for the first that fails.

    Attributes:
        flow: whose children they are.
    """

    def __init__(self, flow: Flow, count: int) -> None:
        self.flow = flow
        self._remaining = count
        self._outputs: list[Any] = [None] * count
        self._fibers: list[Fiber] = []
        self._signal = Signal()
        if not count:
            self._signal.set()

    def spawn(self, workflow: Workflow, child: Flow, payload: Payload) -> None:
        """Start the next flow."""
        index = len(self._fibers)
        steps = self.flow.world.run_workflow(child, workflow, payload)
        self._fibers.append(self.flow.world.scheduler.spawn(steps, partial(self._ended, index, child)))

    def _ended(self, index: int, child: Flow, output: Payload | None, error: Exception | None) -> None:
        self.flow.previous = child.previous
        if output is None:
            self._signal.fail(error or StateFailure(None, None))
            return
        self._outputs[index] = output.value
        self._remaining -= 1
        if not self._remaining:
            self._signal.set()

    def wait(self) -> Steps:
        """Wait; the fiber's value is the list of outputs. The flows that still run are stopped at the end.

        What a branch was in when it failed is aborted like the states of the others.
        """
        try:
            yield self._signal
        except StateFailure as failure:
            if not failure.fatal:
                previous = self.flow.previous
                for child in self.flow.children:
                    child.abort()
                self.flow.previous = previous
            raise
        finally:
            self.flow.children = []
            for fiber in self._fibers:
                fiber.cancel()
        return self._outputs
