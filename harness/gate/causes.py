"""Finds the place in the head's template that was changed, where that is not the property itself."""

from __future__ import annotations

from collections.abc import Iterator

from harness.cloudformation.faults import Key
from harness.cloudformation.functions import calls, function_of, references
from harness.gate.resolved import Resolved, ResolvedStack, Resource
from harness.json_types import Json, as_dict

Keys = tuple[Key, ...]


def cause_of(
    base: Resolved, head: Resolved, before: Resource, after: Resource, path: str
) -> tuple[Keys, str]:
    """The keys of what makes a property of a resource another one, and that in words; ("" for itself)."""
    own: Keys = ("Resources", after.logical_id, "Properties", *path.split("."))
    name = path.partition(".")[0]
    one = as_dict(before.declared.get("Properties")).get(name)
    other = as_dict(after.declared.get("Properties")).get(name)
    old, new = base.stacks.get(before.stack), head.stacks.get(after.stack)
    if one != other or old is None or new is None:
        return own, ""
    return next(_behind(other, old, new), (own, ""))


def condition_cause(base: Resolved, head: Resolved, lost: Resource) -> tuple[Keys, str]:
    """Likewise, of a resource whose condition does not hold any more."""
    old, new = base.stacks[lost.stack], head.stacks[lost.stack]
    declared = as_dict(new.declared.get(lost.logical_id))
    own: Keys = ("Resources", lost.logical_id, "Condition")
    name = str(declared.get("Condition"))
    if lost.declared.get("Condition") != name:
        return own, ""
    return next(_behind({"Condition": name}, old, new), (own, ""))


def _behind(value: Json, old: ResolvedStack, new: ResolvedStack) -> Iterator[tuple[Keys, str]]:
    """What a value depends on and what differs between two templates: conditions, mappings, parameters."""
    for condition in _conditions_in(value):
        one, other = (as_dict(each.source.get("Conditions")).get(condition) for each in (old, new))
        if one != other:
            yield ("Conditions", condition), f"the condition {condition} is another one"
        else:
            yield from _behind(other, old, new)
    for _, name, argument in calls(value, ()):
        if name == "Fn::FindInMap" and isinstance(argument, list):
            mapping = str(argument[0])
            one, other = (as_dict(each.source.get("Mappings")).get(mapping) for each in (old, new))
            if one != other:
                yield _mapping_keys(mapping, one, other), f"the mapping {mapping} is another one"
    for each in references(value):
        before, after = old.parameters.get(each.name), new.parameters.get(each.name)
        if after is not None and before != after:
            keys: Keys = ("Parameters", each.name, "Default")
            was = "had no such name" if before is None else f"was {before!r}"
            yield keys, f"the parameter {each.name} {was} and is {after!r}"


def _mapping_keys(name: str, one: Json, other: Json) -> Keys:
    """The keys of the first entry of a mapping that differs."""
    for first, entries in as_dict(other).items():
        for second, value in as_dict(entries).items():
            if as_dict(as_dict(one).get(first)).get(second) != value:
                return "Mappings", name, first, second
    return "Mappings", name


def _conditions_in(value: Json) -> Iterator[str]:
    """The names of the conditions that a value or an expression depends on."""
    called = function_of(value)
    if called is not None and called[0] == "Condition":
        yield str(called[1])
    if called is not None and called[0] == "Fn::If" and isinstance(called[1], list):
        yield str(called[1][0])
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _conditions_in(each)
