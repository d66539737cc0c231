"""A distributed Map's Map Run, whose child executions have separate histories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from harness.json_types import Json

from ..asl import Map, Workflow
from ..errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, QueryError, StateFailure
from ..payload import Payload
from ..query.scope import Scope, Variables
from ..time.fibers import Steps
from .child_results import ChildResults
from .control_flow import Flow
from .execution import Execution, Identity, Status
from .history import History, failure_details
from .item_batcher import BatchLimits, batch_limits, batches
from .item_reader import read_items
from .join import Join, RunWorkflow
from .map_items import Item, selected
from .result_writer import write_results


class Tolerance:
    """The number of failures that a distributed Map tolerates. Default: none.

    Raises:
        QueryError: a field cannot be evaluated, or its value is out of range.
    """

    def __init__(self, state: Map, scope: Scope) -> None:
        count, percentage = state.tolerated_failure_count, state.tolerated_failure_percentage
        self._percentage = None if percentage is None else percentage.evaluate(scope)
        self._count = None if percentage is not None else 0
        if count is not None:
            self._count = int(count.evaluate(scope))
        if self._count is not None and self._count < 0:
            raise QueryError("ToleratedFailureCount cannot be negative.")
        if self._percentage is not None and not 0 <= self._percentage <= 100:
            raise QueryError("ToleratedFailurePercentage must be between 0 and 100.")

    def exceeded(self, failed: int, total: int) -> bool:
        """Return whether the failures exceed the tolerated number or percentage."""
        if self._count is not None and failed > self._count:
            return True
        return self._percentage is not None and failed * 100 > self._percentage * total


@dataclass(frozen=True, slots=True)
class MapRunLimits:
    """A distributed Map's limits, which can depend on its data.

    Attributes:
        most_items: the value of MaxItems; 0 reads all items.
        batch: None if there is no ItemBatcher.
    """

    tolerance: Tolerance
    most_items: int = 0
    batch: BatchLimits | None = None

    @classmethod
    def of(cls, state: Map, scope: Scope) -> MapRunLimits:
        """Evaluate the fields.

        Raises:
            QueryError: a field cannot be evaluated, or its value is out of range.
        """
        most = state.item_reader.max_items if state.item_reader else None
        return cls(
            Tolerance(state, scope),
            0 if most is None else int(most.evaluate(scope)),
            None if state.item_batcher is None else batch_limits(state.item_batcher, scope),
        )


class MapRun:
    """Runs a child execution for each of a distributed Map's items or batches.

    Attributes:
        started_id: the ID of the MapRunStarted event, after it is recorded.
    """

    def __init__(
        self, run_workflow: RunWorkflow, flow: Flow, state: Map, scope: Scope, limits: MapRunLimits
    ) -> None:
        self._run_workflow = run_workflow
        self._flow = flow
        self._state = state
        self._scope = scope
        self._limits = limits
        parent = flow.execution.identity
        # A child of a child belongs to the same machine.
        machine_arn = parent.machine_arn.partition("/")[0]
        label = state.label or flow.execution.randomness.uuid()
        self._identity = Identity(f"{machine_arn}/{label}", parent.role_arn)
        run = self._identity.machine_arn.replace(":stateMachine:", ":mapRun:", 1)
        self._arn = f"{run}:{flow.execution.randomness.uuid()}"
        self.started_id = 0
        self._failed = 0
        self._items: list[Item] = []
        self._results = ChildResults(self._identity)

    def run(self, items: list[Item], places: int) -> Steps[Json]:
        """Process these items, or the items from ItemReader. The fiber's value is the outputs or their
        location.

        Raises:
            StateFailure: more items failed than are tolerated, or the reader or writer failed.
            QueryError: ItemSelector, or a field of a reader or writer, cannot be evaluated.
        """
        flow = self._flow
        self.started_id = flow.record("MapRunStarted", {"mapRunArn": self._arn})
        try:
            result = yield from self._result(items, places)
        except StateFailure as failure:
            flow.record("MapRunFailed", failure_details(failure.error, failure.cause))
            raise
        flow.record("MapRunSucceeded")
        return result

    def _result(self, items: list[Item], places: int) -> Steps[Json]:
        flow, state, scope = self._flow, self._state, self._scope
        if state.item_reader:
            items = yield from read_items(flow, state.item_reader, scope, self._limits.most_items)
        if state.item_batcher and self._limits.batch:
            chosen = [selected(flow, state, scope, at, item).value for at, item in enumerate(items)]
            items = [Item(batch) for batch in batches(state.item_batcher, self._limits.batch, chosen, scope)]
        self._items = items
        join = Join(flow, self._run_workflow, self._start, self._ended)
        try:
            yield from join.run(len(items), places)
        except StateFailure as failure:
            if failure.error == EXCEED_TOLERATED_FAILURE_THRESHOLD and state.result_writer:
                self._results.stop(flow.host.clock.now(), self._inputs_not_started())
                yield from write_results(flow, state.result_writer, scope, self._arn, self._results)
            raise
        return (yield from write_results(flow, state.result_writer, scope, self._arn, self._results))

    def _input(self, index: int) -> Payload:
        item = self._items[index]
        if self._state.item_batcher:  # ItemSelector was applied before the items were batched
            return Payload(item.value)
        return selected(self._flow, self._state, self._scope, index, item)

    def _inputs_not_started(self) -> list[Payload]:
        return [self._input(index) for index in range(len(self._results.executions), len(self._items))]

    def _start(self, index: int, _previous: int) -> tuple[Flow, Workflow, Payload]:
        parent, host = self._flow.execution, self._flow.host
        given = self._input(index)
        execution = Execution(
            parent.machine,
            self._identity,
            parent.randomness.uuid(),
            given,
            history=History(host.clock.now, host.limits.history_events),
            started_at=host.clock.now(),
        )
        execution.history.on_event = partial(host.pauses.note, execution.arn)
        execution.awaited = parent.awaited  # the parent's limits also apply to the children
        self._results.executions.append(execution)
        host.note_item(self._arn, parent, execution)
        # Not a child of the Map's flow: it has a separate history, in which no states of the Map's flow are
        # aborted.
        return Flow(host, execution, Variables(), 0), self._state.processor, given

    def _ended(self, _index: int, child: Flow, end: Payload | Exception) -> Json:
        now = self._flow.host.clock.now()
        if isinstance(end, Payload):
            child.execution.history.close("ExecutionSucceeded", child.previous, {"output": end.text})
            child.execution.end(Status.SUCCEEDED, now, output=end)
            return None
        if not isinstance(end, StateFailure):
            raise end
        details = failure_details(end.error, end.cause)
        child.execution.history.close("ExecutionFailed", child.previous, details)
        child.execution.end(Status.FAILED, now, error=end.error, cause=end.cause)
        self._failed += 1
        if self._limits.tolerance.exceeded(self._failed, len(self._items)):
            cause = "The specified tolerated failure threshold was exceeded"
            raise StateFailure(EXCEED_TOLERATED_FAILURE_THRESHOLD, cause)
        return None
