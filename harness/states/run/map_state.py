"""Map: its items, its iterations inline or as child executions."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import partial
from typing import Any

from harness.json_types import Json

from ..asl import Map
from ..errors import (
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    QUERY_EVALUATION_ERROR,
    QueryError,
    StateFailure,
)
from ..payload import Payload, to_text
from ..query.choice_rules import unexpected_type
from ..query.jsonata import JsonataExpression
from ..query.paths import PathExpression
from ..query.scope import Scope, Variables
from ..time.fibers import Fiber, Signal, Steps
from .control_flow import Flow
from .data_flow import effective_input
from .execution import Execution, Status
from .history import History, failure_details
from .item_reader import batches, read_items
from .result_writer import write_results
from .retry_catch import leave_after, run_attempts


def run_map(flow: Flow, state: Map, payload: Payload) -> Steps:
    """Run a Map state."""
    attempt = partial(_attempt, flow, state, payload)
    return (yield from run_attempts(flow, state, payload, attempt, "MapStateFailed"))


def _attempt(flow: Flow, state: Map, payload: Payload) -> Steps:
    scope = flow.scope(payload.value, input=payload.value)
    if not state.is_jsonata:
        scope = scope.on(effective_input(state, scope, payload).value)
    items = [] if state.item_reader else _items(state, scope)
    concurrency = _whole(state.max_concurrency, scope)
    flow.record("MapStateStarted", {"length": len(items)})
    tolerated = _Tolerated(state, scope)
    run: _Iterations
    if state.distributed:
        run = _ChildExecutions(flow, state, scope, concurrency, tolerated)
        outputs = yield from run.map_run(items)
    else:
        run = _Iterations(flow, state, scope, concurrency)
        outputs = yield from run.run(items)
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


def _whole(expression: Any, scope: Scope) -> int:
    return 0 if expression is None else int(expression.evaluate(scope))


class _Tolerated:
    """How many failures a distributed Map bears: none, unless it says so."""

    def __init__(self, state: Map, scope: Scope) -> None:
        count, percentage = state.tolerated_failure_count, state.tolerated_failure_percentage
        self._percentage = None if percentage is None else float(percentage.evaluate(scope))
        self._count = None if count is None and percentage is not None else _whole(count, scope)

    def exceeded(self, failed: int, total: int) -> bool:
        """Whether there were too many by either measure."""
        if self._count is not None and failed > self._count:
            return True
        return self._percentage is not None and failed * 100 > self._percentage * total


class _Iterations:
    """Inline iterations: flows of the same execution, a fixed number of them at a time.

    An iteration follows, in the history, the one whose place it takes.
    """

    def __init__(self, flow: Flow, state: Map, scope: Scope, concurrency: int) -> None:
        self.flow = flow
        self.state = state
        self._scope = scope
        most = self._most()
        self._places = min(concurrency or most, most)
        self._waiting: deque[tuple[int, Json]] = deque()
        self._outputs: list[Json] = []
        self._fibers: list[Fiber] = []
        self._running = 0
        self._signal = Signal()

    def _most(self) -> int:
        return self.flow.world.limits.inline_concurrency

    def run(self, items: list[Json]) -> Steps:
        """Run all items; the fiber's value is the list of outputs."""
        self._waiting.extend(enumerate(items))
        self._outputs = [None] * len(items)
        if not items:
            return self._outputs
        try:
            start = self.flow.previous
            for _ in range(min(self._places, len(items))):
                self._start_next(start)
            yield self._signal
        except StateFailure as failure:
            if not failure.fatal:
                self._abort_others()
            raise
        finally:
            self.flow.children = []
            for fiber in self._fibers:
                fiber.cancel()
        return self._outputs

    def _start_next(self, previous: int) -> None:
        index, item = self._waiting.popleft()
        child = self._child(index, item, previous)
        payload = self._selected(index, item)
        steps = self.flow.world.run_workflow(child, self.state.processor, payload)
        self._running += 1
        self._fibers.append(self.flow.world.scheduler.spawn(steps, partial(self._ended, index, child)))

    def _child(self, index: int, item: Json, previous: int) -> Flow:
        child = self.flow.child()
        child.previous = previous
        child.map_item = {"Index": index, "Value": item}
        child.iteration = {"name": self.state.name, "index": index}
        child.iterations += f"{self.state.name}[{index}]/"
        child.record("MapIterationStarted", child.iteration)
        return child

    def _selected(self, index: int, item: Json) -> Payload:
        """What an iteration gets."""
        return self._through_selector(index, item)

    def _through_selector(self, index: int, item: Json) -> Payload:
        """The item, or ItemSelector with the item in the context object."""
        if self.state.item_selector is None:
            return Payload(item)
        scope = replace(self._scope, context=lambda: self._context_of(index, item))
        return Payload(self.state.item_selector.evaluate(scope))

    def _context_of(self, index: int, item: Json) -> dict[str, Any]:
        return {**self.flow.context(), "Map": {"Item": {"Index": index, "Value": item}}}

    def _ended(self, index: int, child: Flow, output: Payload | None, error: Exception | None) -> None:
        self._running -= 1
        self.flow.children.remove(child)
        self.flow.previous = child.previous
        try:
            if output is None:
                failure = error or StateFailure(None, None)
                if isinstance(failure, StateFailure) and not failure.fatal:
                    child.abort_state()
                    self.flow.execution.history.add("MapIterationFailed", child.previous, child.iteration)
                self._signal.fail(failure)
                return
            self._outputs[index] = output.value
            self.flow.previous = self.flow.execution.history.add(
                "MapIterationSucceeded", child.previous, child.iteration
            )
            self._go_on(child.previous)
        except (StateFailure, QueryError) as failed:
            self._signal.fail(failed)

    def _go_on(self, previous: int) -> None:
        if self._waiting:
            self._start_next(previous)
        elif not self._running:
            self._signal.set()

    def _abort_others(self) -> None:
        previous = self.flow.previous
        for child in self.flow.children:
            child.abort()
        self.flow.previous = previous


class _ChildExecutions(_Iterations):
    """Distributed iterations: child executions with histories of their own, in a Map Run."""

    def __init__(self, flow: Flow, state: Map, scope: Scope, concurrency: int, tolerated: _Tolerated) -> None:
        super().__init__(flow, state, scope, concurrency)
        self._tolerated = tolerated
        self._failed = 0
        self._total = 0
        self._executions: dict[int, Execution] = {}

    def _most(self) -> int:
        return self.flow.world.limits.distributed_concurrency

    def map_run(self, items: list[Json]) -> Steps:
        """Run all items as a Map Run; the fiber's value is the list of outputs, or where they were put."""
        flow, state = self.flow, self.state
        run_arn = self._run_arn()
        flow.record("MapRunStarted", {"mapRunArn": run_arn})
        try:
            if state.item_reader:
                items = yield from read_items(flow, state.item_reader, self._scope)
            if state.item_batcher:
                selected = [self._through_selector(*pair).value for pair in enumerate(items)]
                items = batches(state.item_batcher, selected, self._scope)
            self._total = len(items)
            outputs = yield from self.run(items)
            if state.result_writer:
                started = sorted(self._executions.items())
                executions = [execution for _, execution in started]
                outputs = yield from write_results(
                    flow, state.result_writer, self._scope, run_arn, executions
                )
        except StateFailure as failure:
            flow.record("MapRunFailed", failure_details(failure.error, failure.cause))
            raise
        flow.record("MapRunSucceeded")
        return outputs

    def _run_arn(self) -> str:
        identity, unique = self.flow.execution.identity, self.flow.execution.randomness.uuid
        label = self.state.label or unique()
        prefix = identity.machine_arn.replace(":stateMachine:", ":mapRun:", 1)
        return f"{prefix}/{label}:{unique()}"

    def _child(self, index: int, item: Json, previous: int) -> Flow:
        parent = self.flow.execution
        name = parent.randomness.uuid()
        history = History(self.flow.world.clock.now, self.flow.world.limits.history_events)
        label = self.state.label or self.state.name
        arn = parent.identity.machine_arn.replace(":stateMachine:", ":execution:", 1) + f"/{label}:{name}"
        execution = Execution(
            parent.machine,
            parent.identity,
            name,
            Payload(item),
            history=history,
            started_at=self.flow.world.clock.now(),
            arn=arn,
        )
        self._executions[index] = execution
        child = Flow(self.flow.world, execution, Variables(), 0)
        child.map_item = {"Index": index, "Value": item}
        self.flow.children.append(child)
        return child

    def _selected(self, index: int, item: Json) -> Payload:
        # With an ItemBatcher, items were selected before they were put together.
        return Payload(item) if self.state.item_batcher else super()._selected(index, item)

    def _ended(self, index: int, child: Flow, output: Payload | None, error: Exception | None) -> None:
        self._running -= 1
        self.flow.children.remove(child)
        now = self.flow.world.clock.now()
        if output is not None:
            child.execution.end(Status.SUCCEEDED, now, output=output)
            self._outputs[index] = output.value
        elif isinstance(error, StateFailure):
            child.execution.end(Status.FAILED, now, error=error.error, cause=error.cause)
            self._outputs[index] = error.output
            self._failed += 1
            if self._tolerated.exceeded(self._failed, self._total):
                cause = "The specified tolerated failure threshold was exceeded"
                self._signal.fail(StateFailure(EXCEED_TOLERATED_FAILURE_THRESHOLD, cause))
                return
        else:
            self._signal.fail(error or RuntimeError("an iteration ended without a result"))
            return
        self._go_on(0)

    def _abort_others(self) -> None:
        """Nothing: child executions are not in the parent's history."""
