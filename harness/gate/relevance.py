"""Find the parameters that determine whether a change matters."""

from __future__ import annotations

from collections.abc import Iterator

from harness.cloudformation.functions import calls, references
from harness.gate.resolved import Resolved, ResolvedStack
from harness.json_types import Json, JsonObject, as_dict


def relevant_parameters(base: Resolved, head: Resolved) -> frozenset[str]:
    """Return the parameters on both sides behind the conditions and mappings of changed values.

    A reference to a changed value also counts as changed if a condition controls the reference.
    """
    found: set[str] = set()
    for name, new in head.stacks.items():
        old = base.stacks.get(name)
        if old is None or new.parent is not None:
            continue
        found |= _of_stack(old, new) | _of_stack(new, old)
    return frozenset(found)


def _of_stack(old: ResolvedStack, new: ResolvedStack) -> set[str]:
    before, after = old.declared, new.declared
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    names = _changed_names(old, new)
    found: set[str] = set()
    for name, declared in after.items():
        mentioned = set(_names_in(declared, new.source))
        decided = "Condition" in as_dict(declared) and any(
            each.name in changed for each in references(declared)
        )
        by_function = any(each.name in changed for each in references(declared) if each.optional)
        if name in changed or mentioned & names or decided or by_function:
            found |= mentioned
    for name in names & as_dict(new.source.get("Conditions")).keys():
        found |= set(_names_in({"Condition": name}, new.source))
    return found


def _changed_names(old: ResolvedStack, new: ResolvedStack) -> set[str]:
    """Return the conditions, mappings and parameters that differ, and the conditions that depend on them."""
    found = {
        name
        for section in ("Conditions", "Mappings")
        for name, value in as_dict(new.source.get(section)).items()
        if as_dict(old.source.get(section)).get(name) != value
    }
    found |= {name for name, value in new.parameters.items() if old.parameters.get(name) != value}
    found |= {
        name
        for name in as_dict(new.source.get("Conditions"))
        if found & set(_names_in({"Condition": name}, new.source))
    }
    return found


def _names_in(value: Json, source: JsonObject) -> Iterator[str]:
    """Yield the names of all dependencies of a value, including those through conditions."""
    conditions = as_dict(source.get("Conditions"))
    seen: set[str] = set()
    ahead = [value]
    while ahead:
        each = ahead.pop()
        yield from (reference.name for reference in references(each))
        for _, name, argument in calls(each, ()):
            if name == "Fn::FindInMap" and isinstance(argument, list):
                yield str(argument[0])
        for name in conditions_in(each):
            if name not in seen:
                seen.add(name)
                yield name
                ahead.append(conditions.get(name))


def conditions_in(value: Json) -> Iterator[str]:
    """Yield the names of the conditions anywhere in a value: `Condition: IsProd`, and those in Fn::If."""
    if isinstance(value, dict):
        if isinstance(name := value.get("Condition"), str):
            yield name
        if isinstance(parts := value.get("Fn::If"), list) and parts:
            yield str(parts[0])
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from conditions_in(each)
