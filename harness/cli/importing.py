"""`harness import`: create a scenario from executions on AWS."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from harness.exit_codes import PASSED
from harness.expect.project import expectations_of
from harness.files import is_there
from harness.histories import HistoryError, RecordedExecution, read_histories
from harness.importing import Imported, Options, imported
from harness.importing.beside import Beside, text_of
from harness.importing.functions import function_names
from harness.importing.rebuilding import NAME, rebuilt
from harness.importing.recorded import Rebuilt, recorded
from harness.importing.together import Family, Wishes, family_of
from harness.json_types import Json
from harness.printable import one_line, say
from harness.projects import Projects
from harness.replay.machines import ReplayMachine, machines_of_file, machines_of_project
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in
from harness.stack.definition_text import DefinitionRefused
from harness.stack.stack_choice import stacks_for
from harness.stack.template import TemplateError, look_at
from harness.writing import NotWritten, check_free, write

DEFINITION: Final = ".asl.json"
"""The file suffix for a definition that is written next to a scenario."""


def import_(arguments: argparse.Namespace) -> int:
    """Write a scenario, and list the parts that are unknown.

    Raises:
        SettingsError: the histories or the definition cannot be used, or the file already exists.
    """
    settings = Projects(dict(os.environ), options_in(arguments)).of(Path.cwd())
    try:
        executions = _executions(arguments.paths)
        machines = _machines(arguments.definition, settings)
        wishes = Wishes(
            arguments.machine,
            str(arguments.definition or ""),
            arguments.stubbed,
            arguments.keep_names,
            arguments.keep_data,
        )
        family = family_of(executions, machines, wishes, lambda: _functions(settings))
        found, path = _imported(wishes, arguments.output, settings, machines, family)
    except (DefinitionRefused, HistoryError, NotWritten, TemplateError) as error:
        raise SettingsError(str(error)) from error
    say(f"{one_line(path)} written: {_count(executions)}")
    chosen = family.chosen
    if chosen.source:
        say(one_line(f"{path.with_suffix(DEFINITION)} written: the definition, from {chosen.source}"))
    for name, source in family.sources.items():
        say(one_line(f"{_beside(path, name)} written: the definition of {name}, from {source}"))
    for sentence in chosen.guessed:
        say(one_line(f"guessed: {sentence}"), file=sys.stderr)
    for sentence in found.unknown:
        say(one_line(f"not known: {sentence}"), file=sys.stderr)
    say(f"run it with: {shlex.join(['harness', 'run', str(path)])}")
    return PASSED


def _executions(paths: Sequence[Path]) -> list[RecordedExecution]:
    found = []
    for each in read_histories(paths):
        if isinstance(each, HistoryError):
            raise each
        found.append(each)
    return found


def _functions(settings: Settings) -> dict[str, str]:
    """Return the function names in the project's templates; see `function_names`."""
    return {
        name: form
        for each in stacks_for(settings)
        for name, form in function_names(look_at(each.template, each.parameters)).items()
    }


def _machines(definition: Path | None, settings: Settings) -> Sequence[ReplayMachine]:
    if definition is None:
        return machines_of_project(settings)
    if not is_there(definition):
        raise SettingsError(f"--definition {definition}: file not found; correct the path")
    return machines_of_file(definition, settings)


def _imported(
    wishes: Wishes,
    output: Path | None,
    settings: Settings,
    machines: Sequence[ReplayMachine],
    family: Family,
) -> tuple[Imported, Path]:
    chosen, made = family.chosen, family.made
    machine, executions = chosen.machine, chosen.executions
    options = Options(
        wishes.keep_names,
        wishes.keep_data,
        wishes.stubbed,
        is_default=bool(chosen.source) or len(machines) == 1 or settings.state_machine == machine.label,
        writes_definition=bool(chosen.source),
        guessed=chosen.guessed,
        hidden=chosen.hidden,
    )
    world = None
    if settings.seeds is not None and not (wishes.definition or wishes.stubbed or chosen.source):
        world = _rebuilt(settings.seeds, family)
    first = imported(executions, machine, options, made, world)
    path = output or Path("scenarios") / f"{first.name}.yaml"
    check_free({path: ""})
    stack, beside = _stack(wishes.definition, settings, family, first.definition, path)
    options = replace(options, stack=stack, more_unknown=tuple(beside.unknown))
    found = imported(executions, machine, options, made, world)
    _check(found, path, settings, world)
    write({path: found.text, **beside.files})
    return found, path


def _check(found: Imported, path: Path, settings: Settings, world: Rebuilt | None) -> None:
    """Parse the scenario before writing any files."""
    try:
        parse(found.text, expectations_of(settings), path)
    except ScenarioError as error:
        if world is None:
            raise
        message = f"{settings.seeds}: with the result of {NAME}: {error}; correct the result"
        raise SettingsError(message) from error


def _rebuilt(seeds: Path, family: Family) -> Rebuilt:
    ordered = sorted(family.chosen.executions, key=lambda each: each.started)
    children = sorted((each.child.execution for each in family.made), key=lambda each: each.started)
    every = [*map(recorded, ordered), *(recorded(each, is_child=True) for each in children)]
    return rebuilt(seeds, every)


def _beside(path: Path, name: str) -> Path:
    """Return the definition file for a state machine that is started by another state machine."""
    return path.with_suffix(f".{name}{DEFINITION}")


def _stack(
    given: str, settings: Settings, family: Family, definition: Json, path: Path
) -> tuple[dict[str, Any], Beside]:
    """Return a scenario's `stack` (`{}` for the project's own) and the additional files that it needs."""
    chosen, beside = family.chosen, Beside()
    if not chosen.source and not given:
        return {}, beside
    way = path.with_suffix(DEFINITION).name if chosen.source else os.path.relpath(given, path.parent)
    if not chosen.source and chosen.machine.label != given:  # the definition comes from a template
        return {"template": way}, beside
    if chosen.source:
        beside.files[path.with_suffix(DEFINITION)] = text_of(definition)
    machines: dict[str, str] = {}
    definitions = [definition if chosen.source else chosen.machine.definition]
    for each in family.made:
        if each.machine is not None:
            file = _beside(path, each.child.execution.machine_name)
            machines[each.child.execution.machine_name] = file.name
            beside.files[file] = text_of(each.machine.definition)
            definitions.append(each.machine.definition)
    for one in definitions:
        beside.add_functions(one, settings, path.parent)
        if chosen.source:
            beside.add_others(one, settings, path.parent, frozenset(machines))
    if machines:
        beside.parts["machines"] = {**machines, **beside.parts.get("machines", {})}
    return {"definition": way, **beside.parts}, beside


def _count(executions: Sequence[RecordedExecution]) -> str:
    events = sum(len(each.events) for each in executions)
    number = len(executions)
    return f"{number} execution{'s' * (number != 1)}, {events} events"
