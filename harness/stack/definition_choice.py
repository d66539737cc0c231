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
    """Return a scenario's definition with its additional parts. None if the scenario deploys a template.

    Parts that the scenario does not set come from the settings.
    """
    own, stack = _given(scenario), scenario.stacks[0]
    if stack.definition is not None:
        return DefinitionPath.of(_path(scenario), own.with_defaults(settings.beside_definition))
    if stack.template is None and isinstance(settings.template, DefinitionPath):
        if own == Plain():
            return settings.template
        return DefinitionPath.of(Path(settings.template), own.with_defaults(settings.beside_definition))
    return None


def check_choices(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that scenarios specify their stack unambiguously, before anything is started.

    `settings_of` returns the settings for a scenario file.

    Raises:
        ScenarioError: parts under `stack` cannot be combined, or a definition does not exist.
    """
    if problems := [problem for each in scenarios for problem in _problems(each, settings_of(each.path))]:
        raise ScenarioError(problems)


def _problems(scenario: Scenario, settings: Settings) -> Iterator[Problem]:
    stack = scenario.stacks[0]
    if len(scenario.stacks) > 1:
        for number, each in enumerate(scenario.stacks):
            for part in ("definition", *PARTS):
                if getattr(each, part):
                    where = scenario.stack_position(number, part)
                    yield Problem(
                        where,
                        f"{part} applies to a definition, which cannot be deployed with other stacks",
                        "remove it",
                    )
        return
    if stack.definition is not None and stack.template is not None:
        where = scenario.stack_position(0, "definition")
        yield Problem(where, "stack has both template and definition", "remove one of them")
    elif stack.definition is not None and not is_file(_path(scenario)):
        where = scenario.stack_position(0, "definition", of="value")
        message = f"definition {_path(scenario).resolve()} not found"
        yield Problem(where, message, "correct the path, which is relative to this file")
    if stack.template is not None:
        has, remedy = "stack has a template", "remove one of them"
    elif chosen_definition(scenario, settings) is None:
        has, remedy = "stack has no definition", "add it: definition: PATH"
    else:
        return
    for part in PARTS:
        if getattr(stack, part):
            where = scenario.stack_position(0, part)
            yield Problem(where, f"{part} are only valid with a definition, but {has}", remedy)


def _path(scenario: Scenario) -> Path:
    return _below(scenario.path.parent, str(scenario.stacks[0].definition))


def _given(scenario: Scenario) -> Plain:
    """Return the parts next to a definition that the scenario itself sets."""
    root, stack = scenario.path.parent, scenario.stacks[0]
    marks = tuple(
        (tuple(str(key) for key in keys[1:] if key != 0), found.key)
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
    """Return a path relative to a folder, normalized for error messages."""
    return Path(os.path.normpath(folder / path))
