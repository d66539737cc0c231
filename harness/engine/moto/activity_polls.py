"""GetActivityTask, which waits for a task for up to a minute.

The minute passes on the caller's clock. A call from outside the executions neither makes virtual time jump
nor stops it. Such a poll ends when a minute has passed, either on the clock or in real time. A stepped clock
also jumps over this minute, because no other external caller exists.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.json_types import JsonObject
from harness.quotas import STATES_ACTIVITY_POLL_S
from harness.states import Simulation, Work
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.parameters import Parameters


class OnClock(Protocol):
    """The simulation as seen by calls that take time on its clock. `StateMachines` implements it.

    Attributes:
        virtual: True if time is virtual.
        stepped: True if time passes only while a caller waits for it.
    """

    @property
    def virtual(self) -> bool:
        """See `OnClock`."""

    @property
    def stepped(self) -> bool:
        """See `OnClock`."""

    @property
    def api(self) -> StepFunctions:
        """The simulation's Step Functions API."""

    @property
    def simulation(self) -> Simulation:
        """The simulation itself."""

    def work_of(self, request_id: str) -> Work | None:
        """Return the task that an invocation belongs to, or None for a caller outside the executions."""

    def execution_of(self, request_id: str) -> str:
        """Return the ARN of the execution that an invocation belongs to, or "" if unknown."""

    def lasting(
        self,
        caller: str,
        call: str,
        ends: Callable[[Callable[[], None]], None],
        *,
        again: bool = False,
        patience_s: float | None = None,
    ) -> None:
        """Make a call wait on the clock until an operation has finished."""


@dataclass(eq=False, slots=True)
class _Poll:
    """A waiting worker. `answer` is {} until it gets a task."""

    caller: Caller
    given: Parameters
    answer: JsonObject
    end: Callable[[], None] = lambda: None


class ActivityPolls:
    """The workers that wait for tasks in one simulation.

    Each task is assigned to the worker that has waited longest.
    """

    def __init__(self, machines: OnClock) -> None:
        self._machines = machines
        self._api = machines.api
        self._waiting: dict[str, list[_Poll]] = {}
        machines.simulation.activities.on_offer = self._offered

    def take(self, caller: Caller, given: Parameters, request_id: str, call: str) -> JsonObject:
        """Wait for an activity task. Return {} if there is none within a minute.

        Args:
            request_id: the ID of the calling invocation, or "" if the caller is outside the executions.
            call: the ID of the call, or "" if the whole calling process waits for it.

        Raises:
            ApiError: the request is rejected.
        """
        work = self._machines.work_of(request_id)
        answer = self._api.call("GetActivityTask", caller, given, during=work)
        if answer:
            return answer
        scheduler, poll = self._machines.simulation.scheduler, _Poll(caller, given, {})
        deadline = time.time() + STATES_ACTIVITY_POLL_S
        jumps = work is not None or not self._machines.virtual or self._machines.stepped
        waiting = self._waiting.setdefault(given["activityArn"], [])

        def begin(end: Callable[[], None]) -> None:
            poll.answer = self._api.activities.take(caller, given)
            if poll.answer:
                end()
                return
            poll.end = end
            waiting.append(poll)
            (scheduler.at if jumps else scheduler.in_passing)(deadline, lambda: self._give_up(poll))

        self._machines.lasting(request_id, call, begin, patience_s=None if jumps else STATES_ACTIVITY_POLL_S)
        with scheduler.frozen():
            if poll in waiting:
                waiting.remove(poll)
        return poll.answer

    def _give_up(self, poll: _Poll) -> None:
        waiting = self._waiting[poll.given["activityArn"]]
        if poll in waiting:
            waiting.remove(poll)
            poll.end()

    def _offered(self, arn: str) -> None:
        waiting = self._waiting.get(arn)
        if waiting:
            poll = waiting.pop(0)
            poll.answer = self._api.activities.take(poll.caller, poll.given)
            poll.end()
