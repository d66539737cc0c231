"""The paths to states that were never entered, from the nearest entered states."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace

from harness.coverage.answers import MOST_WAYS, Answers
from harness.coverage.causes import Cause, causes
from harness.coverage.edges import TRANSITIONS, Edge
from harness.coverage.flat import ANY, FlatState
from harness.coverage.hint import Hint, No
from harness.coverage.rehearsal import rehearsed
from harness.coverage.task_failures import At, faults_of
from harness.json_types import Json

_FAILURES = ("catch", "retried", "used-up")


class Ways(Answers):
    """Finds hints that involve several states."""

    @abstractmethod
    def here(self, edge: Edge) -> Hint:
        """Return the hint for an edge of an entered state, or of the machine."""

    def on_the_way(self, edge: Edge) -> Hint:
        """Return the hint for an edge of a state that was never entered."""
        for number, way in enumerate(self._ways(edge.state)):
            if (found := self._along([*way, edge])) is not None:
                return found
            if number >= MOST_WAYS:
                break
        blocked = next(iter(self._ways(edge.state)), None)
        if blocked is None:
            raise No(f"no path from an entered state leads to {edge.state}")
        first = self.here(blocked[0])  # the reason, or the closest hint
        if first.why:
            raise No(first.why)
        raise No(f"no failure caused by a fault leads from {blocked[0].state} to {edge.state}")

    def failing(self, edge: Edge, start: str) -> Hint | None:
        """Return a hint for making the state `start` fail so that the edge is reached."""
        for catch in self.machine.edges.values():
            is_it = catch.state == start and catch.kind == "catch"
            if is_it and (found := self._along([catch, edge])) is not None:
                return found
        return None

    def _ways(self, state: str) -> Iterator[list[Edge]]:
        """Yield the paths from an entered state to a state that was not entered, shortest paths first."""
        waiting: deque[tuple[str, list[Edge]]] = deque([(state, [])])
        seen = {state}
        while waiting:
            name, way = waiting.popleft()
            for edge in self._into(name):
                if edge.state not in self.shape.states:
                    continue
                if edge.state in self.machine.witnesses:
                    yield [edge, *way]
                elif edge.state not in seen:
                    seen.add(edge.state)
                    waiting.append((edge.state, [edge, *way]))

    def _into(self, name: str) -> Iterator[Edge]:
        """Yield the edges that lead to a state.

        For the first state inside a parent state, yield the edges to the parent.
        """
        for edge in self.machine.edges.values():
            if edge.to == name and edge.kind in TRANSITIONS:
                yield edge
        inside = self.shape.states[name].inside
        if inside and inside not in self.machine.witnesses:
            yield from self._into(inside)
        elif inside and self.shape.states[inside].type == "Map":
            yield Edge(inside, "map", "one")

    def _along(self, way: list[Edge]) -> Hint | None:
        """Return the hint that makes a run follow a path from an entered state, or None if there is none."""
        first, *rest = way
        if first.kind in ("choice", "default", "map"):
            hint = self.here(first)
            return self._with_rest(hint, None, rest) if not hint.why else None
        if first.kind != "catch":
            return None
        state, _ = self.state(first.state)
        for at, cause in self.failures(state, first):
            hint = self.hint(at.witness, faults_of(cause, first))
            if self._leads(at, state, cause, rest):
                return self._with_rest(hint, at, rest)
            if (answers := self._answering(at, cause, rest)) is not None:
                return self._with_rest(replace(hint, faults=(*hint.faults, *answers)), at, rest)
        return None

    def _answering(self, at: At, cause: Cause, rest: list[Edge]) -> tuple[Mapping[str, Json], ...] | None:
        """Return the task results that make the Choice states on a path follow it."""
        steps = [*at.witness.path, (at.witness.raw, at.witness.name, cause.error)]
        answers: list[Mapping[str, Json]] = []
        for edge in rest:
            state = self.shape.states[edge.state]
            raw = state.name.replace(ANY, at.witness.number)
            if edge.kind in ("choice", "default"):
                there = replace(at.witness, name=state.name, raw=raw, path=tuple(steps))
                found = self.answers(there, state, edge)
                if found is None:
                    return None
                answers += found
            steps.append((raw, state.name, edge.error if edge.kind == "catch" else ""))
        return tuple(answers)

    def _leads(self, at: At, state: FlatState, cause: Cause, rest: list[Edge]) -> bool:
        """Return whether a failure leads to the last edge of a path, provided that the interpreter can run
        it.
        """
        decisive = [edge for edge in rest if edge.kind in ("choice", "default")]
        if not decisive or at.state.name != state.name:
            return True
        failures = {state.name: (cause.error, cause.cause)}
        seen = rehearsed(self.shape, state, at.witness.input, failures, at.witness.number)
        return all(edge in seen for edge in decisive) if seen else True

    def _with_rest(self, hint: Hint, at: At | None, rest: list[Edge]) -> Hint | None:
        """Return a hint, extended by the faults for the states on the rest of its path, which were never
        entered.
        """
        number = at.witness.number if at else "0"
        faults = list(hint.faults)
        for edge in rest:
            if edge.kind in ("state", "next", "end", "choice", "default"):
                continue
            state = self.shape.states.get(edge.state)
            if state is None:
                return None
            state = replace(state, raw=state.name.replace(ANY, number))
            cause = next(
                (
                    each
                    for name in (self.wanted(state, edge) if edge.kind in _FAILURES else [])
                    for each in causes(state, self.functions, name)
                    if self.takes(state, state, edge, each)
                ),
                None,
            )
            if cause is None:
                return None
            faults += faults_of(cause, edge)
        return replace(hint, faults=tuple(faults))
