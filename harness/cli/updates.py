"""`harness sweep --update-from`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from harness.cli.swept import Found, exit_code_of
from harness.engine.base import Engine, EngineError
from harness.exit_codes import FAILED
from harness.gate.base import BaseError, checked_out
from harness.gate.updates import sides_from
from harness.printable import say
from harness.report import STDOUT
from harness.report.terminal import console_for
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.sweep.show import show_notes
from harness.sweep.trials import BaseFailed
from harness.sweep.updates.model import Sides, Swept, UpdateRefused, Verdict
from harness.sweep.updates.show import show_table, show_violations, write_json
from harness.sweep.updates.sweep import Selection, sweep_updates


@contextmanager
def old_sides(
    scenario: Scenario, settings: Settings, ref: str, options: Mapping[str, str | None]
) -> Iterator[Sides]:
    """Yield the two sides of an update from a different commit. The commit's files exist during the block.

    Raises:
        SettingsError: the commit does not exist, or its settings are invalid.
    """
    try:
        with checked_out(settings.root, ref) as base:
            yield sides_from(base, scenario, settings, options)
    except BaseError as error:
        raise SettingsError(f"--update-from: {error}") from error


def sweep_scenario(
    sides: Sides, engine: Engine, selection: Selection, *, workers: int, json_file: Path | None
) -> int:
    """Run an update sweep, show the results and return the exit code.

    It is 1 if an expectation fails or if the scenario fails on the new stack without an update. It is 2 if
    the JSON cannot be written. A sweep that is stopped, or whose engine crashes, shows its results so far.

    Raises:
        SettingsError: the old stack cannot be deployed and run.
    """
    console = console_for(sys.stderr if json_file == STDOUT else sys.stdout)
    found: Found[Swept, Verdict] = Found(
        "on either stack alone", lambda swept: f"{swept.events} events", lambda v: v.trial.at.label
    )
    try:
        with found.bar, Session(engine) as session:
            swept = sweep_updates(
                session,
                sides,
                selection,
                workers=workers,
                on_start=found.on_start,
                on_verdict=found.on_verdict,
            )
    except BaseFailed as failed:
        console.print("The scenario fails on the new stack without any update; fix that first.", style="red")
        console.print(str(failed), markup=False, highlight=False, soft_wrap=True)
        return failed.result.exit_code or FAILED
    except UpdateRefused as error:
        raise SettingsError(f"--update-from {error}") from error
    except (EngineError, KeyboardInterrupt):
        if found.swept is not None:
            _show(console, found.so_far(found.swept), json_file)
        raise
    return _show(console, swept, json_file)


def _show(console: Console, swept: Swept, json_file: Path | None) -> int:
    problem = write_json(json_file, swept) if json_file is not None else ""
    show_table(console, swept)
    show_violations(console, swept)
    show_notes(console, swept.notes)
    if problem:
        say(problem, file=sys.stderr)
    return exit_code_of(swept.verdicts, problem)


def refuse_others(arguments: argparse.Namespace) -> None:
    """Reject options that apply to faults. Raises SettingsError."""
    options = ("--pairs", "--kind", "-k", "--shard", "--exitfirst", "--maxfail")
    given = [option for option in options if getattr(arguments, option.lstrip("-"))]
    if given:
        raise SettingsError(f"{' and '.join(given)} select faults, but --update-from injects none; omit them")
