"""External answers to activities, and to tasks with tokens whose call the harness makes."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.histories import Event
from harness.importing.attempts import Answers, Lane
from harness.importing.model import Entry, Told, events_text, time_text
from harness.json_types import Json, JsonObject
from harness.replay.attempts import Attempt

_OFTEN: Final = 0.9
"""The fraction of HeartbeatSeconds after which heartbeats are sent, because no history shows them."""
_NOT_OFFERED: Final = "ActivityScheduleFailed"
_CODE: Final = "answered externally; if the project's code answers it, remove this entry"


@dataclass
class Outside:
    """Derives the answers to the tasks of one execution.

    Attributes:
        run: the name of the run; "" if there is only one.
    """

    answers: Answers
    told: Told
    run: str = ""

    def tell(self, lanes: Sequence[Lane]) -> None:
        """Add the answers to the tasks of one state."""
        given = [
            [(each, self._given(each, lane)) for each in lane.attempts if waited(each)] for lane in lanes
        ]
        together = [each for of_lane in given for each in of_lane]
        if together and _alike([fields for _, fields in together]):
            self._add(lanes[0], {}, [each for each, _ in together], together[0][1])
            return
        for lane, of_lane in zip(lanes, given, strict=True):
            only: JsonObject = {"iterations": lane.iterations} if len(lanes) > 1 else {}
            if of_lane and _alike([fields for _, fields in of_lane]):
                self._add(lane, only, [each for each, _ in of_lane], of_lane[0][1])
                continue
            for number, (attempt, fields) in enumerate(of_lane, 1):
                which: JsonObject = {"nth": number} if len(of_lane) > 1 else {}
                self._add(lane, {**only, **which}, [attempt], fields)

    def _add(self, lane: Lane, only: JsonObject, attempts: Sequence[Attempt], fields: JsonObject) -> None:
        if not fields:
            return
        events = (event for each in attempts for event in (each.scheduled, _begun(each), each.ended))
        comment = [events_text(*events)]
        if "worker" not in fields:
            comment.append(_CODE)
        for each in attempts:
            if each.started and each.submitted is None and each.seconds_to(each.started) >= 1:
                waited_s = time_text(each.seconds_to(each.started))
                sentence = (
                    f"event {each.started.id}: a worker took it after {waited_s}; in the scenario, a worker "
                    "takes it at once"
                )
                comment.append(self.told.gap(sentence))
        if '.$": ' in json.dumps(fields):
            sentence = f"{events_text(attempts[0].ended)}: its output has a member whose name ends with .$"
            comment.append(self.told.gap(sentence))
        entries = self.told.answers_of.setdefault(self.run, [])
        entries.append(Entry({"state": lane.state, **only, **fields}, tuple(comment)))

    def _given(self, attempt: Attempt, lane: Lane) -> JsonObject:
        """Return the answer to an attempt; `{}` if it received none."""
        begun, ended = _begun(attempt), attempt.ended
        if begun is None:
            return {}
        worker = self._worker(attempt)
        if ended is None or attempt.timed_out:
            return self._silence(attempt, begun, worker)
        fields: JsonObject = {"worker": worker} if worker and begun.text("workerName") else {}
        seconds, limit = max(0.0, ended.time - begun.time), attempt.number("heartbeatInSeconds")
        if limit is not None and seconds > limit * _OFTEN:
            fields["heartbeats"] = time_text(limit * _OFTEN)
        if seconds > 0:
            fields["after"] = time_text(seconds)
        if attempt.succeeded:
            return {**fields, "output": self.answers.result(attempt, lane)}
        hiding = self.answers.hiding
        fields["error"] = hiding.error(ended.text("error") or "States.TaskFailed")
        if not ended.text("error"):
            self.told.gap(f"event {ended.id}: its error has no name")
        cause = self.answers.cause(ended)
        return {**fields, "cause": cause} if cause else fields

    def _worker(self, attempt: Attempt) -> str:
        """Return the name of the worker that took a task; "" if no worker takes it."""
        if attempt.submitted is not None or attempt.started is None:
            return ""
        name = attempt.started.text("workerName")
        return name if self.answers.hiding.keep_names else "worker" if name else "scenario"

    def _silence(self, attempt: Attempt, begun: Event, worker: str) -> JsonObject:
        """Return the heartbeats that a task without an answer must have had."""
        fields: JsonObject = {"worker": worker} if worker else {}
        ended = attempt.ended or self.answers.execution.events[-1]
        seconds = max(0.0, ended.time - begun.time)
        limit, most = attempt.number("heartbeatInSeconds"), attempt.number("timeoutInSeconds")
        if limit is None or seconds <= limit + 0.01:
            if worker and attempt.ended is None and limit is None and most is None:
                return {**fields, **self._one_beat(attempt, begun, seconds)}
            return fields
        since = begun if worker else attempt.scheduled
        if attempt.ended is None or (most is not None and ended.time - since.time > most - 0.01):
            return {**fields, "heartbeats": time_text(limit * _OFTEN)}
        last = seconds - limit
        times = max(1, math.ceil(last / (limit * _OFTEN)))
        beats: Json = {"every": time_text(last / times), "times": times}
        return {**fields, "heartbeats": beats}

    def _one_beat(self, attempt: Attempt, begun: Event, seconds: float) -> JsonObject:
        """Return one heartbeat, because a task that can never end is not allowed in a scenario."""
        if seconds < 0.002:
            self.told.gap(f"event {begun.id}: the task of event {attempt.scheduled.id} was aborted at once")
            return {}
        return {"heartbeats": {"every": time_text(seconds / 2), "times": 1}}


def waited(attempt: Attempt) -> bool:
    """Return whether an attempt reached the point at which it can be answered externally."""
    if attempt.scheduled.type == "ActivityScheduled":
        return attempt.ended is None or attempt.ended.type != _NOT_OFFERED
    return attempt.submitted is not None


def _begun(attempt: Attempt) -> Event | None:
    """Return the event from which an answer's time is measured; None if the attempt never waited."""
    return attempt.started if attempt.scheduled.type == "ActivityScheduled" else attempt.submitted


def _alike(given: Sequence[JsonObject]) -> bool:
    return bool(given[0]) and all(each == given[0] for each in given)
