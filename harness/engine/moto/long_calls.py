"""The operations of Step Functions that last: they are answered when something has happened on the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.json_types import JsonObject
from harness.states import Work
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.parameters import Parameters

if TYPE_CHECKING:
    from harness.engine.moto.stepfunctions import StateMachines


class LongCalls:
    """The API as one call sees it.

    Args:
        request_id: the id of the invocation in which it is made, "" for none.
        call: the id of the call, "" when all of the invocation's process waits for it.
    """

    def __init__(self, machines: StateMachines, request_id: str, call: str) -> None:
        self._machines = machines
        self._request_id = request_id
        self._call = call

    def call(
        self, operation: str, caller: Caller, parameters: Parameters, *, during: Work | None = None
    ) -> JsonObject:
        """Do an operation, however long it lasts. Raises ApiError."""
        if operation == "GetActivityTask":
            return self._machines.polls.take(caller, parameters, self._request_id, self._call)
        return self._machines.api.call(operation, caller, parameters, during=during)
