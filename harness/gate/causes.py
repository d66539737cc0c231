"""Find the location in the head's template that causes a change, if it is not the property itself."""

from __future__ import annotations

from collections.abc import Iterator

from harness.cloudformation.faults import Key
from harness.cloudformation.functions import calls, references
from harness.gate.relevance import conditions_in
from harness.gate.resolved import Resolved, ResolvedStack, Resource
from harness.json_types import Json, as_dict

Keys = tuple[Key, ...]
Cause = tuple[str, Keys, str]
"""A stack name, keys in its template, and a description of the cause ("" for the location itself)."""


def cause_of(base: Resolved, head: Resolved, before: Resource, after: Resource, path: str) -> Cause:
    """Return the location that changes a resource property."""
    old, new = base.stacks.get(before.stack), head.stacks.get(after.stack)
    one, other = (_declared(each, path) for each in (before, after))
    own: Cause = after.stack, ("Resources", after.logical_id, "Properties", *path.split(".")), ""
    if one != other or old is None or new is None:
        return own
    return next(_behind(other, old, new, base, head), own)


def _declared(resource: Resource, path: str) -> Json:
    """Return the source text of a property, or the source of the innermost value around it."""
    value = resource.declared.get("Properties")
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            break
        value = value[key]
    return value


def condition_cause(base: Resolved, head: Resolved, lost: Resource) -> Cause:
    """Return the location that changes a resource's condition, if the condition is no longer true."""
    old, new = base.stacks[lost.stack], head.stacks[lost.stack]
    declared = as_dict(new.declared.get(lost.logical_id))
    own: Cause = lost.stack, ("Resources", lost.logical_id, "Condition"), ""
    name = str(declared.get("Condition"))
    if lost.declared.get("Condition") != name:
        return own
    return next(_behind({"Condition": name}, old, new, base, head), own)


def _behind(
    value: Json, old: ResolvedStack, new: ResolvedStack, base: Resolved, head: Resolved
) -> Iterator[Cause]:
    """Find the differences in the dependencies of a value: conditions, mappings, parameters."""
    for condition in dict.fromkeys(conditions_in(value)):
        one, other = (as_dict(each.source.get("Conditions")).get(condition) for each in (old, new))
        if one != other:
            yield new.name, ("Conditions", condition), f"the condition {condition} changed"
        else:
            yield from _behind(other, old, new, base, head)
    for _, name, argument in calls(value, ()):
        if name == "Fn::FindInMap" and isinstance(argument, list):
            mapping = str(argument[0])
            one, other = (as_dict(each.source.get("Mappings")).get(mapping) for each in (old, new))
            if one != other:
                yield new.name, _mapping_keys(mapping, one, other), f"the mapping {mapping} changed"
    for each in references(value):
        before, after = old.parameters.get(each.name), new.parameters.get(each.name)
        if after is not None and before != after:
            was = "is new" if before is None else f"was {before!r}"
            place = _given(each.name, new, head) or (new.name, ("Parameters", each.name, "Default"))
            told = "has another value" if each.name in _hidden(old, new) else f"{was} and is now {after!r}"
            yield *place, f"the parameter {each.name} {told}"


def _hidden(*sides: ResolvedStack) -> Iterator[str]:
    """Yield the parameters that NoEcho hides."""
    for side in sides:
        for name, entry in as_dict(side.source.get("Parameters")).items():
            if str(as_dict(entry).get("NoEcho", "")).lower() == "true":
                yield name


def _given(name: str, stack: ResolvedStack, head: Resolved) -> tuple[str, Keys] | None:
    """Return the location where the parent stack sets a parameter."""
    if stack.parent is None:
        return None
    around, logical_id = stack.parent
    declared = as_dict(as_dict(head.stacks[around].declared.get(logical_id)).get("Properties"))
    if name not in as_dict(declared.get("Parameters")):
        return None
    return around, ("Resources", logical_id, "Properties", "Parameters", name)


def _mapping_keys(name: str, one: Json, other: Json) -> Keys:
    """Return the keys of the first differing entry in a mapping."""
    for first, entries in as_dict(other).items():
        for second, value in as_dict(entries).items():
            if as_dict(as_dict(one).get(first)).get(second) != value:
                return "Mappings", name, first, second
    return "Mappings", name
