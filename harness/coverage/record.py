"""Records the edges that observations reached, by machine, and merges records from several processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.coverage.edges import Edge, edges_of
from harness.coverage.flat import Shape, shape_of
from harness.coverage.model import Coverage, Machine, Witness
from harness.coverage.reached import reached
from harness.coverage.witness import witnesses
from harness.observe.model import Definition, Execution, Observation


class Recorder:
    """Records the edges reached so far."""

    def __init__(self) -> None:
        self._machines: dict[str, Machine] = {}
        self._functions: dict[str, str] = {}
        self._unknown: dict[str, None] = {}

    def add(self, seen: Observation, scenario: str = "") -> None:
        """Add the edges that a scenario reached. `scenario` is the path of its file."""
        self._functions.update(seen.functions)
        used: set[str] = set()
        for number, run in enumerate(seen.runs):
            for execution in run.executions:
                definition = seen.definitions.get(execution.arn)
                if definition is None:
                    self._unknown[execution.machine_name] = None
                    continue
                used.add(execution.arn)
                machine = self._machine(definition)
                shape = shape_of(definition.text, merged=machine.made)
                self._add(machine, shape, execution)
                items = seen.map_items.get(execution.arn, ())
                for item in items:
                    self._add(machine, shape, item, counts=False)
                self._tolerate(machine, shape, execution, items)
                faulty = any(seen.fired.values())
                for state, witness in witnesses(
                    machine, shape, execution, run, number, scenario, faulty=faulty
                ):
                    _keep(machine, state, witness)
        for arn, definition in seen.definitions.items():
            if arn not in used:
                self._machine(definition)

    def coverage(self) -> Coverage:
        """Return the coverage for all records: declared machines first, sorted by name."""
        machines = sorted(self._machines.values(), key=lambda m: (m.made, m.title, m.key))
        return Coverage(tuple(_apart(machines)), dict(self._functions), tuple(sorted(self._unknown)))

    def data(self) -> dict[str, Any]:
        """Return all records as JSON, to pass them to another process."""
        return {
            "functions": self._functions,
            "unknown": list(self._unknown),
            "machines": [_packed(machine) for machine in self._machines.values()],
        }

    def merge(self, data: Mapping[str, Any]) -> None:
        """Add the records from another process."""
        self._functions.update(data["functions"])
        self._unknown.update(dict.fromkeys(data["unknown"]))
        for packed in data["machines"]:
            template = Path(packed["template"]) if packed["template"] else None
            found = self._of(packed["text"], packed["title"], packed["logical_id"], template)
            found.executions += packed["executions"]
            found.hits.update(packed["hits"])
            for text in packed["more"]:
                self._extend(found, shape_of(text, merged=found.made), text)
            for state, fields in packed["witnesses"].items():
                path = tuple(tuple(map(str, step)) for step in fields["path"])
                _keep(found, state, Witness(**{**fields, "path": path}))

    def _machine(self, definition: Definition) -> Machine:
        origin = definition.origin
        logical_id = origin.logical_id if origin else definition.name
        title = origin.readable if origin else definition.name
        return self._of(definition.text, title, logical_id, origin.template if origin else None)

    def _of(self, text: str, title: str, logical_id: str, template: Path | None) -> Machine:
        shape = shape_of(text, merged=not logical_id)
        key = f"{template or ''}\t{logical_id}" if logical_id else shape.key
        found = self._machines.get(key)
        if found is None:
            found = Machine(key, title or shape.title, shape, template, logical_id)
            self._machines[key] = found
        self._extend(found, shape, text)
        return found

    def _extend(self, machine: Machine, shape: Shape, text: str) -> None:
        """Add the edges from another definition of the same machine."""
        if text in machine.texts:
            return
        before = len(machine.edges)
        for edge in edges_of(shape):
            machine.edges.setdefault(edge.id, edge)
        machine.texts[text] = len(machine.edges) > before

    def _add(self, machine: Machine, shape: Shape, execution: Execution, *, counts: bool = True) -> None:
        machine.executions += counts
        for edge, times in reached(execution, shape).items():
            if edge.id in machine.edges:
                machine.hits[edge.id] += times

    def _tolerate(
        self, machine: Machine, shape: Shape, execution: Execution, items: Iterable[Execution]
    ) -> None:
        """Count distributed Map states that succeeded although items failed.

        If a machine has several Map states, the harness cannot tell which of them the items belong to.
        """
        if not any(item.status == "FAILED" for item in items):
            return
        maps = [name for name, state in shape.states.items() if state.type == "Map"]
        ended = {each.text("name") for each in execution.events if each.type == "MapStateExited"}
        edge = Edge(maps[0], "map", "tolerated failures")
        if len(maps) == 1 and maps[0] in ended and edge.id in machine.edges:
            machine.hits[edge.id] += 1


def _keep(machine: Machine, state: str, witness: Witness) -> None:
    """Keep the witness with the lower effort."""
    known = machine.witnesses.get(state)
    if known is None or witness.cost < known.cost:
        machine.witnesses[state] = witness


def _packed(machine: Machine) -> dict[str, Any]:
    texts = [text for text, new in machine.texts.items() if new]
    return {
        "text": texts[0],
        "more": texts[1:],
        "title": machine.title,
        "logical_id": machine.logical_id,
        "template": str(machine.template or ""),
        "executions": machine.executions,
        "hits": dict(machine.hits),
        "witnesses": {state: asdict(witness) for state, witness in machine.witnesses.items()},
    }


def _apart(machines: list[Machine]) -> list[Machine]:
    """Return the machines, with unique titles."""
    taken: dict[str, int] = {}
    for machine in machines:
        number = taken[machine.title] = taken.get(machine.title, 0) + 1
        machine.shown = machine.title if number == 1 else f"{machine.title} ({number})"
    return machines


def covered(observations: Iterable[tuple[str, Observation]]) -> Coverage:
    """Return the coverage for observations, each with the path of its scenario.

    They must come from a session with `definitions=True`.
    """
    recorder = Recorder()
    for scenario, seen in observations:
        recorder.add(seen, scenario)
    return recorder.coverage()
