"""`harness init`: create a project in a repository, or an example project in an empty folder."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.beginning.plan import PYPROJECT, SCENARIO, Plan, machine_of, plan_of
from harness.cli.record import record_files
from harness.engine.base import EngineError
from harness.exit_codes import PASSED
from harness.printable import one_line, say
from harness.projects import Projects
from harness.recording import Wanted
from harness.scenario import syntax
from harness.scenario.position import ScenarioError
from harness.settings import SettingsError
from harness.settings_reading import options_in
from harness.stack.checkout import Found, found_in
from harness.writing import NotWritten, rewrite, write

_EXPECTS: str = "expect: {execution: {status: SUCCEEDED}}\n"


def init(arguments: argparse.Namespace) -> int:
    """Write the first files, run the first scenario, and print the next steps.

    Raises:
        SettingsError: a project already exists, or the folder contains several workflows.
    """
    here = Path.cwd()
    projects = Projects(dict(os.environ), options_in(arguments))
    if (above := projects.above(here)) is not None:
        raise SettingsError(f"{above.root / 'pyproject.toml'}: it already has a [tool.harness] table")
    found = _workflow(here, arguments.template)
    machine = machine_of(found, arguments.machine) if found else ""
    plan = plan_of(here, found, machine)
    _write(here, plan)
    say("written:", *(f"  {name}" for name in (*plan.files, PYPROJECT)))
    say(f"[tool.harness] in pyproject.toml:\n{plan.added}", end="")
    # The other fields keep the folder's previous settings.
    _record(here, Projects(dict(os.environ), projects.options))
    say(*_next_steps(here / SCENARIO))
    return PASSED


def _next_steps(scenario: Path) -> tuple[str, ...]:
    """Return the next steps after the first scenario. If it failed, they explain how to make it succeed."""
    text = scenario.read_text(encoding="utf-8")
    data: Any = syntax.read(text, scenario).data
    end: dict[str, Any] = data["expect"].get("execution", {})
    more = "next: change the input of its run, write more scenarios next to it, and run them all: harness run"
    if "error" not in end:
        return (more,)
    return (
        f"its first run ended with {end['status']}: {_said(end)}",
        f"if its input is missing: change `run: {{input: ...}}` in {SCENARIO}, and record it again: "
        f"harness record --update {SCENARIO}",
        "then write more scenarios next to it, and run them all: harness run",
    )


def _said(end: Mapping[str, Any]) -> str:
    """Return the error and cause of a recorded execution that failed."""
    cause = end.get("cause", [])
    parts = cause["contains"] if isinstance(cause, dict) else cause
    return ": ".join([end["error"], *([parts] if isinstance(parts, str) else parts)])


def _workflow(here: Path, template: Path | None) -> Found | None:
    """Return the workflow for the project; None if the folder does not contain one.

    Raises:
        SettingsError: there are several workflows, or none of them can be run unchanged.
    """
    all_ = [each for each in found_in(here) if each.is_workflow]
    if template is not None:
        all_ = [each for each in all_ if each.path.resolve() == template.resolve()]
        if not all_:
            raise SettingsError(
                f"--template {template}: it contains no workflow; `harness projects` lists the workflows"
            )
    usable = [each for each in all_ if not each.problems]
    if all_ and not usable:
        problems = "\n".join(f"  {one_line(text)}" for each in all_ for text in each.problems)
        raise SettingsError(f"no workflow in this folder can run as it is:\n{problems}")
    if len(usable) > 1:
        ways = "\n".join(f"  harness init --template {shlex.quote(_shown(each))}" for each in usable)
        raise SettingsError(f"this folder has {len(usable)} workflows; name the one to start with:\n{ways}")
    return usable[0] if usable else None


def _shown(found: Found) -> str:
    return os.path.relpath(found.path)


def _write(folder: Path, plan: Plan) -> None:
    """Write all files, with pyproject.toml last. Raises SettingsError."""
    try:
        write({folder / name: text for name, text in plan.files.items()})
        rewrite(folder / PYPROJECT, plan.pyproject)
    except NotWritten as error:
        raise SettingsError(str(error)) from error


def _record(folder: Path, projects: Projects) -> None:
    """Set the first scenario's expectations to its actual results. If it cannot run, expect success."""
    try:
        record_files([Path(SCENARIO)], projects, Wanted(), write=True)
    except (EngineError, ScenarioError, SettingsError) as error:
        with (folder / SCENARIO).open("a", encoding="utf-8") as file:
            file.write(_EXPECTS)
        problems = error.problems if isinstance(error, ScenarioError) else (error,)
        say(f"{SCENARIO} is a draft, because its first run did not end:", file=sys.stderr)
        say(*(f"  {one_line(line)}" for each in problems for line in str(each).splitlines()), file=sys.stderr)
