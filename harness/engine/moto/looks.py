"""Control requests from observers of a running engine. They neither take time nor change anything.

GET  /_harness/messages      ?seen=N&timeout=S: [{...SentMessage}, ...] sorted by time, without the first N;
                             waits for one
GET  /_harness/executions    [{...StartedExecution}, ...]: all executions, sorted by start
GET  /_harness/execution     ?execution=ARN: the combined output of DescribeExecution and GetExecutionHistory,
                             with the `definition` that it runs; null if it is not found
GET  /_harness/pulse         [text that changes after every event, seconds since 1970 on the clock]

An AWS request with LOOK_HEADER is not counted either, and does not change the IDs of other requests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from harness.engine.moto.ended import EndedInvocations
from harness.engine.moto.published import PUBLISHED
from harness.engine.moto.stepfunctions import StateMachines
from harness.engine.seen import StartedExecution
from harness.functions.host.control_server import Query, Routes, seconds_of
from harness.states import Execution

LOOKER: Final = "looker"
"""The caller that determines the IDs generated in such requests."""


class Looks:
    """Serves these requests. `calls` counts the AWS requests of other callers."""

    def __init__(
        self, machines: StateMachines, invocations: EndedInvocations, calls: Callable[[], int]
    ) -> None:
        self._machines = machines
        self._invocations = invocations
        self._calls = calls

    def routes(self) -> Routes:
        """Return the routes of the control server."""
        return {
            ("GET", "messages"): self._messages,
            ("GET", "executions"): lambda _query, _body: self._executions(),
            ("GET", "execution"): lambda query, _body: self._execution(query["execution"]),
            ("GET", "pulse"): lambda _query, _body: self._pulse(),
        }

    def _messages(self, query: Query, _: bytes) -> object:
        found = PUBLISHED.after(int(query["seen"]), seconds_of(query["timeout"]))
        return [asdict(each) for each in found]

    def _executions(self) -> object:
        with self._machines.scheduler.frozen():
            return [asdict(self._told(each)) for each in self._machines.simulation.executions]

    def _execution(self, arn: str) -> object:
        with self._machines.scheduler.frozen():
            found = next((each for each in self._machines.simulation.executions if each.arn == arn), None)
            if found is None:
                return None
            return self._machines.api.view_of(found) | {"definition": found.machine.text}

    def _told(self, execution: Execution) -> StartedExecution:
        lineage = list(self._machines.api.lineage(execution.arn))
        return StartedExecution(
            execution.arn,
            execution.identity.machine_arn,
            execution.name,
            execution.status.value,
            execution.started_at,
            execution.ended_at,
            execution.express,
            lineage[1] if len(lineage) > 1 else "",
            execution.arn in self._machines.simulation.items,
            len(execution.history.events),
        )

    def _pulse(self) -> object:
        with self._machines.scheduler.frozen():
            simulation = self._machines.simulation
            events = sum(len(each.history.events) for each in simulation.executions)
            ended = sum(each.ended_at is not None for each in simulation.executions)
            now = simulation.clock.now()
        counts = (self._calls(), len(simulation.executions), events, ended)
        return [".".join(map(str, (*counts, len(self._invocations), len(PUBLISHED)))), now]
