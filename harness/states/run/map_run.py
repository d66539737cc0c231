"""The Map Run of a distributed Map: child executions with histories of their own."""

from __future__ import annotations

from harness.json_types import Json

from ..asl import Map, Workflow
from ..errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, StateFailure
from ..payload import Payload
from ..query.scope import Scope, Variables
from ..time.fibers import Steps
from .control_flow import Flow
from .execution import Execution, Status
from .history import History, failure_details
from .inline_map import selected
from .item_reader import batches, read_items
from .join import Join, RunWorkflow
from .result_writer import write_results


class Tolerance:
    """The failures that a distributed Map bears: none, unless it says so."""

    def __init__(self, state: Map, scope: Scope) -> None:
        count, percentage = state.tolerated_failure_count, state.tolerated_failure_percentage
        self._percentage = None if percentage is None else percentage.evaluate(scope)
        self._count = None if percentage is not None else 0
        if count is not None:
            self._count = int(count.evaluate(scope))

    def exceeded(self, failed: int, total: int) -> bool:
        """Tell if there were too many by either measure."""
        if self._count is not None and failed > self._count:
            return True
        return self._percentage is not None and failed * 100 > self._percentage * total


class MapRun:
    """Runs the items of a distributed Map."""

    def __init__(
        self, run_workflow: RunWorkflow, flow: Flow, state: Map, scope: Scope, tolerance: Tolerance
    ) -> None:
        self._run_workflow = run_workflow
        self._flow = flow
        self._state = state
        self._scope = scope
        self._tolerance = tolerance
        self._failed = 0
        self._inputs: list[Json] = []
        self._executions: list[Execution] = []

    def run(self, items: list[Json], places: int) -> Steps[Json]:
        """Run the items, or those of ItemReader; the fiber's value is the outputs, or where they were put.

        Raises:
            StateFailure: more items failed than are tolerated, or reading or writing did.
            QueryError: ItemSelector, or a field of a reader or writer, cannot be evaluated.
        """
        flow = self._flow
        run_arn = self._run_arn()
        flow.record("MapRunStarted", {"mapRunArn": run_arn})
        try:
            result = yield from self._result(items, places, run_arn)
        except StateFailure as failure:
            flow.record("MapRunFailed", failure_details(failure.error, failure.cause))
            raise
        flow.record("MapRunSucceeded")
        return result

    def _result(self, items: list[Json], places: int, run_arn: str) -> Steps[Json]:
        flow, state, scope = self._flow, self._state, self._scope
        if state.item_reader:
            items = yield from read_items(flow, state.item_reader, scope)
        if state.item_batcher:
            chosen = [selected(flow, state, scope, at, item).value for at, item in enumerate(items)]
            items = batches(state.item_batcher, chosen, scope)
        self._inputs = items
        join = Join(flow, self._run_workflow, self._start, self._ended)
        outputs = yield from join.run(len(items), places)
        if state.result_writer:
            return (yield from write_results(flow, state.result_writer, scope, run_arn, self._executions))
        return outputs

    def _run_arn(self) -> str:
        identity, unique = self._flow.execution.identity, self._flow.execution.randomness.uuid
        label = self._state.label or unique()
        prefix = identity.machine_arn.replace(":stateMachine:", ":mapRun:", 1)
        return f"{prefix}/{label}:{unique()}"

    def _start(self, index: int, _previous: int) -> tuple[Flow, Workflow, Payload]:
        parent, host = self._flow.execution, self._flow.host
        item = self._inputs[index]
        name = parent.randomness.uuid()
        label = self._state.label or self._state.name
        arn = parent.identity.machine_arn.replace(":stateMachine:", ":execution:", 1) + f"/{label}:{name}"
        execution = Execution(
            parent.machine,
            parent.identity,
            name,
            Payload(item),
            history=History(host.clock.now, host.limits.history_events),
            started_at=host.clock.now(),
            arn=arn,
        )
        execution.awaited = parent.awaited  # the parent's limits are the children's, too
        self._executions.append(execution)
        # No child of the Map's flow: its history is another, in which nothing of this one is aborted.
        child = Flow(host, execution, Variables(), 0)
        child.map_item = {"Index": index, "Value": item}
        if self._state.item_batcher:  # the items were selected before they were put together
            return child, self._state.processor, Payload(item)
        return child, self._state.processor, selected(self._flow, self._state, self._scope, index, item)

    def _ended(self, _index: int, child: Flow, end: Payload | Exception) -> Json:
        now = self._flow.host.clock.now()
        if isinstance(end, Payload):
            child.execution.end(Status.SUCCEEDED, now, output=end)
            return end.value
        if not isinstance(end, StateFailure):
            raise end
        child.execution.end(Status.FAILED, now, error=end.error, cause=end.cause)
        self._failed += 1
        if self._tolerance.exceeded(self._failed, len(self._inputs)):
            cause = "The specified tolerated failure threshold was exceeded"
            raise StateFailure(EXCEED_TOLERATED_FAILURE_THRESHOLD, cause)
        return end.output
