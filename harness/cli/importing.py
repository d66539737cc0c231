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
from harness.importing.belonging import children_in
from harness.importing.choosing import Chosen, check_started, chosen_for, of_children
from harness.importing.files import STUB, NotWritten, check_free, write
from harness.importing.functions import function_names, named_in
from harness.importing.rebuilding import NAME, rebuilt
from harness.importing.recorded import Rebuilt, recorded
from harness.importing.scenario import Made
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
        children = children_in(executions)
        started = [each.execution for each in children]
        chosen = chosen_for(
            machines,
            [each for each in executions if all(each is not other for other in started)],
            arguments.machine,
            is_given=arguments.definition is not None,
            keep_names=arguments.keep_names,
            keep_data=arguments.keep_data,
        )
        made: tuple[Made, ...] = ()
        if children:
            alone = chosen.source or chosen.machine.label == str(arguments.definition)
            why = "of that, there is only the definition" if alone else "--stubbed" * arguments.stubbed
            check_started(children, why)
            made = of_children(children, machines, executions, _functions(settings))
        world = None
        if settings.seeds is not None and arguments.definition is None and not chosen.source:
            world = _rebuilt(settings.seeds, chosen, made) if not arguments.stubbed else None
        found, path = _imported(arguments, settings, machines, chosen, made, world)
    except (DefinitionRefused, HistoryError, NotWritten, TemplateError) as error:
        raise SettingsError(str(error)) from error
    say(f"{one_line(path)} is written: {_count(executions)}")
    if chosen.source:
        say(one_line(f"{path.with_suffix(DEFINITION)} is written: the definition, from {chosen.source}"))
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
    arguments: argparse.Namespace,
    settings: Settings,
    machines: Sequence[ReplayMachine],
    chosen: Chosen,
    made: Sequence[Made],
    world: Rebuilt | None,
) -> tuple[Imported, Path]:
    machine, executions = chosen.machine, chosen.executions
    options = Options(
        arguments.keep_names,
        arguments.keep_data,
        arguments.stubbed,
        is_default=bool(chosen.source) or len(machines) == 1 or settings.state_machine == machine.label,
        writes_definition=bool(chosen.source),
        guessed=chosen.guessed,
        hidden=chosen.hidden,
    )
    first = imported(executions, machine, options, made, world)
    path = arguments.output or Path("scenarios") / f"{first.name}.yaml"
    check_free({path: ""})
    if chosen.source:
        stack, files = _written(first.definition, settings, path)
    else:
        stack, files = _stack(arguments.definition, settings, machine, path)
    found = imported(executions, machine, replace(options, stack=stack), made, world)
    # It is read as it will be, before anything is written.
    try:
        parse(found.text, expectations_of(settings), path)
    except ScenarioError as error:
        if world is None:
            raise
        remedy = "correct what it gives"
        raise SettingsError(f"{settings.seeds}: with what {NAME} gave: {error}; {remedy}") from error
    write({path: found.text, **files})
    return found, path


def _rebuilt(seeds: Path, chosen: Chosen, made: Sequence[Made]) -> Rebuilt:
    ordered = sorted(chosen.executions, key=lambda each: each.started)
    children = sorted((each.child.execution for each in made), key=lambda each: each.started)
    every = [*map(recorded, ordered), *(recorded(each, is_child=True) for each in children)]
    return rebuilt(seeds, every)


def _written(definition: Json, settings: Settings, path: Path) -> tuple[dict[str, Any], dict[Path, str]]:
    """The `stack` of a scenario whose definition is written beside it, and the files that it needs."""
    beside = path.with_suffix(DEFINITION)
    text = json.dumps(definition, indent=2, ensure_ascii=False) + "\n"
    stack, files = _with_functions(beside.name, definition, settings, path)
    return stack, {beside: text, **files}


def _stack(
    definition: Path | None, settings: Settings, machine: ReplayMachine, path: Path
) -> tuple[dict[str, Any], dict[Path, str]]:
    """The `stack` of a scenario whose definition is given, and the files that it needs besides."""
    if definition is None:
        return {}, {}
    way = os.path.relpath(definition, path.parent)
    if machine.label != str(definition):  # one of a template
        return {"template": way}, {}
    return _with_functions(way, machine.definition, settings, path)


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
