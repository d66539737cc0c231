"""Maps executed lines in deployed code to lines in the project's files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.functions.shared.model import Ran, RanByFile
from harness.json_types import Json, as_dict
from harness.observe.code_folders import CODE, LAYERS, Folder, folders_of, properties_of
from harness.observe.copies import originals, project_above
from harness.observe.model import Observation
from harness.stack.origin import Origin

_OF_LAYER = "python/"


def lines_in_project(observation: Observation, origins: Mapping[str, Origin]) -> Observation:
    """Return an observation whose executed lines refer to the project's files, by absolute path.

    For a function whose code is not in a project file, add a sentence to `not_measured` instead.
    """
    if not observation.ran:
        return observation
    lines: dict[str, set[int | tuple[int, int]]] = {}
    reasons: dict[str, None] = {}
    for deployed, ran in observation.ran.items():
        name = observation.functions.get(deployed, deployed)
        origin = origins.get(name)
        found = _files(folders_of(origin) if origin else (), ran)
        for file, path in found.items():
            lines.setdefault(str(path), set()).update(ran[file])
        if not any(file.startswith(f"{CODE}/") for file in found):
            reasons[f"lines of {origin.readable if origin else name} are not counted: {_reason(origin)}"] = (
                None
            )
    mapped: dict[str, Ran] = {path: sorted(found) for path, found in lines.items()}
    return replace(observation, ran={}, lines=mapped, not_measured=tuple(reasons))


def _files(folders: Sequence[Folder], ran: RanByFile) -> Mapping[str, Path]:
    """Return the project's files, if found, by their paths in the function."""
    found: dict[str, Path] = {}
    for root, folder in folders:
        names = {file.removeprefix(f"{root}/"): file for file in ran if file.startswith(f"{root}/")}
        project = project_above(folder)
        if project is not None:
            copied = originals(folder, project, names)
            found |= {names[name]: path for name, path in copied.items() if names[name] not in found}
            continue
        for name, file in names.items():
            # SAM builds a layer with a BuildMethod into `python`.
            for each in (name, *([name.removeprefix(_OF_LAYER)] if root == LAYERS else [])):
                if file not in found and (folder / each).is_file():
                    found[file] = Path(os.path.abspath(folder / each))
    return found


def _reason(origin: Origin | None) -> str:
    if origin is None:
        return "no template declares it"
    properties = properties_of(origin)
    code: Json = properties.get("Code")
    if "ZipFile" in as_dict(code):
        return (
            f"its code is inline in {os.path.relpath(origin.template)}; coverage.py reads Python files only"
        )
    if "ImageUri" in properties or "ImageUri" in as_dict(code):
        return "its code is in an image"
    return "its code is not in a file of this project or a copy of one"
