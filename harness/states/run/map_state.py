"""Map: its items, and the choice between iterations and child executions."""

from __future__ import annotations

from functools import partial

from harness.json_types import Json

from ..asl import Map
from ..errors import QUERY_EVALUATION_ERROR, QueryError
from ..payload import Payload, to_text
from ..query.choice_rules import unexpected_type
from ..query.jsonata import JsonataExpression
from ..query.paths import PathExpression
from ..query.scope import Scope
from ..time.fibers import Steps
from .control_flow import Flow, Left
from .data_flow import entered
from .inline_map import run_inline
from .join import RunWorkflow
from .map_run import MapRun, Tolerance
from .retry_catch import leave_after, run_attempts


def run_map(run_workflow: RunWorkflow, flow: Flow, state: Map, payload: Payload) -> Steps[Left]:
    """Run a Map state."""
    attempt = partial(_attempt, run_workflow, flow, state, payload)
    return (yield from run_attempts(flow, state, payload, attempt, "MapStateFailed"))


def _attempt(run_workflow: RunWorkflow, flow: Flow, state: Map, payload: Payload) -> Steps[Left]:
    _, scope = entered(flow, state, payload)
    if state.not_served:
        raise QueryError(f"{state.not_served} is not served here")
    items = [] if state.item_reader else _items(state, scope)
    asked = 0 if state.max_concurrency is None else int(state.max_concurrency.evaluate(scope))
    flow.record("MapStateStarted", {"length": len(items)})
    tolerance = Tolerance(state, scope)
    limits = flow.host.limits
    most = limits.distributed_concurrency if state.distributed else limits.inline_concurrency
    places = min(asked or most, most)
    outputs: Json
    if state.distributed:
        outputs = yield from MapRun(run_workflow, flow, state, scope, tolerance).run(items, places)
    else:
        outputs = yield from run_inline(run_workflow, flow, state, scope, items, places)
    result = Payload(outputs)
    flow.check_size(result, state.name, beyond_all=False)
    return leave_after(flow, state, payload, result, "MapStateSucceeded")


def _items(state: Map, scope: Scope) -> list[Json]:
    items = scope.data if state.items is None else state.items.evaluate(scope)
    if isinstance(items, list):
        return items
    if state.items is None:
        message = f"Map state input must be an array but was: {to_text(items)}"
        raise QueryError(message, QUERY_EVALUATION_ERROR)
    if isinstance(state.items, JsonataExpression):
        raise state.items.failure(unexpected_type("array", items))
    path = state.items.path.text if isinstance(state.items, PathExpression) else "$"
    raise QueryError(f'Reference path "{path}" must point to array.')
