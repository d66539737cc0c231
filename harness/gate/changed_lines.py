"""Lines that a commit changed. They are the locations for findings about their effects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.gate.changed_files import ChangedFile
from harness.gate.finding import Finding
from harness.gate.resolved import Resolved
from harness.report.layout import shown_path

_MANY: Final = 5
"""Maximum number of additional locations in a finding."""
_DECLARING: Final = (".json", ".yaml", ".yml")
"""Suffixes of definition files. Like templates, they are listed after code."""
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Place:
    """A changed line. `names` are the resources in the template that it affects."""

    path: Path
    line: int
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Changed:
    """The changed lines in deployed files, code first."""

    places: tuple[Place, ...]

    @classmethod
    def of(cls, files: Sequence[ChangedFile], head: Resolved) -> Changed:
        """Return the changed lines in the folders of the templates."""
        templates = {stack.template.resolve() for stack in head.stacks.values()}
        folders = {template.parent for template in templates}
        found = [each for each in files if any(each.path.resolve().is_relative_to(one) for one in folders)]
        declaring = {*templates, *(each.path.resolve() for each in found if each.path.suffix in _DECLARING)}
        found.sort(key=lambda each: (each.path.resolve() in declaring, each.path))
        names = dict(_handlers(head))
        return cls(tuple(place for each in found for place in _places(each, head, names)))

    def placed(self, finding: Finding, otherwise: Path) -> Finding:
        """Place a finding at the changed line for a resource that it mentions, or at the first changed line.

        Its details list the other lines. If nothing changed, the finding is placed in the file `otherwise`.
        """
        if finding.file is not None or not self.places:
            return replace(finding, file=finding.file or otherwise)
        words = frozenset(_WORD.findall(f"{finding.subject} {finding.message}"))
        place = next((each for each in self.places if each.names & words), self.places[0])
        others = [f"{shown_path(each.path)}:{each.line}" for each in self.places if each is not place]
        details = (_others(others),) if others else ()
        return replace(finding, file=place.path, line=place.line, details=(*finding.details, *details))


def _others(places: Sequence[str]) -> str:
    more = f" and {len(places) - _MANY} more" if len(places) > _MANY else ""
    shown = ", ".join(places[:_MANY])
    return f"one of {len(places) + 1} changed places; the others: {shown}{more}"


def _handlers(head: Resolved) -> Iterator[tuple[str, frozenset[str]]]:
    """Map the last path components of handler files to the functions that use them."""
    found: dict[str, set[str]] = {}
    for resource in head.resources.values():
        handler = resource.properties.get("Handler")
        if isinstance(handler, str) and "." in handler:
            module = handler.rpartition(".")[0].replace(".", "/").removeprefix("./")
            found.setdefault(module, set()).add(resource.logical_id)
    for module, names in found.items():
        yield module, frozenset(names)


def _places(file: ChangedFile, head: Resolved, handlers: Mapping[str, frozenset[str]]) -> Iterator[Place]:
    of_code = frozenset(
        name
        for module, names in handlers.items()
        if f"{file.path.with_suffix('').as_posix()}".endswith(f"/{module}")
        for name in names
    )
    for line in file.lines:
        yield Place(file.path, line, of_code | frozenset(_resource(file.path, line, head)))


def _resource(path: Path, line: int, head: Resolved) -> Iterator[str]:
    """Yield the resource in a template whose lines include this one."""
    for stack in head.stacks.values():
        if stack.template.resolve() == path.resolve():
            begins = {name: stack.lines.line("Resources", name) for name in stack.declared}
            before = [name for name, begin in begins.items() if begin <= line]
            if before:
                yield max(before, key=lambda name: begins[name])
