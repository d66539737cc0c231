"""The Map state: determines the items, and runs them as iterations or as child executions."""

from __future__ import annotations

from functools import partial

from ..asl import Map
from ..errors import QueryError
from ..payload import Payload
from ..query.scope import Scope
from ..time.fibers import Steps
from .control_flow import Flow, Left
from .data_flow import entered
from .inline_map import run_inline
from .join import RunWorkflow
from .map_items import Item, state_items
from .retry_catch import leave_after, run_attempts


def run_map(run_workflow: RunWorkflow, flow: Flow, state: Map, payload: Payload) -> Steps[Left]:
    """Run a Map state."""
    attempt = partial(_attempt, run_workflow, flow, state, payload)
    return (yield from run_attempts(flow, state, payload, attempt, "MapStateFailed"))


def _attempt(run_workflow: RunWorkflow, flow: Flow, state: Map, payload: Payload) -> Steps[Left]:
    _, scope = entered(flow, state, payload)
    if state.not_served:
        raise QueryError(f"{state.not_served} is not served here")
    items = [] if state.item_reader else state_items(state, scope)
    limits = flow.host.limits
    most = limits.distributed_concurrency if state.distributed else limits.inline_concurrency
    places = min(_max_concurrency(state, scope) or most, most)
    flow.record("MapStateStarted", {"length": len(items)})
    if state.distributed:
        return (yield from _run_distributed(run_workflow, flow, state, payload, scope, items, places))
    result = Payload((yield from run_inline(run_workflow, flow, state, scope, items, places)))
    flow.check_size(result, state.name, beyond_all=False)
    return leave_after(flow, state, payload, result, "MapStateSucceeded")


def _run_distributed(
    run_workflow: RunWorkflow,
    flow: Flow,
    state: Map,
    payload: Payload,
    scope: Scope,
    items: list[Item],
    places: int,
) -> Steps[Left]:
    from .map_run import MapRun, MapRunLimits  # noqa: PLC0415 - few machines have one, and start-up is measured

    run = MapRun(run_workflow, flow, state, scope, MapRunLimits.of(state, scope))
    result = Payload((yield from run.run(items, places)))
    flow.check_size(result, state.name, beyond_all=False)
    return leave_after(flow, state, payload, result, "MapStateSucceeded", exits_after=run.started_id)


def _max_concurrency(state: Map, scope: Scope) -> int:
    """Return the number of items that run concurrently, or 0 for AWS's maximum."""
    if state.max_concurrency is None:
        return 0
    asked = int(state.max_concurrency.evaluate(scope))
    if asked < 0:
        raise QueryError(
            f"MaxConcurrency is {asked}. On AWS, a Map with a negative value never starts: its execution "
            "hangs, without any error. Use 0 for no limit, or a positive number."
        )
    return asked
