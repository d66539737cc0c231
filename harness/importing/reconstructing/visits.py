"""Splits histories into visits of states, grouped by the workflow that contains the states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

from harness.histories import Event, RecordedExecution
from harness.json_types import Json, as_dict, json_or_text
from harness.replay.attempts import Attempt, attempts_of
from harness.replay.placing import FlowKey, Place, placed

Way: TypeAlias = tuple[tuple[str, str], ...]
"""The path to a workflow: `(("P", "Left"), ("M", ""))` is for Map M in the branch Left of P."""
_FAILURES: Final = frozenset({"ExecutionFailed", "MapRunFailed", "MapStateFailed", "ParallelStateFailed"})


@dataclass
class Visit:
    """One visit to a state.

    Attributes:
        events: its events, in order.
        then: the next state in its flow; "" for none.
        attempts: the attempts of its task.
        flows: by attempt of a Parallel or Map: visits of each branch, by its first state, or of each
            iteration, by its index.
        failure: error and cause of its final failure.
        flow_failed: error and cause with which its flow failed, if this was the last state in it.
    """

    kind: str
    name: str
    entered: Event
    execution: RecordedExecution
    events: list[Event] = field(default_factory=list)
    then: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    flows: dict[int, dict[str, list[Visit]]] = field(default_factory=dict)
    flow_failed: tuple[str, str] | None = None

    @property
    def exited(self) -> Event | None:
        """The event that records the exit from the state."""
        return next((each for each in reversed(self.events) if each.type.endswith("StateExited")), None)

    @property
    def input(self) -> Json:
        """The input."""
        return json_or_text(self.entered.text("input"))

    @property
    def output(self) -> Json:
        """The output; None if the state was not exited."""
        return json_or_text(self.exited.text("output")) if self.exited else None

    @property
    def assigned(self) -> dict[str, Json]:
        """The variables that it set."""
        given = as_dict(self.exited.details.get("assignedVariables")) if self.exited else {}
        return {name: json_or_text(str(each)) for name, each in given.items()}

    @property
    def failure(self) -> tuple[str, str] | None:
        """Error and cause of its last attempt, if it failed."""
        if self.kind == "Task":
            last = self.attempts[-1] if self.attempts else None
            if last is None or last.ended is None or last.succeeded:
                return None
            return last.ended.text("error"), last.ended.text("cause")
        failed = [each for each in self.events if each.type in _FAILURES]
        if not failed:
            return None
        if error := failed[-1].text("error"):
            return error, failed[-1].text("cause")
        return self.caught or self.flow_failed or ("", "")

    @property
    def caught(self) -> tuple[str, str] | None:
        """Error and cause in its output, if a Catch put them there."""
        output = self.output
        for each in (output, *output.values()) if isinstance(output, dict) else ():
            if isinstance(each, dict) and each and set(each) <= {"Cause", "Error"}:
                return str(each.get("Error", "")), str(each.get("Cause", ""))
        return None

    @property
    def succeeded(self) -> bool:
        """True if the state was exited, but not by a Catch."""
        return self.exited is not None and self.failure is None

    @property
    def result(self) -> Json:
        """The result of its task, its branches or its iterations, if it succeeded."""
        if self.kind == "Task":
            ended = self.attempts[-1].ended if self.attempts else None
            return json_or_text(ended.text("output")) if ended else None
        if not self.flows:
            return []
        ends = self.flows[max(self.flows)]
        keys = sorted(ends, key=int) if self.kind == "Map" else list(ends)
        return [ends[key][-1].output for key in keys]


def visits_of(executions: Iterable[RecordedExecution]) -> dict[Way, list[list[Visit]]]:
    """Return the flows in histories, by workflow. A flow is the sequence of its state visits."""
    found: dict[Way, list[list[Visit]]] = {}
    for each in executions:
        for way, flow in _Reading(each).flows():
            found.setdefault(way, []).append(flow)
    return found


class _Reading:
    """Reads one history."""

    def __init__(self, execution: RecordedExecution) -> None:
        self._execution = execution
        self._places = placed(execution.events)
        self._visits: dict[int, Visit] = {}
        self._flows: dict[FlowKey, list[Visit]] = {}
        self._kinds: dict[str, str] = {}
        self._counts: dict[tuple[FlowKey, str], int] = {}
        self._of_attempt: dict[tuple[FlowKey, str, str], Visit] = {}

    def flows(self) -> Iterator[tuple[Way, list[Visit]]]:
        for event in self._execution.events:
            self._note(event, self._places[event.id])
        for visits in attempts_of(self._execution, {}, self._places).values():
            for id, attempts in visits.by_visit.items():
                if id in self._visits:
                    self._visits[id].attempts = attempts
        for key, flow in self._flows.items():
            for one, other in pairwise(flow):
                one.then = other.name
            flow[-1].flow_failed = self._failure(key, flow[-1])
            self._join(key, flow)
            yield self._way(key), flow

    def _note(self, event: Event, place: Place) -> None:
        if event.type.endswith("StateEntered"):
            kind, name = event.type.removesuffix("StateEntered"), event.text("name")
            self._kinds[name] = kind
            visit = self._visits[event.id] = Visit(kind, name, event, self._execution)
            self._flows.setdefault(place.flow, []).append(visit)
            return
        visit_ = self._visits.get(place.visit)
        if visit_ is None or event.type.startswith("MapIteration"):
            return
        visit_.events.append(event)
        if event.type in ("MapStateStarted", "ParallelStateStarted"):
            key = (place.flow, place.state)
            self._counts[key] = self._counts.get(key, 0) + 1
            self._of_attempt[(*key, str(self._counts[key]))] = visit_
            visit_.flows[self._counts[key]] = {}

    def _join(self, key: FlowKey, flow: list[Visit]) -> None:
        """Return the state that contains a branch or an iteration."""
        if len(key) >= 3:
            around = self._of_attempt.get((key[:-3], key[-3], key[-2]))
            if around is not None:
                around.flows[int(key[-2])][key[-1]] = flow

    def _way(self, key: FlowKey) -> Way:
        steps = [key[number : number + 3] for number in range(0, len(key), 3)]
        return tuple((step[0], "" if self._kinds.get(step[0]) == "Map" else step[2]) for step in steps)

    def _failure(self, key: FlowKey, last: Visit) -> tuple[str, str] | None:
        """Return the error with which a flow that contains a state failed."""
        for event in self._execution.events[last.entered.id :]:
            around = self._places[event.id].flow
            if event.type not in _FAILURES or key[: len(around)] != around:
                continue
            if event.details.get("error") or event.type == "ExecutionFailed":
                return event.text("error"), event.text("cause")
            visit = self._visits.get(self._places[event.id].visit)
            if visit is not None and visit.caught:
                return visit.caught
        return None


def seconds_between(one: Event, other: Event) -> float:
    """Return the seconds from one event to another."""
    return max(0.0, other.time - one.time)


def inputs(visits: Sequence[Visit]) -> list[Json]:
    """Return the inputs of visits."""
    return [each.input for each in visits]
