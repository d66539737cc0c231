"""Finds the project's files for deployed code, so that traces and logs show files that an editor can
open.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.functions.shared.model import FunctionError, Invocation
from harness.observe.code_folders import CODE, LAYERS, Folder, folders_of
from harness.observe.model import Observation
from harness.stack.origin import Origin

IMPORT_ERROR = "Runtime.ImportModuleError"
_DEPLOYED = re.compile(r"(/var/task|/opt)(/[^\s\"':,;)\]}<>\\]+)")


@dataclass(frozen=True)
class Sources:
    """The folders from which functions are packaged, by function name: first the code, then the layers."""

    folders: Mapping[str, tuple[Folder, ...]]

    @classmethod
    def of(cls, origins: Mapping[str, Origin]) -> Sources:
        """Return the folders specified in the templates. Empty if a template cannot be read."""
        return cls({name: folders_of(origin) for name, origin in origins.items()})

    def located(self, text: str, function: str) -> str:
        """Replace the paths of a function's deployed files in a text with paths of the project's files.

        Paths inside the working directory are relative to it. All other text is unchanged.
        """
        folders = self.folders.get(function, ())
        if not folders or (CODE not in text and LAYERS not in text):
            return text

        def found(match: re.Match[str]) -> str:
            for root, folder in folders:
                file = folder / match[2][1:]
                if root == match[1] and file.is_file():
                    return _shown(file)
            return match[0]

        return _DEPLOYED.sub(found, text)


def in_project(observation: Observation, origins: Mapping[str, Origin]) -> Observation:
    """Return an observation in which function traces and logs refer to project files.

    Lambda provides no trace for an import error. The line of the import is used as its trace.
    """
    if not any(_names_files(each) or _is_import(each) for each in observation.invocations):
        return observation
    functions = set(observation.functions.values())
    sources = Sources.of({name: origin for name, origin in origins.items() if name in functions})
    found = []
    for each in observation.invocations:
        name = observation.functions.get(each.function, each.function)
        located = _located(each, sources, name) if _names_files(each) else each
        found.append(_with_import(located, origins.get(name)) if _is_import(each) else located)
    return replace(observation, invocations=tuple(found))


def _names_files(invocation: Invocation) -> bool:
    trace = invocation.error.stack_trace if invocation.error else ()
    return any(root in text for text in (invocation.log, *trace) for root in (CODE, LAYERS))


def _is_import(invocation: Invocation) -> bool:
    error = invocation.error
    return error is not None and error.type == IMPORT_ERROR and not error.stack_trace


def _with_import(invocation: Invocation, origin: Origin | None) -> Invocation:
    from harness.observe.code_places import import_line  # noqa: PLC0415  (failures only)

    error = invocation.error
    found = import_line(origin, error.message) if error is not None and origin is not None else None
    if error is None or found is None:
        return invocation
    frame = f'  File "{_shown(found.file)}", line {found.number}, in <module>\n    {found.text}\n'
    return replace(invocation, error=replace(error, stack_trace=(frame,)))


def _shown(file: Path) -> str:
    relative = os.path.relpath(file)
    return str(file) if relative.startswith("..") else relative


def _located(invocation: Invocation, sources: Sources, function: str) -> Invocation:
    error: FunctionError | None = invocation.error
    if error is not None:
        trace = tuple(sources.located(text, function) for text in error.stack_trace)
        error = replace(error, message=sources.located(error.message, function), stack_trace=trace)
    return replace(invocation, error=error, log=sources.located(invocation.log, function))
