"""Parallel: all branches run concurrently."""

from __future__ import annotations

from functools import partial

from harness.json_types import Json

from ..asl import Parallel, Workflow
from ..payload import Payload
from ..time.fibers import Steps
from .control_flow import Flow, Left
from .data_flow import entered
from .join import Join, RunWorkflow
from .retry_catch import leave_after, run_attempts


def run_parallel(run_workflow: RunWorkflow, flow: Flow, state: Parallel, payload: Payload) -> Steps[Left]:
    """Run a Parallel state."""
    attempt = partial(_attempt, run_workflow, flow, state, payload)
    return (yield from run_attempts(flow, state, payload, attempt, "ParallelStateFailed"))


def _attempt(run_workflow: RunWorkflow, flow: Flow, state: Parallel, payload: Payload) -> Steps[Left]:
    given, scope = entered(flow, state, payload)
    if state.parameters is not None:
        given = Payload(state.parameters.evaluate(scope))
    flow.record("ParallelStateStarted")

    def start(index: int, previous: int) -> tuple[Flow, Workflow, Payload]:
        return flow.child(previous), state.branches[index], given

    def ended(_index: int, child: Flow, end: Payload | Exception) -> Json:
        # A failed branch stays a child: the states inside it are aborted like those in the other branches.
        flow.previous = child.previous
        if isinstance(end, Exception):
            raise end
        return end.value

    count = len(state.branches)
    result = Payload((yield from Join(flow, run_workflow, start, ended).run(count, count)))
    flow.check_size(result, state.name, beyond_all=False)
    return leave_after(flow, state, payload, result, "ParallelStateSucceeded")
