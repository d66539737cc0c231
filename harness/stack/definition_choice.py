"""The definition that a scenario deploys instead of a template."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from harness.files import is_file
from harness.plain import DefinitionPath, Plain
from harness.scenario.model import Scenario
from harness.scenario.position import Problem
from harness.settings import PARTS, Settings


def chosen_definition(scenario: Scenario, settings: Settings) -> DefinitionPath | None:
    """The definition of a scenario with what is given beside it; None where it deploys a template.

    What the scenario itself does not give is that of the settings.
    """
    own, stack = _given(scenario), scenario.stack
    if stack.definition is not None:
        return DefinitionPath.of(_path(scenario), own.with_defaults(settings.beside_definition))
    if isinstance(settings.template, DefinitionPath):
        if own == Plain():
            return settings.template
        return DefinitionPath.of(Path(settings.template), own.with_defaults(settings.beside_definition))
    return None


def choice_problems(scenario: Scenario, settings: Settings | None = None) -> Iterator[Problem]:
    """Problems of parts under `stack` that do not fit together, and of a definition that is not there."""
    stack = scenario.stack
    if stack.definition is not None and stack.template is not None:
        where = scenario.position("stack", "definition")
        yield Problem(where, "stack has template and definition", "remove one of them")
    elif stack.definition is not None and not is_file(_path(scenario)):
        where = scenario.position("stack", "definition", of="value")
        message = f"there is no definition {_path(scenario).resolve()}"
        yield Problem(where, message, "correct the path, which begins at this file")
    for part in PARTS if stack.template is not None else ():
        if getattr(stack, part):
            where = scenario.position("stack", part)
            yield Problem(
                where, f"{part} are for a definition, and stack has a template", "remove one of them"
            )


def _path(scenario: Scenario) -> Path:
    return _below(scenario.path.parent, str(scenario.stack.definition))


def _given(scenario: Scenario) -> Plain:
    """The parts that the scenario itself gives beside a definition."""
    root, stack = scenario.path.parent, scenario.stack
    marks = tuple(
        (tuple(map(str, keys[1:])), found.key)
        for keys, found in scenario.source.marks.items()
        if keys[:1] == ("stack",) and len(keys) > 1
    )
    return Plain(
        functions=tuple((name, each.given(root)) for name, each in stack.functions.items()),
        tables=tuple((name, each.given()) for name, each in stack.tables.items()),
        machines=tuple((name, _below(root, path)) for name, path in stack.machines.items()),
        substitutions=tuple(stack.substitutions.items()),
        file=scenario.path,
        marks=marks,
    )


def _below(folder: Path, path: str) -> Path:
    """A path from a folder, without the detours that errors would show."""
    return Path(os.path.normpath(folder / path))
