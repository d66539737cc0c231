"""The graph of a state machine. States that no scenario entered and changed states are marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.json_types import Json, JsonObject, as_dict
from harness.report.model import Result
from harness.states.parse.transitions import inner_workflows, states_of, targets_of


@dataclass(frozen=True)
class Node:
    """A state. `inside` are its inner workflows, each with its own start."""

    name: str
    type: str
    inside: tuple[Flow, ...] = ()


@dataclass(frozen=True)
class Flow:
    """A workflow: its states, and the edges `(from, to, label)` between them."""

    start: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Graph:
    """A state machine. `missed` are the states that no scenario entered, `changed` the states that differ."""

    machine: str
    flow: Flow
    missed: frozenset[str] = frozenset()
    changed: frozenset[str] = field(default_factory=frozenset)

    @property
    def size(self) -> int:
        """Return the number of states in the graph, including inner states."""
        return len(list(_all(self.flow)))


def graphs(
    definitions: Mapping[str, Json], base: Mapping[str, Json] | None, results: Iterable[Result]
) -> tuple[Graph, ...]:
    """Return the graphs of state machines by name.

    An execution belongs to the machine that has all states that the execution entered. If there are no
    results, no state is missed. If there is no base, no state is changed.
    """
    entered = [
        set(e.path) for r in results if r.observation for run in r.observation.runs for e in run.executions
    ]
    found = []
    for name, definition in definitions.items():
        if not states_of(definition):
            continue
        states = dict(_states(definition))
        seen = set().union(*(path for path in entered if path and path <= states.keys()))
        missed = frozenset(states.keys() - seen) if entered else frozenset()
        before = dict(_states(base[name])) if base is not None and name in base else None
        changed = frozenset(n for n, s in states.items() if before is not None and before.get(n) != s)
        found.append(Graph(name, _flow(as_dict(definition)), missed, changed))
    return tuple(found)


def _states(workflow: Json) -> Iterator[tuple[str, JsonObject]]:
    """Yield the states of a workflow, and the states of its inner workflows."""
    for name, state in states_of(workflow).items():
        inner = [each for each, _ in inner_workflows(state, "")]
        own = {
            key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor", "Iterator")
        }
        yield name, own
        for each in inner:
            yield from _states(each)


def _flow(workflow: JsonObject) -> Flow:
    nodes, edges = [], []
    for name, state in states_of(workflow).items():
        inside = tuple(_flow(each) for each, _ in inner_workflows(state, ""))
        nodes.append(Node(name, str(state.get("Type", "")), inside))
        edges += [(name, target, _label(state, place)) for target, place in targets_of(state, "")]
    return Flow(str(workflow.get("StartAt", "")), tuple(nodes), tuple(edges))


def _label(state: JsonObject, place: str) -> str:
    """Return the errors of a Catch, `default`, or the number of a Choice rule."""
    if place == "/Default":
        return "default"
    field_, _, rest = place.strip("/").partition("[")
    if not rest:
        return ""
    index = int(rest.partition("]")[0])
    if field_ == "Choices":
        return f"rule {index + 1}"
    entries = state.get(field_)
    entry = as_dict(entries[index]) if isinstance(entries, list) else {}
    errors = entry.get("ErrorEquals")
    return ", ".join(map(str, errors)) if isinstance(errors, list) else ""


def _all(flow: Flow) -> Iterator[Node]:
    for node in flow.nodes:
        yield node
        for inner in node.inside:
            yield from _all(inner)
