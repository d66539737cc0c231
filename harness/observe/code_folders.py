"""The local folders from which a function is packaged, according to its template."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from harness.json_types import Json, JsonObject, as_dict
from harness.stack.assets import Assets
from harness.stack.origin import Origin
from harness.stack.template import TemplateError, look_at

CODE, LAYERS = "/var/task", "/opt"
Folder: TypeAlias = tuple[str, Path]
"""A folder in a function, and the local folder from which it is packaged."""


def folders_of(origin: Origin) -> tuple[Folder, ...]:
    """Return a function's folders as specified in its template: first the code, then the layers."""
    return tuple(_folders(origin))


def properties_of(origin: Origin) -> JsonObject:
    """Return a resource's properties, or an empty mapping if the template cannot be read."""
    return _properties(_declared(origin).get(origin.logical_id))


def _declared(origin: Origin) -> JsonObject:
    try:
        return as_dict(look_at(origin.template)["Resources"])
    except TemplateError:
        return {}


def _folders(origin: Origin) -> Iterator[Folder]:
    declared = _declared(origin)
    assets = Assets(origin.template)
    properties = _properties(declared.get(origin.logical_id))
    for key in ("Code", "CodeUri"):
        if (code := assets.local(properties.get(key), "S3Bucket", "S3Key")) is not None:
            yield CODE, _folder(code)
    layers = properties.get("Layers")
    for layer in layers if isinstance(layers, list) else ():
        of_layer = _properties(declared.get(str(layer.get("Ref")))) if isinstance(layer, dict) else {}
        for key in ("Content", "ContentUri"):
            if (content := assets.local(of_layer.get(key), "S3Bucket", "S3Key")) is not None:
                yield LAYERS, _folder(content)


def _folder(code: Path) -> Path:
    """Return the folder whose files are deployed. For a single file, return its parent folder."""
    return code.parent if code.is_file() else code


def _properties(resource: Json) -> JsonObject:
    return as_dict(as_dict(resource).get("Properties"))
