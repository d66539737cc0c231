"""Both sides of a comparison, with other values for the parameters that conditions depend on.

A stack deployed with `Env=prod` has resources that the default stack does not have. The comparison therefore
tries further values for each parameter used by a condition or mapping that affects a change. The values are
those in the conditions and mappings. They are set one at a time, on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.cloudformation.functions import calls, references
from harness.gate.base import BaseError
from harness.gate.relevance import conditions_in, relevant_parameters
from harness.gate.resolved import Resolved, ResolvedStack
from harness.json_types import Json, JsonObject, as_dict

MANY: Final = 32
"""Maximum number of values to try."""
Pair = tuple[str, Resolved, Resolved]
"""The values as text ("" for the values in the settings), the base and the head."""


def variants(base: Resolved, head: Resolved) -> Iterator[Pair]:
    """Yield the pair itself, and then the pair with other values for common parameters."""
    yield "", base, head
    if _is_same(base, head):
        return
    partners = _partners(base, head)
    relevant = relevant_parameters(base, head)
    tried = 0
    for values in _assignments(base, head, partners):
        if tried == MANY:
            return
        if not any(name in relevant or partners[name] in relevant for name in values):
            continue
        tried += 1
        of_base = {partners[name]: value for name, value in values.items()}
        try:
            one, other = base.again(values=of_base), head.again(values=values)
            assert one.stacks is not None
            assert other.stacks is not None
        except BaseError:
            continue  # the template rejects this value
        yield ", ".join(f"{name}={value}" for name, value in values.items()), one, other


def _is_same(base: Resolved, head: Resolved) -> bool:
    """Return whether both sides have the same templates with the same parameters."""
    one, other = base.stacks, head.stacks
    return one.keys() == other.keys() and all(
        (one[name].source, one[name].parameters) == (other[name].source, other[name].parameters)
        for name in one
    )


def _partners(base: Resolved, head: Resolved) -> Mapping[str, str]:
    """Map parameters in the head to those in the base: with the same name, or with the same value."""
    before, after = _parameters(base), _parameters(head)
    found = {name: name for name in after if name in before}
    for name in after:
        same = [
            other
            for other in before
            if other not in after and name not in found and before[other][1:] == after[name][1:]
        ]
        if len(same) == 1:
            found[name] = same[0]
    return found


def _parameters(side: Resolved) -> Mapping[str, tuple[str, Json, str]]:
    """Map parameter names to name, type and value, for all stacks that are not nested."""
    return {
        name: (name, as_dict(declared).get("Type"), stack.parameters.get(name, ""))
        for stack in _top(side)
        for name, declared in as_dict(stack.source.get("Parameters")).items()
    }


def _top(side: Resolved) -> Iterator[ResolvedStack]:
    return (stack for stack in side.stacks.values() if stack.parent is None)


def _assignments(base: Resolved, head: Resolved, partners: Mapping[str, str]) -> Iterator[dict[str, str]]:
    back = {old: new for new, old in partners.items()}
    values: dict[str, dict[str, None]] = {}
    together: list[list[str]] = []
    for side, name_of in ((head, {name: name for name in partners}), (base, back)):
        for stack in _top(side):
            for name, value in _compared(stack.source):
                if name in name_of:
                    values.setdefault(name_of[name], {})[value] = None
            for expression in as_dict(stack.source.get("Conditions")).values():
                names = _named(expression, stack.source)
                if len(names) > 1 and all(name in name_of for name in names):
                    together.append([name_of[name] for name in names])
    now = _parameters(head)
    for name, literals in values.items():
        for value in (*literals, _other(head, name, literals)):
            if value != now[name][2]:
                yield {name: value}
    for group in together:
        firsts = {name: next(iter(values[name])) for name in group if name in values}
        others = {name: _other(head, name, values[name]) for name in group if name in values}
        yield from (firsts, others)


def _compared(source: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield each parameter with the values in its comparisons, and the keys in its mappings."""
    for _, name, argument in calls([source.get("Conditions"), source.get("Rules")], ()):
        if name == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
            for one, other in (argument, argument[::-1]):
                parameter = as_dict(one).get("Ref")
                if isinstance(parameter, str) and isinstance(other, str | int):
                    yield parameter, str(other)
    mappings = as_dict(source.get("Mappings"))
    for _, name, argument in calls([source.get("Resources"), source.get("Conditions")], ()):
        if name == "Fn::FindInMap" and isinstance(argument, list) and len(argument) > 2:
            parameter = as_dict(argument[1]).get("Ref")
            for key in as_dict(mappings.get(str(argument[0]))) if isinstance(parameter, str) else ():
                yield str(parameter), key


def _named(expression: Json, source: JsonObject) -> list[str]:
    """Return the parameters that a condition depends on, directly or through other conditions."""
    conditions = as_dict(source.get("Conditions"))
    found: dict[str, None] = {}
    ahead: list[Json] = [expression]
    seen: set[str] = set()
    while ahead:
        value = ahead.pop()
        found.update(dict.fromkeys(each.name for each in references(value)))
        for name in conditions_in(value):
            if name not in seen:
                seen.add(name)
                ahead.append(conditions.get(name))
    return list(found)


def _other(side: Resolved, name: str, literals: Mapping[str, None]) -> str:
    """Return a value that no condition contains, from the allowed values if the template lists them."""
    for stack in _top(side):
        declared = as_dict(as_dict(stack.source.get("Parameters")).get(name))
        allowed = declared.get("AllowedValues")
        for value in allowed if isinstance(allowed, list) else ():
            if str(value) not in literals:
                return str(value)
    return f"other-{name}"
