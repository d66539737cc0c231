"""`harness import`: makes a scenario of what happened on AWS."""

from __future__ import annotations

import argparse
import json
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
from harness.importing.choosing import Chosen
from harness.importing.files import STUB, NotWritten, check_free, write
from harness.importing.functions import function_names, named_in
from harness.importing.rebuilding import NAME, rebuilt
from harness.importing.recorded import Rebuilt, recorded
from harness.importing.scenario import Made
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

_FUNCTIONS: Final = "never_runs.py"
DEFINITION: Final = ".asl.json"
"""The end of the name of a definition that is written beside a scenario."""


def import_(arguments: argparse.Namespace) -> int:
    """Write a scenario, and say what of it is not known.

    Raises:
        SettingsError: the histories or the definition cannot be used, or the file is there already.
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
    say(f"{one_line(path)} is written: {_count(executions)}")
    chosen = family.chosen
    if chosen.source:
        say(one_line(f"{path.with_suffix(DEFINITION)} is written: the definition, from {chosen.source}"))
    for name, source in family.sources.items():
        say(one_line(f"{_beside(path, name)} is written: the definition of {name}, from {source}"))
    for sentence in chosen.guessed:
        say(one_line(f"guessed: {sentence}"), file=sys.stderr)
    for sentence in found.unknown:
        say(one_line(f"not known: {sentence}"), file=sys.stderr)
    say(f"play it with: {shlex.join(['harness', 'run', str(path)])}")
    return PASSED


def _executions(paths: Sequence[Path]) -> list[RecordedExecution]:
    found = []
    for each in read_histories(paths):
        if isinstance(each, HistoryError):
            raise each
        found.append(each)
    return found


def _functions(settings: Settings) -> dict[str, str]:
    """The names of the functions of the project's templates, see `function_names`."""
    return {
        name: form
        for each in stacks_for(settings)
        for name, form in function_names(look_at(each.template, each.parameters)).items()
    }


def _machines(definition: Path | None, settings: Settings) -> Sequence[ReplayMachine]:
    if definition is None:
        return machines_of_project(settings)
    if not is_there(definition):
        raise SettingsError(f"--definition {definition}: there is no such file; correct the path")
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
    stack, files = _stack(wishes.definition, settings, chosen, first.definition, path)
    if stack and made:
        _add_machines(stack, files, made, settings, path)
    found = imported(executions, machine, replace(options, stack=stack), made, world)
    _check(found, path, settings, world)
    write({path: found.text, **files})
    return found, path


def _check(found: Imported, path: Path, settings: Settings, world: Rebuilt | None) -> None:
    """Read a scenario as it will be, before anything is written."""
    try:
        parse(found.text, expectations_of(settings), path)
    except ScenarioError as error:
        if world is None:
            raise
        message = f"{settings.seeds}: with what {NAME} gave: {error}; correct what it gives"
        raise SettingsError(message) from error


def _rebuilt(seeds: Path, family: Family) -> Rebuilt:
    ordered = sorted(family.chosen.executions, key=lambda each: each.started)
    children = sorted((each.child.execution for each in family.made), key=lambda each: each.started)
    every = [*map(recorded, ordered), *(recorded(each, is_child=True) for each in children)]
    return rebuilt(seeds, every)


def _beside(path: Path, name: str) -> Path:
    """The file of the definition of a machine that another one starts."""
    return path.with_suffix(f".{name}{DEFINITION}")


def _add_machines(
    stack: dict[str, Any], files: dict[Path, str], made: Sequence[Made], settings: Settings, path: Path
) -> None:
    """Add the machines that a definition starts to its `stack`, each in a file of its own."""
    for each in made:
        name = each.child.execution.machine_name
        if each.machine is None or name in stack.get("machines", {}):
            continue
        beside = _beside(path, name)
        more, others = _with_functions(beside.name, each.machine.definition, settings, path)
        stack["machines"] = {**stack.get("machines", {}), name: beside.name}
        if functions := {**stack.get("functions", {}), **more.get("functions", {})}:
            stack["functions"] = functions
        files |= {beside: _text(each.machine.definition), **others}


def _text(definition: Json) -> str:
    return json.dumps(definition, indent=2, ensure_ascii=False) + "\n"


def _stack(
    given: str, settings: Settings, chosen: Chosen, definition: Json, path: Path
) -> tuple[dict[str, Any], dict[Path, str]]:
    """The `stack` of a scenario, `{}` for the project's, and the files that it needs besides."""
    if chosen.source:
        beside = path.with_suffix(DEFINITION)
        stack, files = _with_functions(beside.name, definition, settings, path)
        return stack, {beside: _text(definition), **files}
    if not given:
        return {}, {}
    way = os.path.relpath(given, path.parent)
    if chosen.machine.label != given:  # one of a template
        return {"template": way}, {}
    return _with_functions(way, chosen.machine.definition, settings, path)


def _with_functions(
    way: str, definition: Json, settings: Settings, path: Path
) -> tuple[dict[str, Any], dict[Path, str]]:
    missing = sorted(named_in(definition) - set(settings.functions))
    if not missing:
        return {"definition": way}, {}
    stub = path.parent / _FUNCTIONS
    files = {} if is_there(stub) and stub.read_text(encoding="utf-8") == STUB else {stub: STUB}
    return {"definition": way, "functions": dict.fromkeys(missing, _FUNCTIONS)}, files


def _count(executions: Sequence[RecordedExecution]) -> str:
    events = sum(len(each.events) for each in executions)
    number = len(executions)
    return f"{number} execution{'s' * (number != 1)}, {events} events"
