"""Determines the data that a workflow needs from its input and task results, working backwards."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from readings import (
    TIME,
    Read,
    of_choice,
    of_expressions,
    of_no_choice,
    of_root,
    of_template,
    of_text,
    path_of,
)
from values import Need, Needs, at, below, beside

_ROUNDS = 8
_DEEPEST = 9
_NONE: Needs = frozenset()
_ITEM = ("Map", "Item", "Value")
Hints = Callable[[str, Any, Needs], Iterable[Need]]
"""Returns the needs of a task's parameters, given the state name, the state, and the needs of
its result.
"""


class Dataflow:
    """The reads of a definition: `results` by task name, and `input` for its input.

    Different variants satisfy different rules of its Choices.
    """

    def __init__(self, definition: Any, hints: Hints, variant: int = 0) -> None:
        self._hints = hints
        self._variant = variant
        self._jsonata = definition.get("QueryLanguage") == "JSONata"
        self._variables: dict[str, Needs] = defaultdict(frozenset)
        self._execution: Needs = _NONE
        self.results: dict[str, Needs] = defaultdict(frozenset)
        for _ in range(2):  # variables are read after they are assigned
            begin = self._workflow(definition, _NONE)
        self.input = begin | self._execution

    def _workflow(self, workflow: Any, end: Needs) -> Needs:
        states, needs = workflow.get("States", {}), defaultdict[str, Needs](frozenset)
        for _ in range(_ROUNDS):
            before = dict(needs)
            for name, state in reversed(states.items()):
                out = needs[state["Next"]] if "Next" in state else end
                found = self._state(name, state, out, needs, states)
                needs[name] |= {need for need in found if len(need.tokens) <= _DEEPEST}
            if needs == before:
                break
        return needs[workflow.get("StartAt", "")]

    def _state(self, name: str, state: Any, out: Needs, needs: Any, states: Any) -> Needs:
        query = state.get("QueryLanguage")
        jsonata = query == "JSONata" if query else self._jsonata
        if state.get("Type") == "Choice":
            out = frozenset().union(*(needs[target] for target in _targets(state)))
        caught = frozenset[Need]()
        for catcher in state.get("Catch", ()):
            path = path_of(catcher.get("ResultPath", "$"))
            later = needs[catcher["Next"]]
            if not jsonata and path:
                caught |= beside(later, *path)
        if jsonata:
            return caught | self._with_jsonata(name, state, out, states)
        return caught | self._with_paths(name, state, out, states)

    def _with_paths(self, name: str, state: Any, out: Needs, states: Any) -> Needs:
        kind = state.get("Type")
        out = _before(out, state.get("OutputPath", "$"))
        raw: Needs = _NONE
        if kind in ("Task", "Pass", "Map", "Parallel"):
            place = state.get("ResultPath", "$")
            tokens = path_of(place)
            raw = out if place is None else beside(out, *tokens) if tokens else _NONE
            result = _NONE if place is None else below(out, *tokens)
            effective = self._effective(name, state, self._selected(state, result))
        else:
            effective = out | self._dispatched([*_own_reads(state, states, name, self._variant)])
        assigned = [*of_template(state.get("Assign", {}), self._assigned(state.get("Assign")))]
        effective |= self._dispatched(assigned) if kind in ("Choice", "Wait", "Pass") else _NONE
        if kind not in ("Choice", "Wait", "Pass"):
            self.results[name] |= of_root(assigned, "$")
        given = state.get("InputPath", "$")
        if isinstance(given, str) and given.startswith("$$"):
            self._dispatched([("$$", need) for need in at(effective, *path_of(given))])
            return raw
        return raw | (at(effective, *path_of(given)) if given else _NONE)

    def _selected(self, state: Any, result: Needs) -> Needs:
        if "ResultSelector" not in state:
            return result
        return self._dispatched([*of_template(state["ResultSelector"], result)])

    def _effective(self, name: str, state: Any, result: Needs) -> Needs:
        """Return the needs of the effective input, given the needs of the result."""
        kind = state["Type"]
        if kind == "Map":
            return self._map(name, state, result)
        if kind == "Pass":
            wanted = _NONE if "Result" in state else result
        elif kind == "Parallel":
            branches = enumerate(state.get("Branches", ()))
            wanted = _NONE.union(*(self._workflow(each, below(result, n)) for n, each in branches))
        else:
            self.results[name] |= result
            wanted = frozenset(self._hints(name, state, result))
        own = self._dispatched([*_own_reads(state, {})])
        if "Parameters" not in state:
            return own | wanted
        return own | self._dispatched([*of_template(state["Parameters"], wanted)])

    def _map(self, name: str, state: Any, result: Needs) -> Needs:
        workflow = state.get("ItemProcessor") or state.get("Iterator") or {}
        item = _unbatched(state, self._workflow(workflow, below(result, 0)))
        selector = state.get("ItemSelector", state.get("Parameters"))
        found: Needs = _NONE
        if selector is not None:
            reads = [*of_template(selector, item)]
            found = self._dispatched(reads)
            item = below(of_root(reads, "$$"), *_ITEM)
        if "ItemReader" in state:
            self.results[name] |= item
            reader = state["ItemReader"]
            hints = self._hints(name, reader, _NONE)
            return found | self._dispatched([*of_template(reader.get("Parameters", {}), hints)])
        path = str(state.get("ItemsPath", "$"))
        listed = at(item, 0) | {Need((0,), "{}", 40), Need((), "[1]", 5)}
        return found | self._dispatched([*of_text(path, listed)])

    def _with_jsonata(self, name: str, state: Any, out: Needs, states: Any) -> Needs:
        kind = state.get("Type")
        reads: list[Read] = []
        if "Output" in state:
            reads += of_expressions(state["Output"], out)
        else:
            root = "result" if kind in ("Task", "Map", "Parallel") else "$"
            reads += ((root, need) for need in out)
        reads += of_expressions(state.get("Assign", {}), self._assigned(state.get("Assign")))
        for key in ("Condition", "Seconds", "Timestamp", "Error", "Cause", "Arguments", "TimeoutSeconds"):
            if key in state and not (kind == "Task" and key == "Arguments"):
                reads += of_expressions(state[key], ())
        for rule in state.get("Choices", ()):
            reads += of_expressions(rule.get("Condition"), ())
        result = of_root(reads, "result")
        if kind == "Task":
            self.results[name] |= result
            reads += of_expressions(state.get("Arguments", {}), frozenset(self._hints(name, state, result)))
        elif kind == "Parallel":
            for n, branch in enumerate(state.get("Branches", ())):
                reads += (("$", need) for need in self._workflow(branch, below(result, n)))
        elif kind == "Map":
            item = _unbatched(state, self._workflow(state.get("ItemProcessor", {}), below(result, 0)))
            if "ItemSelector" in state:
                selected = [*of_expressions(state["ItemSelector"], item)]
                reads += selected
                item = below(of_root(selected, "$$"), *_ITEM)
            listed = at(item, 0) | {Need((0,), "{}", 40), Need((), "[1]", 5)}
            if "ItemReader" in state:
                self.results[name] |= item
                reads += of_expressions(state["ItemReader"].get("Arguments", {}), ())
            else:
                reads += of_expressions(state.get("Items", "{% $states.input %}"), listed)
        return self._dispatched(reads)

    def _assigned(self, assign: Any) -> Needs:
        names = [key.removesuffix(".$") for key in assign or {}]
        return frozenset().union(*(at(self._variables[name], name) for name in names))

    def _dispatched(self, reads: Iterable[Read]) -> Needs:
        """Return the needs at `$`; record other reads."""
        mine = set[Need]()
        for root, need in reads:
            if root == "$":
                mine.add(need)
            elif root == "$$" and need.tokens[:2] == ("Execution", "Input"):
                self._execution |= below([need], "Execution", "Input")
            elif root.startswith("$") and root != "$$":
                self._variables[root[1:]] |= {need}
        return frozenset(mine)


def _before(out: Needs, output_path: Any) -> Needs:
    """Return the needs before an OutputPath: its path must exist."""
    tokens = path_of(output_path)
    return (at(out, *tokens) | ({Need(tokens)} if tokens else _NONE)) if output_path else _NONE


def _unbatched(state: Any, item: Needs) -> Needs:
    """Return the needs of an item, given the needs of a batch's input."""
    return below(item, "Items", 0) if "ItemBatcher" in state else item


def _targets(state: Any) -> list[str]:
    targets = [rule["Next"] for rule in state.get("Choices", ()) if "Next" in rule]
    return [*targets, *([state["Default"]] if "Default" in state else [])]


def _comes_back(begin: str, name: str, states: Any) -> bool:
    """Return whether a path leads from one state to another."""
    seen, waiting = set[str](), [begin]
    while waiting:
        each = waiting.pop()
        if each == name:
            return True
        if each not in seen and each in states:
            seen.add(each)
            waiting += [*_targets(states[each]), states[each].get("Next", "")]
    return False


def _reaches_task(begin: str, states: Any) -> bool:
    """Return whether a path from a state contains a task."""
    seen, waiting = set[str](), [begin]
    while waiting:
        each = waiting.pop()
        if '"Task"' in json.dumps(states.get(each, {})):
            return True
        if each not in seen and each in states:
            seen.add(each)
            waiting += [*_targets(states[each]), states[each].get("Next", "")]
    return False


def _own_reads(state: Any, states: Any, name: str = "", variant: int = 0) -> Iterable[Read]:
    """Yield the reads of a state by keys of its kind. Each variant satisfies a different rule of a
    Choice.
    """
    rules = state.get("Choices", ())
    leads = [_reaches_task(rule.get("Next", ""), states) for rule in rules]
    other = state.get("Default", "")
    by_default = (
        rules and not any(leads) and _reaches_task(other, states) and not _comes_back(other, name, states)
    )
    if by_default or (variant and variant % (len(rules) + 1) == len(rules)):
        for rule in rules:
            yield from of_no_choice(rule)
        rules = ()
    for n, (rule, is_led) in enumerate(zip(rules, leads, strict=False)):
        if variant:
            yield from of_choice(rule, (n - variant) % (len(rules) + 1))
            continue
        target = rule.get("Next", "")
        rank = 6 if states.get(target, {}).get("Type") == "Fail" else 0 if is_led else 3
        yield from of_choice(rule, min(n, 2) + max(rank, 4 * _comes_back(target, name, states)))
    for key, value in (("SecondsPath", 1), ("TimestampPath", TIME), ("ErrorPath", "E"), ("CausePath", "C")):
        if key in state:
            yield from of_text(state[key], [Need((), json.dumps(value), 2)])
    for key in ("TimeoutSecondsPath", "HeartbeatSecondsPath", "MaxConcurrencyPath"):
        if key in state:
            yield from of_text(state[key], [Need((), "60", 2)])
