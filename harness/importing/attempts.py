"""Stand-in answers, derived from the attempts in a history."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from harness.functions.shared.matching import matches
from harness.histories import Event, RecordedExecution
from harness.importing.hiding import Hiding
from harness.importing.model import Told, time_text
from harness.json_types import Json, JsonObject, json_or_text
from harness.replay.attempts import Attempt, iterations_of, state_of

USUAL_S: Final = 0.1
"""The default duration of a task."""
_TIGHT: Final = frozenset(
    [
        "ActivityTimedOut",
        "ExecutionAborted",
        "ExecutionTimedOut",
        "LambdaFunctionTimedOut",
        "MapStateFailed",
        "MapStateStarted",
        "ParallelStateFailed",
        "ParallelStateStarted",
        "TaskTimedOut",
    ]
)
"""Event types after which the relative end times of two tasks may matter."""
WAITS: Final = ".waitForTaskToken"
_PARSED: Final = ("errorMessage", "errorType")


@dataclass(frozen=True)
class Lane:
    """The attempts of a state in the same iterations, in order.

    Attributes:
        place: iterations and state, such as `Map[3]/Sign`.
        answers: the answers of a stand-in, one for each attempt.
        comments: a line for each attempt whose answer needs an explanation.
    """

    place: str
    attempts: tuple[Attempt, ...]
    answers: tuple[JsonObject, ...] = ()
    comments: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """The name of the state."""
        return state_of(self.place)

    @property
    def iterations(self) -> JsonObject:
        """The Map iterations that contain the state, in scenario format: names and indexes."""
        return dict(iterations_of(self.place))

    @property
    def resource(self) -> str:
        """The integration, such as `sns:publish`; "" for a function or an activity named by its ARN."""
        details = self.attempts[0].scheduled.details
        return f"{details.get('resourceType')}:{details.get('resource')}" if "resourceType" in details else ""

    @property
    def parameters(self) -> Json:
        """The parameters of its first attempt."""
        return self.attempts[0].parameters

    def all_like(self, wanted: Json) -> bool:
        """Return whether all of its attempts have these parameters; a later visit may have different
        ones.
        """
        return all(matches(wanted, each.parameters) for each in self.attempts)

    def any_like(self, wanted: Json) -> bool:
        """Return whether any of its attempts has these parameters."""
        return any(matches(wanted, each.parameters) for each in self.attempts)


@dataclass
class Answers:
    """Derives answers from attempts."""

    execution: RecordedExecution
    hiding: Hiding
    told: Told
    _exact: bool = field(init=False)

    def __post_init__(self) -> None:
        self._exact = any(event.type in _TIGHT for event in self.execution.events)

    def lane(self, place: str, attempts: tuple[Attempt, ...]) -> Lane:
        """Return a lane with its answers."""
        lane = Lane(place, attempts)
        made = [self.answer(each, lane) for each in attempts]
        return Lane(place, attempts, tuple(one for one, _ in made), tuple(filter(None, (c for _, c in made))))

    def answer(self, attempt: Attempt, lane: Lane) -> tuple[JsonObject, str]:
        """Return the stand-in's answer to an attempt, and a comment line, or ""."""
        ended = attempt.ended
        if ended is None:
            comment = f"event {attempt.scheduled.id}: the task had not ended when it was aborted"
            return {**self._endless(attempt, lane), "takes": self.longer(attempt)}, comment
        if attempt.timed_out:
            return {**self._endless(attempt, lane), "takes": self.longer(attempt)}, (
                f"event {ended.id}: {ended.type}, caused by the timeout of the state"
            )
        if attempt.succeeded:
            beats, comment = attempt.number("heartbeatInSeconds"), ""
            if beats is not None and attempt.seconds_to(ended) > beats:
                comment = self.told.gap(
                    f"event {ended.id}: heartbeats kept it alive, but stand-ins send none; add `answers`"
                )
            return {"result": self.result(attempt, lane), **self._takes(attempt)}, comment
        return self._failure(attempt, lane)

    def longer(self, attempt: Attempt) -> str:
        """Return a duration longer than the time until a timeout or an abort ends the attempt."""
        if attempt.ended is None:
            return time_text(attempt.seconds_to(self.execution.events[-1]) + 3600)
        return time_text(round(attempt.seconds_to(attempt.ended)) * 2 + 60)

    def _endless(self, attempt: Attempt, lane: Lane) -> JsonObject:
        """Return the answer of a task that never ends, without submission if the job was not submitted."""
        if attempt.submitted is not None or not lane.resource.endswith((".sync", ".sync:2", WAITS)):
            return {"result": None}
        if not lane.resource.endswith(WAITS):
            return {"error": "States.Timeout"}
        last = attempt.ended or self.execution.events[-1]
        if attempt.seconds_to(last) >= USUAL_S:
            self.told.gap(
                f"event {attempt.scheduled.id}: its call received no response, but a stand-in responds to it"
            )
        return {"result": None}

    def result(self, attempt: Attempt, lane: Lane) -> Json:
        """Return the result of a task, as its state receives it."""
        assert attempt.ended is not None
        value = json_or_text(attempt.ended.text("output"))
        if not self.hiding.keep_data and lane.resource and isinstance(value, dict):
            members = self.hiding.reads.members
            value = {key: each for key, each in value.items() if not key.startswith("Sdk") or key in members}
        return self.hiding.value(value, self.hiding.reads.results.get(lane.state, ""))

    def _failure(self, attempt: Attempt, lane: Lane) -> tuple[JsonObject, str]:
        assert attempt.ended is not None
        error = attempt.ended.text("error")
        comment = self._of_job(attempt, lane, error)
        if not error:
            comment = self.told.gap(f"event {attempt.ended.id}: its error has no name")
            error = "States.TaskFailed"
        made: JsonObject = {"error": self.hiding.error(error)}
        if cause := self.cause(attempt.ended):
            made["cause"] = cause
        return {**made, **self._takes(attempt)}, comment

    def _of_job(self, attempt: Attempt, lane: Lane, error: str) -> str:
        """Return a comment if a stand-in submits a job that was not submitted on AWS, or vice versa."""
        assert attempt.ended is not None
        if attempt.submitted is None and (lane.resource.endswith(WAITS) or self._fails(lane, error)):
            return self.told.gap(
                f"event {attempt.ended.id}: its call failed, but a stand-in fails after submission"
            )
        if attempt.submitted is None or lane.resource.endswith(WAITS) or self._fails(lane, error):
            return ""
        return self.told.gap(
            f"event {attempt.ended.id}: a stand-in for a submitted job can fail only with "
            "States.TaskFailed; in the scenario, its call fails"
        )

    @staticmethod
    def _fails(lane: Lane, error: str) -> bool:
        """Return whether a stand-in for a job with this error is submitted before it fails."""
        return lane.resource.endswith((".sync", ".sync:2")) and error == "States.TaskFailed"

    def cause(self, event: Event) -> str:
        """Return an error's cause: always with --keep-data, otherwise only if the definition reads it."""
        text, hiding = event.text("cause"), self.hiding
        if hiding.keep_data:
            return hiding.name(text)
        if "Cause" not in hiding.reads.members and "cause" not in hiding.reads.members:
            return ""
        value = json_or_text(text)
        if isinstance(value, dict):
            shown = {
                key: each for key, each in value.items() if key in _PARSED or key in hiding.reads.members
            }
            return json.dumps(hiding.value(shown, more=frozenset({"errorType"})))
        return str(hiding.value(text))

    def _takes(self, attempt: Attempt) -> JsonObject:
        seconds = self.seconds(attempt)
        return {} if abs(seconds - USUAL_S) < 0.0005 else {"takes": time_text(seconds)}

    def seconds(self, attempt: Attempt) -> float:
        """Return the duration of an attempt from its start, rounded if no other task depends on it."""
        start = attempt.started or attempt.scheduled
        ended = attempt.ended or start
        seconds = max(0.0, ended.time - start.time)
        if self._exact or any(attempt.number(f"{name}InSeconds") for name in ("timeout", "heartbeat")):
            return seconds
        return USUAL_S if 0.03 <= seconds < 0.2 else float(f"{seconds:.2g}")


def in_runs(answers: tuple[JsonObject, ...]) -> list[JsonObject]:
    """Return answers, with equal consecutive answers merged into one with `times`."""
    found: list[JsonObject] = []
    for each in answers:
        if found and {key: value for key, value in found[-1].items() if key != "times"} == each:
            times = found[-1].get("times", 1)
            assert isinstance(times, int)
            found[-1]["times"] = times + 1
        else:
            found.append(dict(each))
    return found
