"""`harness import`: makes a scenario of what happened on AWS."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from harness.exit_codes import PASSED
from harness.expect.project import expectations_of
from harness.files import is_there
from harness.histories import HistoryError, RecordedExecution, read_histories
from harness.importing import Imported, Options, imported
from harness.importing.files import STUB, NotWritten, check_free, write
from harness.importing.functions import named_in
from harness.printable import one_line, say
from harness.projects import Projects
from harness.replay.machines import ReplayMachine, chosen, machines_of_file, machines_of_project
from harness.scenario.load import parse
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in
from harness.stack.definition_text import DefinitionRefused
from harness.stack.template import TemplateError

_FUNCTIONS: Final = "never_runs.py"


def import_(arguments: argparse.Namespace) -> int:
    """Write a scenario, and say what of it is not known.

    Raises:
        SettingsError: the histories or the definition cannot be used, or the file is there already.
    """
    settings = Projects(dict(os.environ), options_in(arguments)).of(Path.cwd())
    try:
        executions = _executions(arguments.paths)
        machines = _machines(arguments.definition, settings)
        machine = _machine(machines, executions, arguments.machine)
        found, path = _imported(arguments, settings, executions, machines, machine)
    except (DefinitionRefused, HistoryError, NotWritten, TemplateError) as error:
        raise SettingsError(str(error)) from error
    say(f"{one_line(path)} is written: {_count(executions)}")
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


def _machines(definition: Path | None, settings: Settings) -> Sequence[ReplayMachine]:
    if definition is None:
        return machines_of_project(settings)
    if not is_there(definition):
        raise SettingsError(f"--definition {definition}: there is no such file; correct the path")
    return machines_of_file(definition, settings)


def _machine(
    machines: Sequence[ReplayMachine], executions: Sequence[RecordedExecution], named: str | None
) -> ReplayMachine:
    found = [chosen(machines, each, named) for each in executions]
    for each, machine in zip(executions, found, strict=True):
        if machine.label != found[0].label:
            message = f"it is of {machine.label}, and {executions[0].file} of {found[0].label}"
            raise HistoryError(
                each.file, message, "import the executions of each state machine by themselves"
            )
    return found[0]


def _imported(
    arguments: argparse.Namespace,
    settings: Settings,
    executions: Sequence[RecordedExecution],
    machines: Sequence[ReplayMachine],
    machine: ReplayMachine,
) -> tuple[Imported, Path]:
    options = Options(
        arguments.keep_names,
        arguments.keep_data,
        arguments.stubbed,
        is_default=len(machines) == 1 or settings.state_machine == machine.label,
    )
    path = arguments.output or Path("scenarios") / f"{imported(executions, machine, options).name}.yaml"
    check_free({path: ""})
    stack, files = _stack(arguments.definition, settings, machine, path)
    found = imported(executions, machine, _with_stack(options, stack))
    # It is read as it will be, before anything is written.
    parse(found.text, expectations_of(settings), path)
    write({path: found.text, **files})
    return found, path


def _with_stack(options: Options, stack: dict[str, Any]) -> Options:
    return Options(options.keep_names, options.keep_data, options.stubbed, stack, options.is_default)


def _stack(
    definition: Path | None, settings: Settings, machine: ReplayMachine, path: Path
) -> tuple[dict[str, Any], dict[Path, str]]:
    """The `stack` of a scenario whose definition is given, and the files that it needs besides."""
    if definition is None:
        return {}, {}
    way = os.path.relpath(definition, path.parent)
    if machine.label != str(definition):  # one of a template
        return {"template": way}, {}
    missing = sorted(named_in(machine.definition) - set(settings.functions))
    if not missing:
        return {"definition": way}, {}
    stub = path.parent / _FUNCTIONS
    files = {} if is_there(stub) and stub.read_text(encoding="utf-8") == STUB else {stub: STUB}
    return {"definition": way, "functions": dict.fromkeys(missing, _FUNCTIONS)}, files


def _count(executions: Sequence[RecordedExecution]) -> str:
    events = sum(len(each.events) for each in executions)
    number = len(executions)
    return f"{number} execution{'s' * (number != 1)}, {events} events"
