"""Stand-ins for the tasks of an execution, and the faults and durations of its functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.histories import RecordedExecution
from harness.importing.attempts import USUAL_S, Answers, Lane, in_runs
from harness.importing.failures import Failing, Failure, failures
from harness.importing.hiding import Hiding
from harness.importing.messages import PUBLISHES
from harness.importing.model import Entry, Published, Told, events_text, time_text
from harness.importing.outside import Outside
from harness.importing.service_errors import Refusals
from harness.json_types import Json, JsonObject
from harness.replay.attempts import Attempt, attempts_of, state_of

_AFTER: Final = ("if it had done its work: when: after",)
_DRAWN: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}|\d{4}-\d\d-\d\dT|[\w+/=-]{100}")
"""IDs, times and tokens: they differ in each run."""


@dataclass
class Tasks:
    """Derives the entries for the tasks of one execution.

    Attributes:
        functions: name of a state -> the project's function that it invokes, which actually runs.
        run: the name of the run; "" if there is only one.
        called: likewise for states whose calls the harness makes and whose answers are external.
    """

    execution: RecordedExecution
    hiding: Hiding
    told: Told
    functions: Mapping[str, str]
    run: str = ""
    called: Mapping[str, str] = field(default_factory=dict)

    def tell(self) -> None:
        """Add the entries of all tasks."""
        answers, states = Answers(self.execution, self.hiding, self.told), self._lanes()
        for event in self.execution.events:
            if event.type == "MapRunStarted":
                whose = f"the executions of the Map Run of event {event.id}"
                self.told.gap(f"what happened in {whose}: they have separate histories")
        outside = Outside(answers, self.told, self.run)
        for state, places in states.items():
            if places[0][1][0].scheduled.type == "ActivityScheduled":
                outside.tell([Lane(*each) for each in places])
                continue
            lanes = [Lane(*each) for each in places]
            if state in self.functions:
                self._played(state, self.functions[state], lanes, answers)
            elif state in self.called:
                self._played(state, self.called[state], lanes, answers)
                outside.tell(lanes)
            else:
                self.told.tasks += self._stand_ins(state, [answers.lane(*each) for each in places])

    def _lanes(self) -> dict[str, list[tuple[str, tuple[Attempt, ...]]]]:
        found: dict[str, list[tuple[str, tuple[Attempt, ...]]]] = {}
        for place, visits in attempts_of(self.execution, {}).items():
            attempts = tuple(each for visit in visits.in_order for each in visit)
            found.setdefault(state_of(place), []).append((place, attempts))
        return found

    def _played(self, state: str, callee: str, lanes: Sequence[Lane], answers: Answers) -> None:
        """Add the entries for a task that actually runs: its duration and its failures."""
        if ":" not in callee or callee.startswith("dynamodb:"):
            self.told.played.append(state)
        failing = Failing(callee, state in self.called, answers, Refusals(self.hiding))
        found = [(lane, failures(lane, failing.of)) for lane in lanes]
        alike = len({repr([each.sign for each in failed]) for _, failed in found}) == 1
        for lane, failed in found[:1] if alike else found:
            only: JsonObject = {} if alike else {"iterations": lane.iterations}
            for each in failed:
                self._tell_failure(state, callee, only, each, self._alike(lanes) if alike else ())
        self._durations(state, callee, lanes, answers)
        if callee == PUBLISHES:
            sent = [each for lane in lanes for each in lane.attempts if each.succeeded or each.submitted]
            self.told.published += [Published(state, each.parameters) for each in sent]

    def _tell_failure(
        self, state: str, callee: str, only: JsonObject, failure: Failure, notes: tuple[str, ...]
    ) -> None:
        comment = [events_text(*(each.ended or each.scheduled for each in failure.attempts)), *notes]
        comment += failure.comments
        if ":" not in callee and failure.kind != "task":
            which = events_text(*(each.scheduled for each in failure.attempts))
            sentence = (
                f"{which}: the work that {callee} had done before it failed; in the scenario, it does none"
            )
            comment.append(self.told.gap(sentence))
        if failure.kind == "stand-in":
            fields = {**self._of(state), **only, **failure.which, **failure.fields}
            self.told.tasks.append(Entry(fields, tuple(comment)))
            return
        target: JsonObject = {"function": callee} if failure.kind == "function" else {}
        target |= {key: value for key, value in failure.fields.items() if key == "task"}
        rest = {key: value for key, value in failure.fields.items() if key != "task"}
        fields = {**target, **self._of(state), **only, **failure.which, **rest}
        after = _AFTER if failure.kind == "function" else ()
        self.told.faults.append(Entry(fields, (*comment, *after)))

    def _durations(self, state: str, name: str, lanes: Sequence[Lane], answers: Answers) -> None:
        ended = [each for lane in lanes for each in lane.attempts if each.submitted or each.succeeded]
        if state in self.called:
            ended = [replace(each, ended=each.submitted) for each in ended]
        times = sorted({time_text(answers.seconds(each)) for each in ended})
        if not ended or all(abs(answers.seconds(each) - USUAL_S) < 0.0015 for each in ended):
            return
        kind = "task" if ":" in name else "function"
        middle = sorted(ended, key=answers.seconds)[len(ended) // 2]
        comment = [events_text(*(each.ended for each in ended))]
        if len(times) > 1:
            comment.append(
                f"from {time_text(min(map(answers.seconds, ended)))} to "
                f"{time_text(max(map(answers.seconds, ended)))}: the median"
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
                given[0].pop("times", None)  # later attempts receive the same answer
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
        """Return lanes with their selecting keys. Equal answers are merged; the most frequent is last."""
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
        return (f"{len(lanes)} similar iterations, such as {_iterations(lanes[0])}",)

    def _only(self, lane: Lane, others: Sequence[Lane]) -> tuple[JsonObject, tuple[str, ...]]:
        """Return the parameters that distinguish a lane from the others, and comments."""
        note = f"iteration {_iterations(lane)}"
        for way, value in _ways(lane.parameters):
            wanted = _nested(way, value)
            if not lane.all_like(wanted) or any(other.any_like(wanted) for other in others):
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
            is_one = lane.all_like(whole) and not any(other.any_like(whole) for other in others)
            if is_one and (self.hiding.keep_data or not self.hiding.reads.rendered):
                return {"params": shown}, (note,)
        return {"iterations": lane.iterations}, (note,)


def _iterations(lane: Lane) -> str:
    return "/".join(f"{name}[{index}]" for name, index in lane.iterations.items()) or "outside of a Map"


def _ways(value: Json) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Yield the paths to the scalars in objects, shortest first."""
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
