"""Checks for variable names in nested workflows.

An inner workflow can read the variables of the outer workflows. It must not assign to a variable that exists
when it begins. The processor of a distributed Map has a separate set of variables:
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from harness.json_types import Json, JsonObject

from .problems import Problems
from .transitions import inner_workflows, states_of, targets_of

Places: TypeAlias = list[tuple[str, str]]
"""Variable names, with the positions of their assignments."""


def check_variables(definition: JsonObject, problems: Problems) -> None:
    """Report variables in inner workflows that reuse the name of an outer variable."""
    _check(definition, "", problems)


def _check(workflow: JsonObject, location: str, problems: Problems) -> Places:
    """Return the assignments in a workflow and its inner workflows. Report reused outer names."""
    states = states_of(workflow)
    assigned = {name: [*_assigned(state, f"{location}/States/{name}")] for name, state in states.items()}
    own = {variable for places in assigned.values() for variable, _ in places}
    all_inner: Places = []
    for name, state in states.items():
        inner: Places = []
        for workflow_inside, place in inner_workflows(state, f"{location}/States/{name}"):
            found = _check(workflow_inside, place, problems)
            inner += [] if _is_distributed(workflow_inside) else found
        all_inner += inner
        if own.isdisjoint(variable for variable, _ in inner):
            continue
        outer = {variable for each in _states_before(name, states) for variable, _ in assigned[each]}
        for variable, place in inner:
            if variable in outer:
                message = f"The variable name '{variable}' was already defined in a parent scope."
                problems.add("DUPLICATE_VARIABLE_NAME", message, place)
    return [*(each for places in assigned.values() for each in places), *all_inner]


def _states_before(name: str, states: Mapping[str, JsonObject]) -> set[str]:
    """Return the other states that can run before a state."""
    before: dict[str, list[str]] = defaultdict(list)
    for each, state in states.items():
        for target, _ in targets_of(state, ""):
            before[target].append(each)
    reached: set[str] = set()
    waiting = before[name]
    while waiting:
        earlier = waiting.pop()
        if earlier not in reached and earlier != name:
            reached.add(earlier)
            waiting += before[earlier]
    return reached


def _assigned(state: JsonObject, location: str) -> Iterator[tuple[str, str]]:
    """Return the variables assigned by a state, its rules and its catchers, with their positions."""
    owners: list[tuple[Json, str]] = [(state, location)]
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        if isinstance(entries, list):
            owners += [(entry, f"{location}/{field}[{at}]") for at, entry in enumerate(entries)]
    for owner, place in owners:
        assign = owner.get("Assign") if isinstance(owner, dict) else None
        for name in assign if isinstance(assign, dict) else ():
            yield name.removesuffix(".$"), f"{place}/Assign/{name}"


def _is_distributed(processor: JsonObject) -> bool:
    config = processor.get("ProcessorConfig")
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"
