"""Notes about functions that ran differently than on AWS: on a different Python version, or without AWS's
limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from harness.functions.host.pythons import INSTALLABLE, version_of
from harness.functions.shared.model import Invocation
from harness.notes import Note
from harness.stack.lines import TemplateLines
from harness.stack.model import Stack


def runtime_notes(stack: Stack, invocations: Iterable[Invocation]) -> tuple[Note, ...]:
    """Return one note for each function that ran on an undeclared Python version, and the other notes."""
    invocations = tuple(invocations)
    told = {(each.function, text) for each in invocations for text in each.notes}
    seen = {
        (each.function, each.runtime, each.python)
        for each in invocations
        if each.runtime and each.runtime != f"python{each.python}"
    }
    if not seen and not told:
        return ()
    lines = cache(TemplateLines)
    names = {physical: logical for logical, physical in stack.of_type("AWS::Lambda::Function").items()}

    def note(function: str, text: str, *path: str) -> Note:
        name = names.get(function, function)
        origin = stack.origins.get(name)
        if origin is None:
            return Note("runtime", "", name, text)
        path_ = origin.template
        shown = path_.relative_to(Path.cwd()) if path_.is_relative_to(Path.cwd()) else path_
        line = lines(path_).line("Resources", origin.logical_id, *path)
        return Note("runtime", f"{shown}:{line}", origin.readable, text)

    ran = [
        note(name, _text(runtime, python), "Properties", "Runtime") for name, runtime, python in sorted(seen)
    ]
    return (*ran, *(note(name, text) for name, text in sorted(told)))


def _text(runtime: str, python: str) -> str:
    said = f"ran on Python {python}, declared {runtime}"
    if version_of(runtime) not in INSTALLABLE:
        return f"{said}, which the harness cannot run"
    return f"{said}; `harness engines install {runtime}` runs it as declared"
