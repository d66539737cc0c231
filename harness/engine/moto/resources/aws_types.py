"""CloudFormation resource types, from the schemas in cfn-lint.

This module only reads the files, because importing the package takes half a second. Reading the
file that lists the type names in a region takes a millisecond.
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
"""A region that supports nearly every type."""


def is_known(name: str) -> bool:
    """Return whether CloudFormation supports a type in any region.

    Always True if the schemas are not installed.
    """
    if name in kinds(MAIN_REGION):
        return True
    folder = _folder()
    return folder is None or any(name in kinds(file.stem) for file in (folder / "providers").glob("*-*.json"))


@cache
def schema(name: str) -> JsonObject:
    """Return the schema of a type, or an empty one."""
    folder, key = _folder(), kinds(MAIN_REGION).get(name)
    if folder is None or key is None:
        return {}
    found: JsonObject = json.loads((folder / "resources" / f"{key}.json").read_text(encoding="utf-8"))
    return found


def identifiers(name: str) -> tuple[str, ...]:
    """Return the properties that identify a resource of a type.

    If there is only one, Ref usually returns it.
    """
    return _names(schema(name).get("primaryIdentifier"))


def attributes(name: str) -> frozenset[str]:
    """Return the names that Fn::GetAtt accepts for a type: its properties, including read-only ones."""
    properties = schema(name).get("properties")
    own = properties if isinstance(properties, dict) else {}
    return frozenset((*own, *read_only(name)))


def read_only(name: str) -> tuple[str, ...]:
    """Return the read-only properties of a type, which the service sets."""
    return _names(schema(name).get("readOnlyProperties"))


@cache
def create_only(name: str) -> tuple[str, ...]:
    """Return the create-only properties of a type. A different value replaces the resource."""
    if name.startswith(CUSTOM):  # its function determines that
        return ()
    replacing = ("replaced", "conditional") if name.startswith(PROVED) else ("replaced",)
    return tuple(path for path, effect in effects_of(name).items() if path != ANY and effect in replacing)


def _names(pointers: Json) -> tuple[str, ...]:
    """Convert paths: `/properties/Endpoint/Address` to `Endpoint.Address`."""
    found = pointers if isinstance(pointers, list) else []
    return tuple(str(each).removeprefix("/properties/").replace("/", ".") for each in found)


@cache
def kinds(region: str) -> JsonObject:
    """Return the types in a region, with the file names of their schemas."""
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
