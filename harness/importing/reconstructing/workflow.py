"""Combines workflows and their nested workflows into a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.histories import RecordedExecution
from harness.importing.reconstructing.choosing import lead_to_an_end
from harness.importing.reconstructing.kinds import in_order, is_distributed, state_of
from harness.importing.reconstructing.notes import Notes
from harness.importing.reconstructing.visits import Visit, Way, visits_of
from harness.json_types import Json, JsonObject

_UNSEEN = "NotSeen"


@dataclass(frozen=True)
class Reconstructed:
    """A definition derived from histories, and sentences about its guessed parts."""

    definition: JsonObject
    guessed: tuple[str, ...]


def reconstructed(executions: Sequence[RecordedExecution]) -> Reconstructed:
    """Return the definition of the executions' machine, as far as their histories show it."""
    notes = Notes()
    flows = visits_of(executions)
    if not flows:
        notes.add("", "the execution entered no state")
        made: JsonObject = {"StartAt": _UNSEEN, "States": {_UNSEEN: {"Type": "Pass", "End": True}}}
    else:
        made = _Making(flows, notes).workflow(())
    count = sum(len(each.events) for each in executions)
    timeouts = [each for each in executions if each.status == "TIMED_OUT"]
    head: JsonObject = {
        "Comment": f"Reconstructed from {count} events in a history; what these do not show is missing"
    }
    if timeouts:
        seconds = max(1, round(timeouts[0].events[-1].time - timeouts[0].started))
        notes.add("", f"TimeoutSeconds: the execution timed out after {seconds} s")
        head["TimeoutSeconds"] = seconds
    if general := notes.of_state.get(""):
        head["Comment"] = f"{head['Comment']}. Guessed: {'; '.join(general)}"
    return Reconstructed({**head, **made}, tuple(notes.sentences()))


@dataclass
class _Making:
    flows: Mapping[Way, Sequence[Sequence[Visit]]]
    notes: Notes

    def workflow(self, way: Way) -> JsonObject:
        """Return the workflow at the end of a path."""
        visits: dict[str, list[Visit]] = {}
        for flow in self.flows[way]:
            for each in flow:
                visits.setdefault(each.name, []).append(each)
        starts = list(dict.fromkeys(flow[0].name for flow in self.flows[way]))
        if len(starts) > 1:
            self.notes.add("", f"StartAt: executions began with {', '.join(starts)}")
        states: JsonObject = {name: self._state(way, name, each) for name, each in visits.items()}
        lead_to_an_end(states, self.notes)
        return {"StartAt": starts[0], "States": states}

    def _state(self, way: Way, name: str, visits: Sequence[Visit]) -> Json:
        state = state_of(visits, self.notes)
        if state["Type"] == "Parallel":
            state["Branches"] = self._branches(way, name, visits)
        elif state["Type"] == "Map":
            state["ItemProcessor"] = self._processor((*way, (name, "")), name, visits)
        return {"Type": state.pop("Type"), **self.notes.comment(name), **state}

    def _branches(self, way: Way, name: str, visits: Sequence[Visit]) -> list[Json]:
        starts = [each[-1][1] for each in self.flows if each[:-1] == way and each and each[-1][0] == name]
        if not starts:
            self.notes.add(name, "Branches: none of them started")
            return [self._unseen(name)]
        return [self.workflow((*way, (name, start))) for start in in_order(visits, starts, name, self.notes)]

    def _processor(self, way: Way, name: str, visits: Sequence[Visit]) -> Json:
        config: JsonObject = {}
        if is_distributed(visits):
            config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
        if way in self.flows:
            return {**config, **self.workflow(way)}
        about = "they have separate histories" if config else "no iteration started"
        self.notes.add(name, f"ItemProcessor: unknown: {about}")
        return {**config, **self._unseen(name)}

    def _unseen(self, name: str) -> JsonObject:
        """Return a placeholder for an unknown workflow."""
        unseen = f"{_UNSEEN}In{name}"[:80]
        return {"StartAt": unseen, "States": {unseen: {"Type": "Pass", "End": True}}}
