"""Finds the project's files behind deployed code, so that traces and logs name what an editor opens."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.functions.shared.model import FunctionError, Invocation
from harness.json_types import Json, JsonObject
from harness.observe.model import Observation
from harness.stack.template import TemplateError, read_template

CODE, LAYERS = "/var/task", "/opt"
_DEPLOYED = re.compile(r"(/var/task|/opt)(/[^\s\"':,;)\]}<>\\]+)")


@dataclass(frozen=True)
class Sources:
    """The folders from which functions are packaged: by logical id, the code's first, then the layers'."""

    folders: Mapping[str, tuple[tuple[str, Path], ...]]

    @classmethod
    def of(cls, template: Path | None) -> Sources:
        """Those that a template names; none if it cannot be read."""
        try:
            declared = {} if template is None else read_template(template)["Resources"]
        except (TemplateError, KeyError):
            declared = {}
        if template is None or not isinstance(declared, dict):
            return cls({})
        return cls({name: tuple(_folders(name, declared, template.parent)) for name in declared})

    def located(self, text: str, function: str) -> str:
        """A text in which deployed files of a function (a logical id) are those of the project.

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


def in_project(observation: Observation, template: Path | None) -> Observation:
    """An observation in which traces and logs of functions name files of the project."""
    if not any(_names_files(each) for each in observation.invocations):
        return observation
    sources = Sources.of(template)
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


def _folders(name: str, declared: JsonObject, root: Path) -> Iterator[tuple[str, Path]]:
    properties = _properties(declared.get(name))
    for key in ("Code", "CodeUri"):
        if isinstance(code := properties.get(key), str):
            yield CODE, _folder(root / code)
    layers = properties.get("Layers")
    for layer in layers if isinstance(layers, list) else ():
        of_layer = _properties(declared.get(str(layer.get("Ref")))) if isinstance(layer, dict) else {}
        for key in ("Content", "ContentUri"):
            if isinstance(content := of_layer.get(key), str):
                yield LAYERS, _folder(root / content)


def _folder(code: Path) -> Path:
    """The folder whose files are deployed; that of a single file."""
    return code.parent if code.is_file() else code


def _properties(resource: Json) -> JsonObject:
    properties = resource.get("Properties") if isinstance(resource, dict) else None
    return properties if isinstance(properties, dict) else {}
