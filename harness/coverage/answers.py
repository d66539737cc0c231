"""Finds task results and run inputs that make a Choice state take an edge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from harness.coverage.causes import target_of
from harness.coverage.edges import Edge
from harness.coverage.flat import FlatState
from harness.coverage.hint import Hint
from harness.coverage.model import Witness
from harness.coverage.origins import Untraceable, origin
from harness.coverage.task_failures import TaskFailures
from harness.coverage.values import ABSENT, Values, changed, values
from harness.json_types import Json, JsonObject
from harness.observe.model import parsed

MOST_WAYS = 40
"""The maximum number of paths to try before the search fails."""


class Failing(Exception):
    """The error for a value that comes from a state's error."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Answers(TaskFailures):
    """Finds the source that must change so that a member of a state's input has a different value."""

    def changed(self, witness: Witness, changes: Values) -> Hint:
        """Return the hint that changes members of a visited state's input."""
        faults: dict[str, JsonObject] = {}
        inputs: list[tuple[tuple[str, ...], object]] = []
        for path, new in changes:
            found = origin(self.machine, witness, path)
            if found.failed:
                raise Failing(found.state)
            if not found.state:
                inputs.append((found.path, new))
                continue
            state = replace(self.shape.states[found.state], raw=found.raw)
            self._answer(state, found.path, new, faults)
        given = ""
        if inputs:
            value = changed(parsed(witness.run_input), tuple(inputs))
            given = json.dumps(value, ensure_ascii=False)
        return self.hint(witness, list(faults.values()), given)

    def _answer(
        self, state: FlatState, path: tuple[str, ...], new: object, faults: dict[str, JsonObject]
    ) -> None:
        """Add the fault that makes a task return a member with a different value."""
        target = target_of(state, self.functions)
        if target is None:
            raise Untraceable(f"it comes from {state.raw}, and a fault cannot refer to its task")
        at: JsonObject = {"task": target.task, "state": state.raw, "nth": 1}
        if target.function:
            at = {"function": target.function, "state": state.raw, "nth": 1}
            if ":lambda:" not in str(state.fields["Resource"])[:20]:  # lambda:invoke wraps the result
                if path[:1] != ("Payload",):
                    raise Untraceable(f"it comes from Lambda's metadata about {state.raw}")
                path = path[1:]
        fault = faults.setdefault(state.raw, at)
        fault["returns"] = changed(fault.get("returns", {}), ((path, None if new is ABSENT else new),))

    def answers(self, there: Witness, state: FlatState, edge: Edge) -> list[Mapping[str, Json]] | None:
        """Return the faults that make a Choice state that was never entered take an edge, or None if there
        are none.
        """
        for number, changes in enumerate(values(self.shape, state, edge, {})):
            try:
                found = self.changed(there, changes)
            except (Untraceable, Failing):
                found = None
            if found is not None and not found.input:
                return list(found.faults)
            if number >= MOST_WAYS:
                break
        return None
