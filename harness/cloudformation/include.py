"""`AWS::Include`: inserts the content of other files into a template.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.cloudformation.faults import Key, refuse
from harness.cloudformation.functions import TRANSFORM
from harness.json_types import Json, JsonObject

INCLUDE: Final = "AWS::Include"

Load = Callable[[str], JsonObject]
"""Returns the content at a location, `s3://BUCKET/KEY` or a local path. Raises TemplateRefused."""
_Loaded = Callable[[JsonObject, "tuple[Key, ...]"], JsonObject]


def nothing_included(location: str) -> JsonObject:
    """Reject a location. Raises TemplateRefused."""
    raise refuse(f"{INCLUDE} of {location} is not served here", remedy="replace it with the included content")


def included(template: JsonObject, load: Load, value: Callable[[Json], Json]) -> JsonObject:
    """Return the template with the content of all includes inserted next to its own entries.

    `value` evaluates a location whose functions refer to parameters.

    Raises:
        TemplateRefused: an include has no location, or the location cannot be read.
    """

    def loaded(include: JsonObject, keys: tuple[Key, ...]) -> JsonObject:
        return _loaded(include, load, value, keys)

    made = _included(template, loaded, ())
    assert isinstance(made, dict), "a template stays a template"
    if "Transform" not in made:
        return made
    named = made["Transform"]
    entries = named if isinstance(named, list) else [named]
    for number, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("Name") == INCLUDE:
            keys: tuple[Key, ...] = ("Transform", number) if isinstance(named, list) else ("Transform",)
            made = {**made, **loaded(entry, keys)}
    if left := [entry for entry in entries if not (isinstance(entry, dict) and entry.get("Name") == INCLUDE)]:
        return {**made, "Transform": left if isinstance(named, list) else named}
    return {key: value for key, value in made.items() if key != "Transform"}


def _included(value: Json, loaded: _Loaded, keys: tuple[Key, ...]) -> Json:
    if isinstance(value, list):
        return [_included(entry, loaded, (*keys, number)) for number, entry in enumerate(value)]
    if not isinstance(value, dict):
        return value
    made: JsonObject = {}
    for key, entry in value.items():
        if key == TRANSFORM and isinstance(entry, dict) and entry.get("Name") == INCLUDE:
            made.update(loaded(entry, (*keys, key)))
        else:
            made[key] = _included(entry, loaded, (*keys, key))
    return made


def _loaded(
    include: JsonObject, load: Load, value: Callable[[Json], Json], keys: tuple[Key, ...]
) -> JsonObject:
    parameters = include.get("Parameters")
    location = value(parameters.get("Location")) if isinstance(parameters, dict) else None
    if not isinstance(location, str):
        raise refuse(
            f"Transform {INCLUDE} failed with: The location parameter is not a string: {location!r}",
            *keys,
            remedy="write `Parameters: {Location: PATH}`, a local path or s3://BUCKET/KEY",
        )
    try:
        return load(location)
    except ValueError as error:  # TemplateRefused, whose locations refer to the other file
        raise refuse(f"Transform {INCLUDE} failed with: {location}: {error}", *keys) from error
