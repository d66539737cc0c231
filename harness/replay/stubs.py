"""Stubs for all tasks in a replay: each attempt returns its recorded result.

The nth attempt during a visit to a state, in the same iterations, returns the recorded result or failure
after the recorded time. An attempt that exceeded a timeout never returns, so the definition's timeout ends
it. The same applies to an attempt that has no recorded end because it was aborted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from harness.json_types import json_or_text
from harness.replay.accepted import Changes
from harness.replay.attempts import Attempt, Visits, state_of
from harness.states import (
    ActivityTask,
    Completion,
    Simulation,
    TaskFailed,
    TaskRequest,
    TaskSubmitted,
    TaskSucceeded,
    Work,
)

_JUST: Final = 1e-6
"""The margin before a timeout, in seconds."""
_BEATS: Final = 0.9
"""The fraction of the maximum heartbeat interval after which a heartbeat is sent."""


class NotReplayable(Exception):
    """The replay requires a value that is not in any history. The message gives the value's name and the
    remedy.
    """


@dataclass
class Stubs:
    """The port for a replay.

    Attributes:
        maps: the names of the definition's Map states.
        never_done: the places of tasks that the definition runs but the recorded execution never ran.
        tokens: the created task tokens.
    """

    attempts: dict[str, Visits]
    changes: Changes
    maps: frozenset[str]
    execution_arn: str = ""
    never_done: dict[str, TaskRequest] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    _counts: dict[str, list[int]] = field(default_factory=dict)
    _simulation: Simulation | None = None

    def join(self, simulation: Simulation) -> None:
        """Also complete a simulation's activity tasks."""
        self._simulation = simulation
        simulation.activities.claim = self._claim

    @property
    def _world(self) -> Simulation:
        assert self._simulation is not None, "join() was called"
        return self._simulation

    def start(self, request: TaskRequest) -> Work:
        """Return the result of an attempt.

        Raises:
            NotReplayable: its result is not in any history.
        """
        if request.execution_arn != self.execution_arn:
            raise NotReplayable(
                f"the state {request.state_name!r} runs inside a Map Run, in a child execution whose history "
                "is not available; replay the items separately, each with its DescribeExecution"
            )
        if request.state_name in self.maps:
            raise NotReplayable(
                f"the state {request.state_name!r} reads its items from S3, or writes its results there, "
                "which is not in any history; a distributed Map can only be replayed without ItemReader and "
                "ResultWriter"
            )
        if request.task_token:
            self.tokens.append(request.task_token)
        place = f"{request.iterations}{request.state_name}"
        if request.state_name in self.changes.added:
            return Work.done(TaskSucceeded(self.changes.added[request.state_name]))
        attempt = self._next(place, first=request.attempt == 0)
        if attempt is None:
            self.never_done.setdefault(place, request)
            return _never()
        return self._answer(attempt, request)

    def _next(self, place: str, *, first: bool) -> Attempt | None:
        counts = self._counts.setdefault(place, [-1, 0])
        if first:
            counts[:] = [counts[0] + 1, 0]
        else:
            counts[1] += 1
        visits = self.attempts.get(place)
        return visits.attempt(counts[0], counts[1]) if visits else None

    def _answer(self, attempt: Attempt, request: TaskRequest) -> Work:
        if attempt.submitted is not None:
            return self._submitted(attempt, request)
        if attempt.ended is None or attempt.timed_out:
            return _never()
        after = _in_time(attempt, request.timeout_s)
        if attempt.succeeded:
            return Work.done(TaskSucceeded(json_or_text(attempt.ended.text("output"))), after)
        error, cause = _failure(attempt)
        return Work.done(TaskFailed(error or "", cause), after)

    def _submitted(self, attempt: Attempt, request: TaskRequest) -> Work:
        """Return the response to a call after which the task continues: `.sync`, or `.waitForTaskToken`."""
        assert attempt.submitted is not None
        answer, after = json_or_text(attempt.submitted.text("output")), attempt.seconds_to(attempt.submitted)
        if request.resource.endswith(".waitForTaskToken"):
            self._end_later(attempt, request, lambda: self._world.tokens.find(request.task_token or ""))
            return Work.done(TaskSucceeded(answer), after)
        completion = Completion()
        self._end_later(attempt, request, lambda: completion)
        return Work.done(TaskSubmitted(answer, completion), after)

    def _claim(self, task: ActivityTask) -> str | None:
        """Make a worker take an activity task and complete it, each at the recorded time."""
        self.tokens.append(task.token)
        state = state_of(task.place)
        world = self._world
        if state in self.changes.added:
            completion = world.tokens.find(task.token)
            world.scheduler.at(
                world.clock.now() + _JUST,
                lambda: completion.succeed(self.changes.added[state]) if completion else None,
            )
            return "worker"
        attempt = self._next(task.place, first=self._is_first(task.place))
        if attempt is None:
            request = TaskRequest(task.arn, None, task.execution_arn, state, 0)
            self.never_done.setdefault(task.place, request)
            return None
        started = attempt.started
        if started is None:
            return None
        worker = started.details.get("workerName")
        name = worker if isinstance(worker, str) else None
        world.scheduler.at(
            world.clock.now() + attempt.seconds_to(started),
            lambda: world.activities.take(task, name) if task in world.activities.offered(task.arn) else None,
        )
        self._end_later(attempt, None, lambda: world.tokens.find(task.token))
        return None

    def _is_first(self, place: str) -> bool:
        """Return whether the next attempt at an activity task is the first one in a visit to its state."""
        counts, visits = self._counts.get(place), self.attempts.get(place)
        if counts is None or visits is None:
            return True
        return visits.attempt(counts[0], counts[1] + 1) is None

    def _end_later(
        self, attempt: Attempt, request: TaskRequest | None, completion: Callable[[], Completion | None]
    ) -> None:
        """At the recorded time, end a task that continues after its call. Send heartbeats until then."""
        world = self._world
        begin = world.clock.now()
        scheduler, ended = world.scheduler, attempt.ended
        end = _in_time(attempt, request.timeout_s if request else None)

        def finish() -> None:
            found = completion()
            if found is None or found.over or ended is None:
                return
            if attempt.succeeded:
                found.succeed(json_or_text(ended.text("output")))
            else:
                found.fail(*_failure(attempt))

        beats = attempt.number("heartbeatInSeconds")
        if beats is not None:
            silent = _silence(attempt, beats)

            def beat() -> None:
                found = completion()
                if found is not None and not found.over and world.clock.now() < begin + silent:
                    found.heartbeat()
                    scheduler.at(world.clock.now() + beats * _BEATS, beat)

            scheduler.at(begin + beats * _BEATS, beat)
        if ended is not None and not attempt.timed_out:
            # After the response to the call, which may come at the same moment.
            scheduler.at(begin + max(end, attempt.seconds_to(attempt.submitted) + _JUST), finish)


def _never() -> Work:
    """Return work that never ends."""
    return Work.done(TaskFailed("", None), math.inf)


def _failure(attempt: Attempt) -> tuple[str | None, str | None]:
    details = attempt.ended.details if attempt.ended else {}
    error, cause = details.get("error"), details.get("cause")
    return (error if isinstance(error, str) else None), (cause if isinstance(cause, str) else None)


def _in_time(attempt: Attempt, limit: float | None) -> float:
    """Return the recorded seconds, limited to the recorded timeout unless the state now has a shorter one."""
    seconds, kept = attempt.seconds_to(attempt.ended), attempt.number("timeoutInSeconds")
    if kept is not None and (limit is None or limit >= kept):
        return min(seconds, kept - _JUST)
    return seconds


def _silence(attempt: Attempt, beats: float) -> float:
    """Return the seconds after which heartbeats stop, for a task that missing heartbeats ended."""
    limit = attempt.number("timeoutInSeconds")
    seconds = attempt.seconds_to(attempt.ended)
    if attempt.timed_out and (limit is None or seconds < limit - _JUST):
        return max(0.0, seconds - beats)
    return math.inf
