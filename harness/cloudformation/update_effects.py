"""The effect of a property change on a resource: none, an interruption, or a replacement.

Sources are the provider schemas (`createOnlyProperties`, `conditionalCreateOnlyProperties`) and additional
facts from the documentation, see `update_corrections`. DynamoDB's KeySchema is listed only as conditional.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, Literal

from harness.cloudformation.types import CUSTOM, schema_of
from harness.cloudformation.update_corrections import CONDITIONAL, INTERRUPTED, REPLACED
from harness.json_types import Json, JsonObject, as_dict

Effect = Literal["none", "interrupted", "replaced", "conditional"]
"""`conditional` counts as `replaced` unless a different effect is known."""
ANY: Final = "*"
"""Placeholder for all properties of a type without a schema."""
_NAMES: Final = ("IndexName", "AttributeName", "Name", "Id", "Key", "Region")
"""Members that identify list elements. The first member that all elements have is used."""


@cache
def effects_of(resource_type: str) -> Mapping[str, Effect]:
    """Property path -> the effect of its change, for paths with an effect.

    A path is a schema path without lists: `Keys.Name` is the name of each key. Nested values have the effect
    of their property. For a type without a schema, everything is conditional, because the effect is unknown.
    The properties of a custom resource are passed to a function, which decides on the effect. Specifying a
    different function replaces the resource.
    """
    if resource_type.startswith(CUSTOM):
        return {"ServiceToken": "replaced"}
    schema = schema_of(resource_type)
    if schema is None:
        return {ANY: "conditional"}
    found: dict[str, Effect] = {}
    for path in INTERRUPTED.get(resource_type, "").split():
        found[path] = "interrupted"
    for path in (
        *_paths(schema, "conditionalCreateOnlyProperties"),
        *CONDITIONAL.get(resource_type, "").split(),
    ):
        found[path] = "conditional"
    for path in (*_paths(schema, "createOnlyProperties"), *REPLACED.get(resource_type, "").split()):
        found[path] = "replaced"
    return found


def effect_of(resource_type: str, path: str) -> Effect:
    """Return the effect of a change at a path: `KeySchema`, `ComputeResources.Type`.

    >>> effect_of("AWS::DynamoDB::Table", "KeySchema.AttributeName")
    'replaced'
    """
    effects = effects_of(resource_type)
    keys = path.split(".")
    ways = (".".join(keys[:end]) for end in range(len(keys), 0, -1))
    return next((effects[way] for way in (*ways, ANY) if way in effects), "none")


def is_interruption_only(resource_type: str, path: str) -> bool:
    """Return whether a conditional change is known to only interrupt a resource and never replace it."""
    return path in INTERRUPTED.get(resource_type, "").split()


def changed_effects(
    resource_type: str, before: JsonObject, after: JsonObject
) -> Iterator[tuple[str, Effect]]:
    """Return each path whose value differs between the properties and whose change has an effect, with the
    effect.

    An added or removed list element does not count as a change inside the other elements.
    """
    for path, effect in effects_of(resource_type).items():
        if path == ANY:
            if before != after:
                yield path, effect
        elif _differ(before, after, path.split(".")) and not (
            is_unordered(resource_type, path) and _is_reordered(before.get(path), after.get(path))
        ):
            yield path, effect


def is_unordered(resource_type: str, name: str) -> bool:
    """Return whether the order of a property's elements is irrelevant."""
    properties = as_dict((schema_of(resource_type) or {}).get("properties"))
    return as_dict(properties.get(name)).get("insertionOrder") is False


def _is_reordered(before: Json, after: Json) -> bool:
    if not isinstance(before, list) or not isinstance(after, list):
        return False
    one, other = (sorted(json.dumps(each, sort_keys=True) for each in value) for value in (before, after))
    return one == other


def _differ(before: Json, after: Json, path: list[str]) -> bool:
    if not path:
        return before != after
    if isinstance(before, list) and isinstance(after, list):
        return any(_differ(one, other, path) for one, other in _pairs(before, after))
    if isinstance(before, list | dict) or isinstance(after, list | dict):
        return _differ(_member(before, path[0]), _member(after, path[0]), path[1:])
    return False


def _member(value: Json, key: str) -> Json:
    if isinstance(value, list):  # the other value is not a list
        return [_member(each, key) for each in value]
    return value.get(key) if isinstance(value, dict) else None


def _pairs(before: list[Json], after: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Pair the elements of two lists: by name, otherwise by position."""
    for name in _NAMES:
        one, other = _named(before, name), _named(after, name)
        if one is not None and other is not None:
            yield from ((each, other[key]) for key, each in one.items() if key in other)
            return
    yield from zip(before, after, strict=False)
    if len(before) != len(after) and not all(isinstance(each, dict) for each in (*before, *after)):
        yield before[len(after) :], after[len(before) :]


def _named(elements: list[Json], name: str) -> dict[str, Json] | None:
    known = (each for each in elements if isinstance(each, dict) and name in each)
    found: dict[str, Json] = {str(each[name]): each for each in known}
    return found if len(found) == len(elements) else None


def _paths(schema: JsonObject, key: str) -> Iterator[str]:
    """Convert `/properties/Endpoint/*/Address` to `Endpoint.Address`."""
    pointers = schema.get(key)
    for pointer in pointers if isinstance(pointers, list) else ():
        keys = str(pointer).removeprefix("/properties/").split("/")
        yield ".".join(each for each in keys if each not in ("*", "items", "properties"))
