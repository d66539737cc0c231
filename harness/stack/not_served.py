"""Notes about declarations in a template that the engine does not support."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from harness.json_types import as_dict
from harness.notes import Note
from harness.plain import DefinitionPath
from harness.reasons import Reason, read_reasons
from harness.stack.lines import TemplateLines
from harness.stack.model import Resource
from harness.stack.origins import origin_of
from harness.stack.template import look_at
from harness.stack.transformed import NO_PARAMETERS

NOT_ON_AWS = ("AWS::CDK::Metadata",)
"""Types that create nothing on AWS either."""
NO_PERMISSIONS = "not checked: a definition without a template has no roles, so all calls are allowed"
_UNEXPLAINED = Reason("the engine did not create it, and gave no reason")


def notes_of(
    template: Path | None,
    resources: Mapping[str, Resource],
    reasons: Mapping[str, str],
    parameters: Mapping[str, str] = NO_PARAMETERS,
) -> tuple[Note, ...]:
    """Return notes about a stack's resources as listed by the engine.

    Args:
        template: the stack's template. Without it, notes lack a location and missing resources are not found.
        reasons: the engine's reason for each resource (`ResourceStatusReason`).
        parameters: the parameters of the stack.
    """
    notes = [
        _note(template, name, resources[name].type, each)
        for name, text in reasons.items()
        for each in read_reasons(text)
    ]
    if isinstance(template, DefinitionPath):
        notes.append(Note("template", os.path.relpath(template), "permissions", NO_PERMISSIONS))
    for name, kind in _declared(template, parameters) if template else ():
        if name not in resources:
            notes.append(_note(template, name, kind, _UNEXPLAINED))
    return tuple(sorted(notes, key=_line))


def _note(template: Path | None, name: str, kind: str, said: Reason) -> Note:
    subject = f"{name}.{said.part} ({kind})" if said.part else f"{name} ({kind})"
    if template is not None:
        declared = as_dict(look_at(template)["Resources"]).get(name)
        subject = origin_of(template, "", name, declared, kind).shown(said.part)
    return Note(said.heading, place_of(template, name, said.part), subject, said.meaning)


def place_of(template: Path | None, name: str, part: str) -> str:
    """Return the location of a resource, or of its property with the path `part`: `template.yaml:12`."""
    if template is None:
        return ""
    line = _lines(template, template.stat().st_mtime_ns).line(
        "Resources", name, *(("Properties", *part.split(".")) if part else ())
    )
    return f"{os.path.relpath(template)}:{line}"


@lru_cache(maxsize=8)
def _lines(template: Path, _changed_ns: int) -> TemplateLines:
    """Return the line numbers in a template. Cached, because a session often deploys the same template."""
    return TemplateLines(template)


def _declared(template: Path, parameters: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the resources that are guaranteed to be created: without a condition, and not changed by a
    transform.
    """
    read = look_at(template, parameters)
    resources = read["Resources"]
    if "Transform" in read or not isinstance(resources, dict):
        return
    for name, resource in resources.items():
        if isinstance(resource, dict) and "Condition" not in resource:
            kind = str(resource.get("Type"))
            if kind not in NOT_ON_AWS:
                yield name, kind


def _line(note: Note) -> int:
    line = note.place.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0
