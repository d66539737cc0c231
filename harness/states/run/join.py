"""Starts, awaits and stops concurrent flows in Parallel and in both kinds of Map."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from harness.json_types import Json

from ..asl import Workflow
from ..errors import StateFailure
from ..payload import Payload
from ..time.fibers import Fiber, Signal, Steps
from .control_flow import Flow

RunWorkflow: TypeAlias = Callable[[Flow, Workflow, Payload], Steps[Payload]]
"""Runs a workflow inside a state. The module `workflow` passes this function to the states, because states
and workflows call each other recursively.
"""
Start: TypeAlias = Callable[[int, int], tuple[Flow, Workflow, Payload]]
"""Takes a flow's index and the ID of its preceding event. Returns the flow, its workflow and its input."""
Ended: TypeAlias = Callable[[int, Flow, Payload | Exception], Json]
"""Takes a flow's index, the flow, and its output or error. Returns its part of the result, or raises an
exception to fail all flows.
"""


class Join:
    """Runs flows and waits for all of them, or for the first failure.

    Args:
        flow: the flow that is in the state. When one of its `children` fails, the others are aborted.
        start: returns a new flow.
        ended: called when a flow has ended.
    """

    def __init__(self, flow: Flow, run_workflow: RunWorkflow, start: Start, ended: Ended) -> None:
        self._flow = flow
        self._run_workflow = run_workflow
        self._start = start
        self._ended = ended
        self._signal = Signal()
        self._fibers: list[Fiber[Payload]] = []
        self._outputs: list[Json] = []
        self._running = 0

    def run(self, count: int, places: int) -> Steps[list[Json]]:
        """Run `count` flows, at most `places` at a time. The fiber's value is the list of outputs.

        In the history, the first event of a flow follows the last event of the flow whose place it takes.
        Flows that are still running at the end are stopped.

        Raises:
            StateFailure: the failure of the first flow that failed.
            QueryError: a flow could not be started.
        """
        self._outputs = [None] * count
        if not count:
            return self._outputs
        try:
            previous = self._flow.previous
            for _ in range(min(places, count)):
                self._start_next(previous)
            yield self._signal
        except StateFailure as failure:
            if not failure.fatal:
                self._abort()
            raise
        finally:
            self._flow.children.clear()
            for fiber in self._fibers:
                fiber.cancel()
        return self._outputs

    def _start_next(self, previous: int) -> None:
        index = len(self._fibers)
        child, workflow, payload = self._start(index, previous)
        steps = self._run_workflow(child, workflow, payload)
        self._running += 1
        self._fibers.append(self._flow.host.scheduler.spawn(steps, partial(self._end, index, child)))

    def _end(self, index: int, child: Flow, output: Payload | None, error: Exception | None) -> None:
        self._running -= 1
        try:
            end = output if output is not None else error or StateFailure(None, None)
            self._outputs[index] = self._ended(index, child, end)
            if len(self._fibers) < len(self._outputs):
                self._start_next(child.previous)
            elif not self._running:
                self._signal.set()
        except Exception as failure:
            self._signal.fail(failure)

    def _abort(self) -> None:
        previous = self._flow.previous
        for child in self._flow.children:
            child.abort()
        self._flow.previous = previous
