"""Inline Map iterations, which are flows in the same execution."""

from __future__ import annotations

from harness.json_types import Json

from ..asl import Map, Workflow
from ..errors import StateFailure
from ..payload import Payload
from ..query.scope import Scope
from ..time.fibers import Steps
from .control_flow import Flow
from .join import Join, RunWorkflow
from .map_items import Item, selected


def run_inline(
    run_workflow: RunWorkflow, flow: Flow, state: Map, scope: Scope, items: list[Item], places: int
) -> Steps[list[Json]]:
    """Run the processor for each item. The fiber's value is the list of outputs.

    Raises:
        StateFailure: an iteration failed.
        QueryError: ItemSelector cannot be evaluated.
    """

    def start(index: int, previous: int) -> tuple[Flow, Workflow, Payload]:
        child = flow.child(previous)
        child.map_item = items[index].context(index)
        child.iteration = {"name": state.name, "index": index}
        child.iterations += f"{state.name}[{index}]/"
        child.record("MapIterationStarted", child.iteration)
        return child, state.processor, selected(flow, state, scope, index, items[index])

    def ended(_index: int, child: Flow, end: Payload | Exception) -> Json:
        history = flow.execution.history
        del flow.children[child]
        flow.previous = child.previous
        if isinstance(end, Payload):
            flow.previous = history.add("MapIterationSucceeded", child.previous, child.iteration)
            return end.value
        if isinstance(end, StateFailure) and not end.fatal:
            child.abort_state()
            history.add("MapIterationFailed", child.previous, child.iteration)
        raise end

    return (yield from Join(flow, run_workflow, start, ended).run(len(items), places))
