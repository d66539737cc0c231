"""Step Functions operations that take time. They respond once a certain event on the clock has occurred."""

from __future__ import annotations

from collections.abc import Callable

from harness.engine.moto.activity_polls import ActivityPolls, OnClock
from harness.json_types import JsonObject
from harness.states import Work
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.parameters import Parameters


class LongCalls:
    """The API, with support for operations that take time, for one call.

    Args:
        request_id: the ID of the invocation that makes the call, or "" if there is none.
        call: the ID of the call, or "" if the invocation's whole process waits for it.
    """

    def __init__(self, machines: OnClock, polls: ActivityPolls, request_id: str, call: str) -> None:
        self._machines = machines
        self._polls = polls
        self._request_id = request_id
        self._call = call

    def call(
        self, operation: str, caller: Caller, parameters: Parameters, *, during: Work | None = None
    ) -> JsonObject:
        """Run an operation, which can take time. Raises ApiError."""
        if operation == "GetActivityTask":
            return self._polls.take(caller, parameters, self._request_id, self._call)
        if operation == "StartSyncExecution":
            return self._start_sync(caller, parameters, during)
        api = self._machines.api
        if operation != "StartExecution":
            return api.call(operation, caller, parameters, during=during)
        with self._machines.simulation.scheduler.frozen(during):
            answer = api.call(operation, caller, parameters)
            self._note_starter(str(answer["executionArn"]))
        return answer

    def _note_starter(self, execution_arn: str) -> None:
        if by := self._machines.execution_of(self._request_id):
            self._machines.api.note_starter(execution_arn, by)

    def _start_sync(self, caller: Caller, parameters: Parameters, during: Work | None) -> JsonObject:
        """Start an Express execution, and respond when it ends."""
        api = self._machines.api
        with self._machines.simulation.scheduler.frozen(during):
            execution = api.start_sync(caller, parameters)
            self._note_starter(execution.arn)

        def ends(end: Callable[[], None]) -> None:
            execution.on_end(lambda _: end())

        self._machines.lasting(self._request_id, self._call, ends)
        return api.sync_answer(execution, parameters)
