"""Scenario lines that would reach a missed edge."""

from __future__ import annotations

from harness.coverage.answers import MOST_WAYS, Failing
from harness.coverage.causes import causes, target_of
from harness.coverage.edges import Edge
from harness.coverage.flat import FlatState
from harness.coverage.hint import Hint, No
from harness.coverage.model import Coverage, Missed, Witness
from harness.coverage.origins import Untraceable, path_of
from harness.coverage.task_failures import faults_of, taken
from harness.coverage.values import values
from harness.coverage.ways import Ways
from harness.coverage.worker_hints import is_activity, worker_hint
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.model import parsed

__all__ = ["Hint", "hint"]

_LONGER_S = 1
_NEVER_LEFT = "{state} was entered, but never left by this edge: a different run is needed, not a fault"


def hint(coverage: Coverage, missed: Missed) -> Hint:
    """Return the lines that would reach an edge, or the reason why there are none."""
    return _Hints(coverage, missed.machine).of(missed.edge)


class _Hints(Ways):
    def of(self, edge: Edge) -> Hint:
        """Return the hint for an edge."""
        if not self.machine.executions:
            return Hint(why="no scenario starts this machine; name it in `run: {state_machine: ...}`")
        if edge.state and edge.state not in self.shape.states:
            return Hint(why="only a later definition of the machine has this state")
        try:
            if edge.state and edge.state not in self.machine.witnesses:
                return self.on_the_way(edge)
            return self.here(edge)
        except (No, Untraceable) as error:
            return Hint(why=str(error))

    def here(self, edge: Edge) -> Hint:
        """Return the hint for an edge of an entered state, or of the machine."""
        if not edge.state:
            return self._machine_timeout(edge)
        state, witness = self.state(edge.state)
        if edge.kind in ("choice", "default"):
            return self._choice(state, witness, edge)
        if edge.kind in ("catch", "retried", "used-up"):
            found = next(self.failures(state, edge), None)
            if found is None and is_activity(state):
                raise No(worker_hint(state, edge, self.wanted(state, edge)))
            if found is None:
                raise No(self.no_failure(state, edge))
            return self.hint(found[0].witness, faults_of(found[1], edge))
        if edge.kind in ("timeout", "heartbeat"):
            return self._timeout(state, witness, edge)
        if edge.kind == "map":
            return self._map(state, witness, edge)
        raise No(_NEVER_LEFT.format(state=state.raw))

    def _timeout(self, state: FlatState, witness: Witness, edge: Edge) -> Hint:
        if is_activity(state):
            raise No(worker_hint(state, edge))
        target = target_of(state, self.functions)
        field = "TimeoutSeconds" if edge.kind == "timeout" else "HeartbeatSeconds"
        seconds = state.fields.get(field)
        if target is None or not isinstance(seconds, int):
            raise No(f"{field} of {state.raw} is computed at run time, or a fault cannot refer to its task")
        longer: JsonObject = {"delay": f"{seconds + _LONGER_S} s", "nth": 1}
        return self.hint(witness, [{"task": target.task, "state": state.raw, **longer}])

    def _machine_timeout(self, edge: Edge) -> Hint:
        seconds = self.shape.definition.get("TimeoutSeconds")
        for name in self.machine.witnesses:
            state, witness = self.state(name)
            target = target_of(state, self.functions)
            limit = state.fields.get("TimeoutSeconds")
            if target is None or not isinstance(seconds, int) or isinstance(limit, int):
                continue
            delay: JsonObject = {"delay": f"{seconds + _LONGER_S} s", "nth": 1}
            return self.hint(witness, [{"task": target.task, "state": state.raw, **delay}])
        raise No("no task without its own timeout can be delayed beyond the machine's timeout")

    def _map(self, state: FlatState, witness: Witness, edge: Edge) -> Hint:
        if edge.detail.startswith("tolerated"):
            for at in self.tasks(state):
                for cause in causes(at.state, self.functions):
                    if taken(at.state, "Catch", cause) is None:
                        return self.hint(at.witness, [{**cause.keys, "nth": 1}])
            raise No(f"no fault can make a task inside {state.raw} fail")
        items = state.fields.get("ItemsPath", state.fields.get("Items", "$"))
        text = str(items).strip().removeprefix("{%").removesuffix("%}").strip()
        path = path_of(text.replace("$states.input", "$", 1))
        if path is None or "ItemReader" in state.fields:
            raise No(
                f"the items of {state.raw} are computed, or read from a file: provide this number of items"
            )
        given: Json = parsed(witness.input)
        for name in path:
            given = as_dict(given).get(name)
        one: Json = given[0] if isinstance(given, list) and given else {}
        new: Json = {"none": [], "one": [one], "many": [one, one]}[edge.detail]
        return self.changed(witness, ((path, new),))

    def _choice(self, state: FlatState, witness: Witness, edge: Edge) -> Hint:
        given, problem = parsed(witness.input), "none of the tried values makes its rules choose this edge"
        if not witness.input:
            raise No(f"the input of {state.raw} is too long to read")
        for number, changes in enumerate(values(self.shape, state, edge, given)):
            try:
                return self.changed(witness, changes)
            except Untraceable as error:
                problem = str(error)
            except Failing as failing:
                if (found := self.failing(edge, failing.state)) is not None:
                    return found
                problem = f"no injected failure of {failing.state} leads to this edge"
            if number >= MOST_WAYS:
                break
        raise No(f"the values that {state.raw} reads cannot be set: {problem}")
