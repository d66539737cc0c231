"""Functions that ran otherwise than on Lambda: on another Python, or with programs that are not held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.functions.host.pythons import INSTALLABLE, version_of
from harness.functions.shared.model import Invocation
from harness.notes import Note
from harness.stack.lines import TemplateLines
from harness.stack.model import Stack


def runtime_notes(stack: Stack, invocations: Iterable[Invocation]) -> tuple[Note, ...]:
    """Say of each function once that it did not run on the Python that it declares."""
    seen = {
        (each.function, each.runtime, each.python)
        for each in invocations
        if each.runtime and each.runtime != f"python{each.python}"
    }
    if not seen:
        return ()
    lines, names = _places(stack)
    notes = []
    for function, runtime, python in sorted(seen):
        name = names.get(function, function)
        place = ""
        if lines and function in names:
            place = f"{lines.path}:{lines.line('Resources', name, 'Properties', 'Runtime')}"
        notes.append(Note("runtime", place, name, _text(runtime, python)))
    return tuple(notes)


def program_notes(stack: Stack, invocations: Iterable[Invocation]) -> tuple[Note, ...]:
    """Say once of the functions that started programs that these were not held as the functions were."""
    seen = {(text, each.function) for each in invocations for text in each.notes}
    if not seen:
        return ()
    _, names = _places(stack)
    functions: dict[str, list[str]] = {}
    for text, function in sorted(seen):
        functions.setdefault(text, []).append(names.get(function, function))
    return tuple(
        Note(
            "runtime",
            "",
            ", ".join(sorted(names_of)),
            f"started programs, whose network and memory are not limited here: {text}",
        )
        for text, names_of in functions.items()
    )


def _places(stack: Stack) -> tuple[TemplateLines | None, Mapping[str, str]]:
    """Give the template, and the logical ids of functions by their names."""
    template = stack.template
    if template and template.is_relative_to(Path.cwd()):
        template = template.relative_to(Path.cwd())
    lines = TemplateLines(template) if template else None
    return lines, {physical: logical for logical, physical in stack.of_type("AWS::Lambda::Function").items()}


def _text(runtime: str, python: str) -> str:
    said = f"ran on Python {python}, declared {runtime}"
    if version_of(runtime) not in INSTALLABLE:
        return f"{said}, on which nothing runs here"
    return f"{said}; `harness engines install {runtime}` runs it as declared"
