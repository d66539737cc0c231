"""Inserts local replacements for layers and images that a template only refers to."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.files import is_file, is_folder
from harness.json_types import JsonObject, as_dict
from harness.notes import Note
from harness.reasons import NOT_SERVED
from harness.stack.build import LAYER, Build
from harness.stack.elsewhere import Elsewhere, ImageCode, Layer
from harness.stack.not_served import place_of
from harness.stack.public_layers import name_of

_ANSWERED: Final = "stand-ins respond in place of the function"


@dataclass(frozen=True)
class StandIn:
    """A layer that was added to a template: its logical ID, and its build, if it has one."""

    resource: str
    build: Build | None


def put_layers(
    template: JsonObject, name: str, elsewhere: Elsewhere, runtime: str, *, lenient: bool = False
) -> Iterator[StandIn | Layer]:
    """Add the local replacements for a function's layers. Return the added and omitted layers.

    If `lenient`, layers without a replacement are omitted, because stand-ins respond in place of the
    function.

    Raises:
        ElsewhereError: the replacement in the settings does not exist.
    """
    resources = as_dict(template["Resources"])
    properties = as_dict(as_dict(resources[name]).get("Properties"))
    listed = properties.get("Layers")
    layers = list(listed) if isinstance(listed, list) else []
    for layer in reversed(tuple(elsewhere.layers(name, properties))):
        if layer.place is not None:
            made = _add(resources, layer, runtime)
            layers[layer.index] = {"Ref": made.resource}
            yield made
        elif layer.harmless or lenient:
            del layers[layer.index]
            yield layer if layer.harmless else replace(layer, harmless=_ANSWERED)
    if lenient:  # possibly an ARN that is known only at deployment
        properties.pop("Layers", None)
    elif isinstance(listed, list):
        properties["Layers"] = layers


def put_image(properties: JsonObject, code: ImageCode) -> None:
    """Convert a container image function to a Python function. Packaging adds its Code."""
    for name in ("PackageType", "ImageConfig", "ImageUri", "Code"):
        properties.pop(name, None)
    properties |= {"Handler": code.handler, "Runtime": code.runtime}
    if code.image is not None and code.image.variables:
        environment = as_dict(properties.get("Environment"))
        own = as_dict(environment.get("Variables"))
        properties["Environment"] = {**environment, "Variables": {**code.image.variables, **own}}


def without_code(properties: JsonObject, missing: Path) -> bytes:
    """Return placeholder code for a function whose code is missing. It raises an error if invoked."""
    handler = str(properties.get("Handler") or "index.handler")
    module = handler.rpartition(".")[0].replace("/", ".") or "index"
    message = f"{missing} not found; this function was invoked although stand-ins should respond in its place"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        name = zipfile.ZipInfo(module.replace(".", "/") + ".py", (1980, 1, 1, 0, 0, 0))
        archive.writestr(name, f"raise ImportError({message!r})\n")
    return made.getvalue()


def left_out(elsewhere: Elsewhere, name: str, layer: Layer) -> Note:
    """Return the note about a layer omitted from a function."""
    place = place_of(elsewhere.path, name, "Layers")
    return Note(
        NOT_SERVED,
        place,
        f"{name}.Layers (AWS::Lambda::Function)",
        f"{layer.arn} is omitted: {layer.harmless}",
    )


def from_source(elsewhere: Elsewhere, name: str, code: ImageCode) -> Note:
    """Return the note about a function that does not run in its container image."""
    place = place_of(elsewhere.path, name, "PackageType")
    return Note(
        "runtime", place, name, f"ran from {os.path.relpath(code.folder)}, not in its container image"
    )


def _add(resources: JsonObject, layer: Layer, runtime: str) -> StandIn:
    """Add a replacement layer, once for each ARN."""
    assert layer.place is not None, "only layers with a replacement are added"
    name = name_of(layer.arn)
    content = str(layer.place.absolute())
    made: JsonObject = {"Type": LAYER, "Properties": {"LayerName": name, "Content": content}}
    base = re.sub(r"[^A-Za-z0-9]", "", name) or "Layer"
    resource, number = base, 2
    while resource in resources and resources[resource] != made:
        resource, number = f"{base}{number}", number + 1
    resources[resource] = made
    asks = is_file(layer.place / "requirements.txt") and not is_folder(layer.place / "python")
    return StandIn(resource, Build(f"layer {name}", runtime, "pip", "python") if asks and runtime else None)
