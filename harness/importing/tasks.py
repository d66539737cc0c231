"""Stand-ins for the tasks of an execution, and what its functions play themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.functions.shared.matching import matches
from harness.histories import RecordedExecution
from harness.importing.attempts import Answers, Lane, in_runs
from harness.importing.hiding import Hiding
from harness.importing.model import Entry, Told, events_text, time_text
from harness.json_types import Json, JsonObject, json_or_text
from harness.replay.attempts import Attempt, attempts_of

_EXCEPTION: Final = re.compile(r"[A-Za-z_]\w*")
_AFTER: Final = ("if it had done its work: when: after",)
_DRAWN: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}|\d{4}-\d\d-\d\dT|[\w+/=-]{100}")
"""Ids, moments and tokens: they are others in each run."""


@dataclass
class Tasks:
    """Tells the tasks of one execution.

    Attributes:
        functions: name of a state -> the function of the project that it invokes; those play themselves.
        run: the name of the run, "" where there is one only.
    """

    execution: RecordedExecution
    hiding: Hiding
    told: Told
    functions: Mapping[str, str]
    run: str = ""

    def tell(self) -> None:
        """Add the entries of all tasks."""
        answers, states = Answers(self.execution, self.hiding, self.told), self._lanes()
        for event in self.execution.events:
            if event.type == "MapRunStarted":
                whose = f"the executions of the Map Run of event {event.id}"
                self.told.gap(f"what happened in {whose}: they have histories of their own")
        for state, places in states.items():
            if places[0][1][0].scheduled.type == "ActivityScheduled":
                self._activities(places, answers)
            elif state in self.functions:
                self._played(state, [answers.lane(*each) for each in places], answers)
            else:
                self.told.tasks += self._stand_ins(state, [answers.lane(*each) for each in places])

    def _lanes(self) -> dict[str, list[tuple[str, tuple[Attempt, ...]]]]:
        found: dict[str, list[tuple[str, tuple[Attempt, ...]]]] = {}
        for place, visits in attempts_of(self.execution, {}).items():
            attempts = tuple(each for visit in visits.in_order for each in visit)
            found.setdefault(place.rpartition("/")[2], []).append((place, attempts))
        return found

    def _played(self, state: str, lanes: Sequence[Lane], answers: Answers) -> None:
        """Tell of a task that plays itself: its time, and its failures."""
        is_function = ":" not in self.functions[state]
        if is_function or self.functions[state].startswith("dynamodb:"):
            self.told.played.append(state)
        for lane, only in self._chosen(lanes):
            for which, failed, answer in _failures(lane):
                comment = [events_text(*(each.ended or each.scheduled for each in failed)), *only[1]]
                if is_function:
                    sentence = (
                        f"event {failed[0].scheduled.id}: the work that {self.functions[state]} had done "
                        "before it failed; here it does none"
                    )
                    comment.append(self.told.gap(sentence))
                if is_function and not only[0] and (fault := _fault(failed[0], self.hiding)):
                    fields = {"function": self.functions[state], **self._of(state), **which, **fault}
                    self.told.faults.append(Entry(fields, (*comment, *_AFTER)))
                else:
                    fields = {**self._of(state), **only[0], **which, **answer}
                    self.told.tasks.append(Entry(fields, tuple(comment)))
        self._durations(state, lanes, answers)

    def _durations(self, state: str, lanes: Sequence[Lane], answers: Answers) -> None:
        ended = [each for lane in lanes for each in lane.attempts if each.succeeded]
        times = sorted({time_text(answers.seconds(each)) for each in ended})
        if not ended or times == [time_text(0.1)]:
            return
        name = self.functions[state]
        kind = "task" if ":" in name else "function"
        middle = sorted(ended, key=answers.seconds)[len(ended) // 2]
        comment = [events_text(*(each.ended for each in ended))]
        if len(times) > 1:
            comment.append(
                f"from {time_text(min(map(answers.seconds, ended)))} to "
                f"{time_text(max(map(answers.seconds, ended)))}: the one in the middle"
            )
        if all(entry.fields.get(kind) != name for entry in self.told.durations):
            fields: JsonObject = {kind: name, **self._of_run()}
            self.told.durations.append(
                Entry({**fields, "takes": time_text(answers.seconds(middle))}, tuple(comment))
            )

    def _stand_ins(self, state: str, lanes: Sequence[Lane]) -> Iterator[Entry]:
        for lane, (only, notes) in self._chosen(lanes):
            given = in_runs(lane.answers)
            if len(lane.attempts) > 1 and len(given) == 1:
                given[0].pop("times", None)  # what comes after it is answered likewise
            more: JsonObject = {"validation": "NONE"} if lane.resource else {}
            answer: JsonObject = given[0] if len(given) == 1 else {"results": [*given]}
            events = events_text(*(each.ended or each.scheduled for each in lane.attempts))
            comment = (f"{events}{f', {lane.resource}' if lane.resource else ''}", *notes, *lane.comments)
            yield Entry({**self._of(state), **only, **answer, **more}, tuple(dict.fromkeys(comment)))

    def _of(self, state: str) -> JsonObject:
        return {"state": state, **self._of_run()}

    def _of_run(self) -> JsonObject:
        return {"run": self.run} if self.run else {}

    def _chosen(self, lanes: Sequence[Lane]) -> list[tuple[Lane, tuple[JsonObject, tuple[str, ...]]]]:
        """Lanes with what chooses them: those answered alike are one, the most frequent last."""
        groups: dict[str, list[Lane]] = {}
        for lane in lanes:
            groups.setdefault(json.dumps(lane.answers, sort_keys=True), []).append(lane)
        if len(groups) == 1:
            return [(lanes[0], ({}, self._alike(lanes)))]
        usual = max(groups.values(), key=len)
        found = []
        for group in groups.values():
            if group is usual:
                continue
            others = [lane for lane in lanes if all(lane is not each for each in group)]
            for lane in group:
                found.append((lane, self._only(lane, others)))
        return [*found, (usual[0], ({}, self._alike(usual)))]

    def _alike(self, lanes: Sequence[Lane]) -> tuple[str, ...]:
        if len(lanes) == 1:
            return ()
        return (f"{len(lanes)} iterations alike, such as {_iterations(lanes[0])}",)

    def _only(self, lane: Lane, others: Sequence[Lane]) -> tuple[JsonObject, tuple[str, ...]]:
        """The parameters by which a lane is told from others, and comments."""
        note = f"iteration {_iterations(lane)}"
        for way, value in _ways(lane.parameters):
            wanted = _nested(way, value)
            if any(matches(wanted, other.parameters) for other in others):
                continue
            if way[-1] in self.hiding.reads.rendered and not self.hiding.keep_data:
                continue
            more = frozenset(self.hiding.reads.computed)
            shown = self.hiding.value(value, way[-1], more=more)
            if not self.hiding.keep_names and way[-1] in more and shown != value:
                continue
            return {"params": _nested(way, shown)}, (note,)
        whole = lane.parameters
        if isinstance(whole, dict) and not _DRAWN.search(json.dumps(whole)):
            shown = self.hiding.value(whole, more=frozenset(self.hiding.reads.computed))
            is_one = not any(matches(whole, other.parameters) for other in others)
            if is_one and (self.hiding.keep_data or not self.hiding.reads.rendered):
                return {"params": shown}, (note,)
        gap = self.told.gap(
            f"event {lane.attempts[0].scheduled.id}: no parameter tells iteration {_iterations(lane)} of "
            f"{lane.state} from the others; the first that comes is answered so"
        )
        return {}, (note, gap)

    def _activities(self, places: Sequence[tuple[str, tuple[Attempt, ...]]], answers: Answers) -> None:
        state = places[0][0].rpartition("/")[2]
        attempts = sorted((each for _, all_ in places for each in all_), key=lambda each: each.scheduled.id)
        for number, attempt in enumerate(attempts, 1):
            if attempt.started is None:
                continue
            fields: JsonObject = {"state": state}
            if len(attempts) > 1:
                fields["nth"] = number
            comment = [events_text(attempt.scheduled, attempt.started, attempt.ended)]
            waited = attempt.started.time - attempt.scheduled.time
            if waited >= 1:
                sentence = f"a worker took it after {time_text(waited)}; here one does at once"
                comment.append(self.told.gap(f"event {attempt.started.id}: {sentence}"))
            fields |= self._end(attempt, answers, Lane(places[0][0], (attempt,)))
            self.told.answers.append(Entry(fields, tuple(comment)))

    def _end(self, attempt: Attempt, answers: Answers, lane: Lane) -> JsonObject:
        assert attempt.started is not None
        name = attempt.started.text("workerName")
        worker = name if self.hiding.keep_names else "worker" if name else ""
        if attempt.ended is None or attempt.timed_out:
            return {"worker": worker or "scenario"}
        fields: JsonObject = {"worker": worker} if worker else {}
        seconds, beats = attempt.ended.time - attempt.started.time, attempt.number("heartbeatInSeconds")
        if beats is not None and seconds > beats * 0.9:
            fields["heartbeats"] = time_text(beats * 0.9)
        if seconds > 0:
            fields["after"] = time_text(seconds)
        if attempt.succeeded:
            return {**fields, "output": answers.result(attempt, lane)}
        fields["error"] = self.hiding.error(attempt.ended.text("error") or "States.TaskFailed")
        cause = answers.cause(attempt.ended)
        return {**fields, "cause": cause} if cause else fields


def _fault(attempt: Attempt, hiding: Hiding) -> JsonObject:
    """The failure that a function had, as a fault of the function; `{}` for one that is none of its own."""
    if attempt.ended is None:  # it was stopped before
        return {}
    error, cause = attempt.ended.text("error"), json_or_text(attempt.ended.text("cause"))
    if error == "Sandbox.Timedout":
        return {"ends": "timeout"}
    if isinstance(cause, dict) and cause.get("errorType") == error and _EXCEPTION.fullmatch(error):
        message = cause.get("errorMessage")
        return {"raises": error, **({"message": message} if message and hiding.keep_data else {})}
    return {}


def _failures(lane: Lane) -> Iterator[tuple[JsonObject, list[Attempt], JsonObject]]:
    """The attempts that failed with the keys that choose them; the first ones together, if they are alike."""
    failed = [
        (number, attempt, answer)
        for number, (attempt, answer) in enumerate(zip(lane.attempts, lane.answers, strict=True), 1)
        if not attempt.succeeded
    ]
    alike = 0
    while alike < len(failed) and failed[alike][0] == alike + 1 and failed[alike][2] == failed[0][2]:
        alike += 1
    if alike > 1 or len(lane.attempts) == alike:
        which: JsonObject = {} if alike == len(lane.attempts) else {"first": alike}
        yield which, [attempt for _, attempt, _ in failed[:alike]], failed[0][2]
        failed = failed[alike:]
    for number, attempt, answer in failed:
        yield {"nth": number}, [attempt], answer


def _iterations(lane: Lane) -> str:
    return lane.place.rpartition("/")[0] or "outside of a Map"


def _ways(value: Json) -> Iterator[tuple[tuple[str, ...], Json]]:
    """The ways to the scalars in objects, the shortest first."""
    found: list[tuple[tuple[str, ...], Json]] = []

    def walk(inner: Json, way: tuple[str, ...]) -> None:
        if isinstance(inner, dict):
            for name, each in inner.items():
                walk(each, (*way, name))
        elif way and not isinstance(inner, list) and not _DRAWN.search(str(inner)):
            found.append((way, inner))

    walk(value, ())
    yield from sorted(found, key=lambda each: len(each[0]))


def _nested(way: Sequence[str], value: Json) -> JsonObject:
    made: Json = value
    for name in reversed(way):
        made = {name: made}
    assert isinstance(made, dict)
    return made
