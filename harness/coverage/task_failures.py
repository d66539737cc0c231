"""Task failures that lead to a Retry or Catch edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.coverage.causes import Cause, causes, target_of
from harness.coverage.edges import Edge
from harness.coverage.failures import taker
from harness.coverage.flat import FlatState
from harness.coverage.hint import Hint
from harness.coverage.model import Coverage, Machine, Witness
from harness.json_types import Json, JsonObject, as_dict


@dataclass(frozen=True)
class At:
    """A task that was entered."""

    state: FlatState
    witness: Witness


class TaskFailures:
    """Finds faults that make a machine's tasks fail in such a way that an edge is reached."""

    def __init__(self, coverage: Coverage, machine: Machine) -> None:
        self.functions = coverage.functions
        self.machine = machine
        self.shape = machine.shape

    def state(self, name: str) -> tuple[FlatState, Witness]:
        """Return an entered state by its name in the shape, with its witness."""
        witness = self.machine.witnesses[name]
        return replace(self.shape.states[name], raw=witness.raw), witness

    def hint(self, witness: Witness, faults: list[Mapping[str, Json]], given: str = "") -> Hint:
        """Return a hint with faults or a different input, for the scenario in which a state was entered."""
        return Hint(witness.scenario, tuple(faults), witness.run, given)

    def failures(self, state: FlatState, edge: Edge) -> Iterator[tuple[At, Cause]]:
        """Yield the failures that lead to a Catch or Retry edge, each with the failing task."""
        wanted = self.wanted(state, edge)
        for at in self.tasks(state):
            for name in wanted:
                for cause in causes(at.state, self.functions, name):
                    if self.takes(state, at.state, edge, cause):
                        yield at, cause

    def wanted(self, state: FlatState, edge: Edge) -> list[str]:
        """Return the error names for a Retry or Catch edge."""
        if edge.kind == "catch":
            return [edge.error]
        retriers = entries(state, "Retry")
        equals = retriers[edge.number].get("ErrorEquals")
        return [str(each) for each in equals] if isinstance(equals, list) else []

    def takes(self, state: FlatState, task: FlatState, edge: Edge, cause: Cause) -> bool:
        """Return whether a task failure leads to the edge.

        The task is the state itself, or inside it.
        """
        inner = task
        while inner.name != state.name:
            if taken(inner, "Catch", cause) is not None:
                return False
            inner = self.shape.states[inner.inside]
        if edge.kind == "catch":
            found = taken(state, "Catch", cause)
            return found is not None and f"{found[0]} {found[1]}" == edge.detail
        found = taken(state, "Retry", cause)
        return found is not None and found[0] == edge.number

    def tasks(self, state: FlatState) -> Iterator[At]:
        """Yield the tasks whose failure makes a state fail: itself, or entered tasks inside it."""
        for name, each in self.shape.states.items():
            inside, outer = each.name == state.name, each
            while not inside and outer.inside:
                outer = self.shape.states[outer.inside]
                inside = outer.name == state.name
            if inside and each.type == "Task" and name in self.machine.witnesses:
                yield At(*self.state(name))

    def no_failure(self, state: FlatState, edge: Edge) -> str:
        """Return the reason why no fault leads to a Retry or Catch edge."""
        names = " or ".join(self.wanted(state, edge))
        earlier = "an earlier entry matches the errors that faults can cause" if edge.number else ""
        known = target_of(state, self.functions) is not None or state.type in ("Parallel", "Map")
        reason = (
            earlier or "no fault makes a task fail with it" if known else "a fault cannot refer to its task"
        )
        return f"{state.raw} cannot fail with {names} through a fault: {reason}"


def faults_of(cause: Cause, edge: Edge) -> list[Mapping[str, Json]]:
    """Return the `faults` entries for a failure.

    If a later attempt should succeed, only the first one fails.
    """
    fault = {**cause.keys, "nth": 1} if edge.kind == "retried" else cause.keys
    return [*cause.before, fault]


def taken(state: FlatState, key: str, cause: Cause) -> tuple[int, str] | None:
    """Return the entry in Retry or Catch (`key`) that matches a failure, and the matching error name."""
    return taker(entries(state, key), cause.error)


def entries(state: FlatState, key: str) -> list[JsonObject]:
    """Return a state's Retry or Catch entries."""
    given = state.fields.get(key)
    return [as_dict(each) for each in given] if isinstance(given, list) else []
