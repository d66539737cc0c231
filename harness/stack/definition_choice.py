"""The definition that a scenario deploys instead of a template."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harness.files import is_file
from harness.plain import DefinitionPath, Plain
from harness.scenario.model import Scenario
from harness.scenario.position import Problem, ScenarioError
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


def check_choices(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that it is clear what scenarios deploy, before anything is started.

    `settings_of` gives the settings of a scenario's file.

    Raises:
        ScenarioError: parts under `stack` do not fit together, or a definition is not there.
    """
    if problems := [problem for each in scenarios for problem in _problems(each, settings_of(each.path))]:
        raise ScenarioError(problems)


def _problems(scenario: Scenario, settings: Settings) -> Iterator[Problem]:
    stack = scenario.stack
    if stack.definition is not None and stack.template is not None:
        where = scenario.position("stack", "definition")
        yield Problem(where, "stack has template and definition", "remove one of them")
    elif stack.definition is not None and not is_file(_path(scenario)):
        where = scenario.position("stack", "definition", of="value")
        message = f"there is no definition {_path(scenario).resolve()}"
        yield Problem(where, message, "correct the path, which begins at this file")
    if stack.template is not None:
        has, remedy = "stack has a template", "remove one of them"
    elif chosen_definition(scenario, settings) is None:
        has, remedy = "there is none", "add it: definition: PATH"
    else:
        return
    for part in PARTS:
        if getattr(stack, part):
            where = scenario.position("stack", part)
            yield Problem(where, f"{part} are for a definition, and {has}", remedy)


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
