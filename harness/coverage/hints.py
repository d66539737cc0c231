"""Lines of a scenario by which a missed edge would be reached."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.coverage.causes import Cause, causes, target_of
from harness.coverage.edges import TRANSITIONS, Edge
from harness.coverage.failures import taker
from harness.coverage.flat import ANY, FlatState
from harness.coverage.model import Coverage, Machine, Missed, Witness
from harness.coverage.origins import Untraceable, origin, path_of
from harness.coverage.rehearsal import rehearsed
from harness.coverage.values import ABSENT, Values, changed, values
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.model import parsed

_MOST_WAYS = 40
_LONGER_S = 1


@dataclass(frozen=True)
class Hint:
    """Lines that are added to a scenario; `why` says in a sentence why there are none.

    `scenario` is the file that they are pasted into, `run` the number of the run whose input is `input`
    (JSON text, "" to leave it).
    """

    scenario: str = ""
    faults: tuple[Mapping[str, Json], ...] = ()
    run: int = 0
    input: str = ""
    why: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, in YAML."""
        lines = ["faults:", *(f"  - {_flow(fault)}" for fault in self.faults)] if self.faults else []
        if self.input:
            lines.append(f"run: {{input: {self.input}}}")
        return tuple(lines)


def _flow(fault: Mapping[str, Json]) -> str:
    return "{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in fault.items()) + "}"


def hint(coverage: Coverage, missed: Missed) -> Hint:
    """The lines by which an edge would be reached, or the reason why there are none."""
    return _Hints(coverage, missed.machine).of(missed.edge)


class _No(Exception):
    """Nothing can be generated; the message says why."""


class _Hints:
    def __init__(self, coverage: Coverage, machine: Machine) -> None:
        self._functions = coverage.functions
        self._machine = machine
        self._shape = machine.shape

    def of(self, edge: Edge) -> Hint:
        """The hint for an edge."""
        if not self._machine.executions:
            return Hint(why="no scenario starts this machine; name it in `run: {state_machine: ...}`")
        if edge.state and edge.state not in self._shape.states:
            return Hint(why="only a later definition of the machine has this state")
        try:
            if edge.state and edge.state not in self._machine.witnesses:
                return self._on_the_way(edge)
            return self._here(edge)
        except (_No, Untraceable) as error:
            return Hint(why=str(error))

    def _here(self, edge: Edge) -> Hint:
        """The hint for an edge of a state that was entered, or of the machine."""
        if not edge.state:
            return self._machine_timeout(edge)
        state, witness = self._state(edge.state)
        if edge.kind in ("choice", "default"):
            return self._choice(state, witness, edge)
        if edge.kind in ("catch", "retried", "used-up"):
            found = next(self._failures(state, edge), None)
            if found is None:
                raise _No(self._no_failure(state, edge))
            return self._hint(found[0].witness, _faults(found[1], edge))
        if edge.kind in ("timeout", "heartbeat"):
            return self._timeout(state, witness, edge)
        if edge.kind == "map":
            return self._map(state, witness, edge)
        raise _No(_NEVER_LEFT.format(state=state.raw))

    def _state(self, name: str) -> tuple[FlatState, Witness]:
        """A state that was entered, by the name of its visit."""
        witness = self._machine.witnesses[name]
        return replace(self._shape.states[name], raw=witness.raw), witness

    def _hint(self, witness: Witness, faults: list[Mapping[str, Json]], given: str = "") -> Hint:
        return Hint(witness.scenario, tuple(faults), witness.run, given)

    def _failures(self, state: FlatState, edge: Edge) -> Iterator[tuple[_At, Cause]]:
        """The failures that lead to an edge of Catch or Retry, each with the task that fails."""
        wanted = self._wanted(state, edge)
        for at in self._tasks(state):
            for name in wanted:
                for cause in causes(at.state, self._functions, name):
                    if self._takes(state, at.state, edge, cause):
                        yield at, cause

    def _wanted(self, state: FlatState, edge: Edge) -> list[str]:
        if edge.kind == "catch":
            return [edge.error]
        entries = _entries(state, "Retry")
        equals = entries[edge.number].get("ErrorEquals")
        return [str(each) for each in equals] if isinstance(equals, list) else []

    def _takes(self, state: FlatState, task: FlatState, edge: Edge, cause: Cause) -> bool:
        """Tell whether a failure of a task, inside of the state or its own, leads to the edge."""
        inner = task
        while inner.name != state.name:
            if _taken(inner, "Catch", cause) is not None:
                return False
            inner = self._shape.states[inner.inside]
        if edge.kind == "catch":
            found = _taken(state, "Catch", cause)
            return found is not None and f"{found[0]} {found[1]}" == edge.detail
        found = _taken(state, "Retry", cause)
        return found is not None and found[0] == edge.number

    def _tasks(self, state: FlatState) -> Iterator[_At]:
        """The tasks whose failure is one of a state: itself, or those inside that were entered."""
        for name, each in self._shape.states.items():
            inside, outer = each.name == state.name, each
            while not inside and outer.inside:
                outer = self._shape.states[outer.inside]
                inside = outer.name == state.name
            if inside and each.type == "Task" and name in self._machine.witnesses:
                yield _At(*self._state(name))

    def _no_failure(self, state: FlatState, edge: Edge) -> str:
        names = " or ".join(self._wanted(state, edge))
        earlier = "an entry before it takes the errors that faults can make" if edge.number else ""
        known = target_of(state, self._functions) is not None or state.type in ("Parallel", "Map")
        reason = earlier or "no fault makes a task fail with it" if known else "faults cannot name its task"
        return f"{state.raw} does not fail with {names} by a fault: {reason}"

    def _timeout(self, state: FlatState, witness: Witness, edge: Edge) -> Hint:
        target = target_of(state, self._functions)
        field = "TimeoutSeconds" if edge.kind == "timeout" else "HeartbeatSeconds"
        seconds = state.fields.get(field)
        if target is None or not isinstance(seconds, int):
            raise _No(f"{field} of {state.raw} is computed, or its task is none that faults can name")
        longer: JsonObject = {"delay": f"{seconds + _LONGER_S} s", "nth": 1}
        return self._hint(witness, [{"task": target.task, "state": state.raw, **longer}])

    def _machine_timeout(self, edge: Edge) -> Hint:
        seconds = self._shape.definition.get("TimeoutSeconds")
        for name in self._machine.witnesses:
            state, witness = self._state(name)
            target = target_of(state, self._functions)
            limit = state.fields.get("TimeoutSeconds")
            if target is None or not isinstance(seconds, int) or isinstance(limit, int):
                continue
            delay: JsonObject = {"delay": f"{seconds + _LONGER_S} s", "nth": 1}
            return self._hint(witness, [{"task": target.task, "state": state.raw, **delay}])
        raise _No("no task without a time limit of its own could take longer than the machine may")

    def _map(self, state: FlatState, witness: Witness, edge: Edge) -> Hint:
        if edge.detail.startswith("tolerated"):
            for at in self._tasks(state):
                for cause in causes(at.state, self._functions):
                    if _taken(at.state, "Catch", cause) is None:
                        return self._hint(at.witness, [{**cause.keys, "nth": 1}])
            raise _No(f"no task inside of {state.raw} can be made to fail by a fault")
        items = state.fields.get("ItemsPath", state.fields.get("Items", "$"))
        text = str(items).strip().removeprefix("{%").removesuffix("%}").strip()
        path = path_of(text.replace("$states.input", "$", 1))
        if path is None or "ItemReader" in state.fields:
            raise _No(f"the items of {state.raw} are computed, or read from a file: give it so many of them")
        given: Json = parsed(witness.input)
        for name in path:
            given = as_dict(given).get(name)
        one: Json = given[0] if isinstance(given, list) and given else {}
        new: Json = {"none": [], "one": [one], "many": [one, one]}[edge.detail]
        return self._changed(witness, ((path, new),))

    def _choice(self, state: FlatState, witness: Witness, edge: Edge) -> Hint:
        given, problem = parsed(witness.input), "no value that was tried makes its rules decide so"
        if not witness.input:
            raise _No(f"the input of {state.raw} is too long to look at")
        for number, changes in enumerate(values(self._shape, state, edge, given)):
            try:
                return self._changed(witness, changes)
            except Untraceable as error:
                problem = str(error)
            except _Failing as failing:
                if (found := self._failing(edge, failing.state)) is not None:
                    return found
                problem = f"the failures of {failing.state} that faults can make do not lead there"
            if number >= _MOST_WAYS:
                break
        raise _No(f"what {state.raw} looks at cannot be set: {problem}")

    def _changed(self, witness: Witness, changes: Values) -> Hint:
        """The hint by which members of a visited state's input have other values."""
        faults: dict[str, JsonObject] = {}
        inputs: list[tuple[tuple[str, ...], object]] = []
        for path, new in changes:
            found = origin(self._machine, witness, path)
            if found.failed:
                raise _Failing(found.state)
            if not found.state:
                inputs.append((found.path, new))
                continue
            state = replace(self._shape.states[found.state], raw=found.raw)
            self._answer(state, found.path, new, faults)
        given = ""
        if inputs:
            value = changed(parsed(witness.run_input), tuple(inputs))
            given = json.dumps(value, ensure_ascii=False)
        return self._hint(witness, list(faults.values()), given)

    def _answer(
        self, state: FlatState, path: tuple[str, ...], new: object, faults: dict[str, JsonObject]
    ) -> None:
        """Add the fault by which a task answers a member with another value."""
        target = target_of(state, self._functions)
        if target is None:
            raise Untraceable(f"it comes from {state.raw}, whose task faults cannot name")
        at: JsonObject = {"task": target.task, "state": state.raw, "nth": 1}
        if target.function:
            at = {"function": target.function, "state": state.raw, "nth": 1}
            if ":lambda:" not in str(state.fields["Resource"])[:20]:  # lambda:invoke wraps the answer
                if path[:1] != ("Payload",):
                    raise Untraceable(f"it comes from what Lambda says about {state.raw}")
                path = path[1:]
        fault = faults.setdefault(state.raw, at)
        fault["returns"] = changed(fault.get("returns", {}), ((path, None if new is ABSENT else new),))

    def _on_the_way(self, edge: Edge) -> Hint:
        """The hint for an edge of a state that was never entered: the nearest one that was, and the way."""
        for number, way in enumerate(self._ways(edge.state)):
            if (found := self._along([*way, edge])) is not None:
                return found
            if number >= _MOST_WAYS:
                break
        blocked = next(iter(self._ways(edge.state)), None)
        if blocked is None:
            raise _No(f"no way from a state that was entered leads to {edge.state}")
        first = self._here(blocked[0])  # says why not, or is as near as it gets
        if first.why:
            raise _No(first.why)
        raise _No(f"no failure that faults can make leads from {blocked[0].state} to {edge.state}")

    def _failing(self, edge: Edge, start: str) -> Hint | None:
        """The hint by which a failure of the state `start` leads to the edge."""
        for catch in self._machine.edges.values():
            is_it = catch.state == start and catch.kind == "catch"
            if is_it and (found := self._along([catch, edge])) is not None:
                return found
        return None

    def _ways(self, state: str) -> Iterator[list[Edge]]:
        """The edges that lead from a state that was entered to one that was not, shortest ways first."""
        waiting: deque[tuple[str, list[Edge]]] = deque([(state, [])])
        seen = {state}
        while waiting:
            name, way = waiting.popleft()
            for edge in self._into(name):
                if edge.state not in self._shape.states:
                    continue
                if edge.state in self._machine.witnesses:
                    yield [edge, *way]
                elif edge.state not in seen:
                    seen.add(edge.state)
                    waiting.append((edge.state, [edge, *way]))

    def _into(self, name: str) -> Iterator[Edge]:
        """The edges that lead to a state; to the first inside of another, those that lead to that one."""
        for edge in self._machine.edges.values():
            if edge.to == name and edge.kind in TRANSITIONS:
                yield edge
        inside = self._shape.states[name].inside
        if inside and inside not in self._machine.witnesses:
            yield from self._into(inside)

    def _along(self, way: list[Edge]) -> Hint | None:
        """The hint for a way from a state that was entered; None if none is found that leads along it."""
        first, *rest = way
        if first.kind in ("choice", "default"):
            hint = self._here(first)
            return self._with_rest(hint, None, rest) if not hint.why else None
        if first.kind != "catch":
            return None
        state, _ = self._state(first.state)
        for at, cause in self._failures(state, first):
            hint = self._hint(at.witness, _faults(cause, first))
            if self._leads(at, state, cause, rest):
                return self._with_rest(hint, at, rest)
            if (answers := self._answering(at, cause, rest)) is not None:
                return self._with_rest(replace(hint, faults=(*hint.faults, *answers)), at, rest)
        return None

    def _answering(self, at: _At, cause: Cause, rest: list[Edge]) -> tuple[Mapping[str, Json], ...] | None:
        """The answers of tasks on a way by which its Choice states lead along it."""
        steps = [*at.witness.path, (at.witness.raw, at.witness.name, cause.error)]
        answers: list[Mapping[str, Json]] = []
        for edge in rest:
            state = self._shape.states[edge.state]
            raw = state.name.replace(ANY, at.witness.number)
            if edge.kind in ("choice", "default"):
                there = replace(at.witness, name=state.name, raw=raw, path=tuple(steps))
                found = self._answers(there, state, edge)
                if found is None:
                    return None
                answers += found
            steps.append((raw, state.name, edge.error if edge.kind == "catch" else ""))
        return tuple(answers)

    def _answers(self, there: Witness, state: FlatState, edge: Edge) -> list[Mapping[str, Json]] | None:
        for number, changes in enumerate(values(self._shape, state, edge, {})):
            try:
                found = self._changed(there, changes)
            except (Untraceable, _Failing):
                found = None
            if found is not None and not found.input:
                return list(found.faults)
            if number >= _MOST_WAYS:
                break
        return None

    def _leads(self, at: _At, state: FlatState, cause: Cause, rest: list[Edge]) -> bool:
        """Tell whether a failure of a state leads to the last edge of a way, as far as it can be played."""
        decisive = [edge for edge in rest if edge.kind in ("choice", "default")]
        if not decisive or at.state.name != state.name:
            return True
        failures = {state.name: (cause.error, cause.cause)}
        seen = rehearsed(self._shape, state, at.witness.input, failures, at.witness.number)
        return all(edge in seen for edge in decisive) if seen else True

    def _with_rest(self, hint: Hint, at: _At | None, rest: list[Edge]) -> Hint | None:
        """A hint with the faults of the states on the rest of its way, which were never entered."""
        number = at.witness.number if at else "0"
        faults = list(hint.faults)
        for edge in rest:
            if edge.kind in ("state", "next", "end", "choice", "default"):
                continue
            state = self._shape.states.get(edge.state)
            if state is None:
                return None
            state = replace(state, raw=state.name.replace(ANY, number))
            cause = next(
                (
                    each
                    for name in (self._wanted(state, edge) if edge.kind in _FAILURES else [])
                    for each in causes(state, self._functions, name)
                    if self._takes(state, state, edge, each)
                ),
                None,
            )
            if cause is None:
                return None
            faults += _faults(cause, edge)
        return replace(hint, faults=tuple(faults))


_FAILURES = ("catch", "retried", "used-up")
_NEVER_LEFT = "{state} was entered, and never left this way: a run in which it does is needed, not a fault"


@dataclass(frozen=True)
class _At:
    """A task that was entered."""

    state: FlatState
    witness: Witness


class _Failing(Exception):
    """A value comes from the error of a state."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def _faults(cause: Cause, edge: Edge) -> list[Mapping[str, Json]]:
    fault = {**cause.keys, "nth": 1} if edge.kind == "retried" else cause.keys
    return [*cause.before, fault]


def _taken(state: FlatState, key: str, cause: Cause) -> tuple[int, str] | None:
    return taker(_entries(state, key), cause.error)


def _entries(state: FlatState, key: str) -> list[JsonObject]:
    given = state.fields.get(key)
    return [as_dict(each) for each in given] if isinstance(given, list) else []
