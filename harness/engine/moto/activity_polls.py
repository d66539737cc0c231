"""GetActivityTask, which lasts until there is a task, and at most a minute.

The minute passes on the clock of whoever asks. For somebody outside it never makes virtual time jump, and it
never holds it: the poll ends as soon as the clock has passed the minute on its way, or a real minute is over.
On a clock that is stepped nobody else is outside, so that it jumps over the minute, too.
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
    """The simulation, for calls that last on its clock; `StateMachines` is it.

    Attributes:
        virtual: whether time is virtual.
        stepped: whether it passes only while somebody waits for it.
    """

    @property
    def virtual(self) -> bool:
        """See above."""

    @property
    def stepped(self) -> bool:
        """See above."""

    @property
    def api(self) -> StepFunctions:
        """The API on it."""

    @property
    def simulation(self) -> Simulation:
        """The simulation itself."""

    def work_of(self, request_id: str) -> Work | None:
        """Give the task that an invocation belongs to; None for somebody outside."""

    def execution_of(self, request_id: str) -> str:
        """Give the ARN of the execution for which an invocation is made, "" where that is not known."""

    def lasting(
        self,
        caller: str,
        call: str,
        ends: Callable[[Callable[[], None]], None],
        *,
        again: bool = False,
        patience_s: float | None = None,
    ) -> None:
        """Let a call last until something has ended."""


@dataclass(eq=False, slots=True)
class _Poll:
    """A worker that waits; `answer` is {} until it gets a task."""

    caller: Caller
    given: Parameters
    answer: JsonObject
    end: Callable[[], None] = lambda: None


class ActivityPolls:
    """The workers that wait for tasks of one simulation; a task goes to the one that has waited longest."""

    def __init__(self, machines: OnClock) -> None:
        self._machines = machines
        self._api = machines.api
        self._waiting: dict[str, list[_Poll]] = {}
        machines.simulation.activities.on_offer = self._offered

    def take(self, caller: Caller, given: Parameters, request_id: str, call: str) -> JsonObject:
        """Wait for a task of an activity; {} when there is none within the minute.

        Args:
            request_id: the id of the invocation that asks, "" for somebody outside.
            call: the id of its call, "" when all of its process waits for it.

        Raises:
            ApiError: the request is refused.
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
