"""The resource types that CloudFormation has, from the schemas that come with cfn-lint.

Only the files are read: the package takes half a second to import. A file with the names of a region's types
takes a millisecond.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from harness.cloudformation.types import CUSTOM
from harness.cloudformation.update_effects import ANY, effects_of
from harness.engine.moto.resources.unserved_types import PROVED
from harness.json_types import Json, JsonObject

MAIN_REGION: Final = "us-east-1"
"""The region that has nearly every type."""


def is_known(name: str) -> bool:
    """Tell whether CloudFormation has a type, in any region; True for all when the schemas are not there."""
    if name in kinds(MAIN_REGION):
        return True
    folder = _folder()
    return folder is None or any(name in kinds(file.stem) for file in (folder / "providers").glob("*-*.json"))


@cache
def schema(name: str) -> JsonObject:
    """The schema of a type; an empty one when there is none."""
    folder, key = _folder(), kinds(MAIN_REGION).get(name)
    if folder is None or key is None:
        return {}
    found: JsonObject = json.loads((folder / "resources" / f"{key}.json").read_text(encoding="utf-8"))
    return found


def identifiers(name: str) -> tuple[str, ...]:
    """The properties that identify a resource of a type; Ref mostly gives the only one."""
    return _names(schema(name).get("primaryIdentifier"))


def attributes(name: str) -> frozenset[str]:
    """The names that Fn::GetAtt may take for a type: what the service decides, and its own properties."""
    properties = schema(name).get("properties")
    own = properties if isinstance(properties, dict) else {}
    return frozenset((*own, *read_only(name)))


def read_only(name: str) -> tuple[str, ...]:
    """The properties of a type that the service decides."""
    return _names(schema(name).get("readOnlyProperties"))


@cache
def create_only(name: str) -> tuple[str, ...]:
    """The properties of a type that cannot be changed: a resource with another value replaces the old one."""
    if name.startswith(CUSTOM):  # its function says it
        return ()
    replacing = ("replaced", "conditional") if name.startswith(PROVED) else ("replaced",)
    return tuple(path for path, effect in effects_of(name).items() if path != ANY and effect in replacing)


def _names(pointers: Json) -> tuple[str, ...]:
    """`/properties/Endpoint/Address` as `Endpoint.Address`."""
    found = pointers if isinstance(pointers, list) else []
    return tuple(str(each).removeprefix("/properties/").replace("/", ".") for each in found)


@cache
def kinds(region: str) -> JsonObject:
    """The types of a region, with the names of their schemas' files."""
    folder = _folder()
    if folder is None:
        return {}
    found: JsonObject = json.loads((folder / "providers" / f"{region}.json").read_text(encoding="utf-8"))
    return found


@cache
def _folder() -> Path | None:
    spec = find_spec("cfnlint")
    places = spec.submodule_search_locations if spec else None
    found = Path(places[0]) / "data" / "schemas" if places else None
    return found if found and (found / "providers" / f"{MAIN_REGION}.json").exists() else None
