"""Finds the project's files behind deployed code, so that traces and logs name what an editor opens."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from harness.functions.shared.model import FunctionError, Invocation
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.model import Observation
from harness.stack.assets import Assets
from harness.stack.origin import Origin
from harness.stack.template import TemplateError, look_at

CODE, LAYERS = "/var/task", "/opt"
Folder: TypeAlias = tuple[str, Path]
"""A folder of a function, and the one on this machine from which it is packaged."""
_DEPLOYED = re.compile(r"(/var/task|/opt)(/[^\s\"':,;)\]}<>\\]+)")


@dataclass(frozen=True)
class Sources:
    """The folders from which functions are packaged: by their names, the code's first, then the layers'."""

    folders: Mapping[str, tuple[Folder, ...]]

    @classmethod
    def of(cls, origins: Mapping[str, Origin]) -> Sources:
        """Those that templates name for their resources; none of a template that cannot be read."""
        return cls({name: folders_of(origin) for name, origin in origins.items()})

    def located(self, text: str, function: str) -> str:
        """A text in which deployed files of a function (by its name) are those of the project.

        They are named relative to the working directory, if they are below it. All other text stays as it is.
        """
        folders = self.folders.get(function, ())
        if not folders or (CODE not in text and LAYERS not in text):
            return text

        def found(match: re.Match[str]) -> str:
            for root, folder in folders:
                file = folder / match[2][1:]
                if root == match[1] and file.is_file():
                    relative = os.path.relpath(file)
                    return str(file) if relative.startswith("..") else relative
            return match[0]

        return _DEPLOYED.sub(found, text)


def in_project(observation: Observation, origins: Mapping[str, Origin]) -> Observation:
    """An observation in which traces and logs of functions name files of the project."""
    if not any(_names_files(each) for each in observation.invocations):
        return observation
    functions = set(observation.functions.values())
    sources = Sources.of({name: origin for name, origin in origins.items() if name in functions})
    names = observation.functions
    return replace(
        observation,
        invocations=tuple(
            _located(each, sources, names.get(each.function, each.function)) if _names_files(each) else each
            for each in observation.invocations
        ),
    )


def _names_files(invocation: Invocation) -> bool:
    trace = invocation.error.stack_trace if invocation.error else ()
    return any(root in text for text in (invocation.log, *trace) for root in (CODE, LAYERS))


def _located(invocation: Invocation, sources: Sources, function: str) -> Invocation:
    error: FunctionError | None = invocation.error
    if error is not None:
        trace = tuple(sources.located(text, function) for text in error.stack_trace)
        error = replace(error, message=sources.located(error.message, function), stack_trace=trace)
    return replace(invocation, error=error, log=sources.located(invocation.log, function))


def folders_of(origin: Origin) -> tuple[Folder, ...]:
    """The folders of a function that its template names: the code's first, then the layers'."""
    return tuple(_folders(origin))


def properties_of(origin: Origin) -> JsonObject:
    """The properties of a resource; none of a template that cannot be read."""
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
    """The folder whose files are deployed; that of a single file."""
    return code.parent if code.is_file() else code


def _properties(resource: Json) -> JsonObject:
    return as_dict(as_dict(resource).get("Properties"))
