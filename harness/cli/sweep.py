"""`harness sweep`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from harness.cli.swept import Found, exit_code_of
from harness.engine.base import Engine, EngineError
from harness.exit_codes import FAILED
from harness.printable import say
from harness.report import STDOUT
from harness.report.terminal import console_for
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.sweep.model import Swept, Verdict
from harness.sweep.show import show_notes, show_table, show_unlike, show_violations, write_json
from harness.sweep.sweep import Selection, sweep
from harness.sweep.trials import BaseFailed

if TYPE_CHECKING:
    from harness.cli.coverage import CoverageReport


def sweep_scenario(
    scenario: Scenario,
    engine: Engine,
    settings: Settings,
    selection: Selection,
    *,
    workers: int,
    json_file: Path | None,
    verbose: bool,
    most: int | None = None,
    coverage: CoverageReport | None = None,
) -> int:
    """Run a sweep, show the results and return the exit code. `coverage` records the reached parts.

    The sweep stops after `most` violations.

    The exit code is 1 if an invariant is violated or the scenario fails without a fault, and 2 if the JSON
    cannot be written. A sweep that is stopped, or whose engine crashes, shows its results so far.
    """
    console = console_for(sys.stderr if json_file == STDOUT else sys.stdout)
    found: Found[Swept, Verdict] = Found(
        "without faults", lambda swept: f"{len(swept.points)} points", lambda v: v.trial.points[0].label
    )
    try:
        with found.bar, Session(engine) as session:
            swept = sweep(
                session,
                scenario,
                settings,
                selection,
                workers=workers,
                on_start=found.on_start,
                on_verdict=lambda verdict: _heard(found, verdict, most),
                recorder=coverage.recorder if coverage else None,
            )
    except BaseFailed as failed:
        console.print("The scenario fails without any fault; fix that first.", style="red")
        console.print(str(failed), markup=False, highlight=False, soft_wrap=True)
        return failed.result.exit_code or FAILED
    except (EngineError, KeyboardInterrupt):
        if found.swept is not None:
            _show(console, found.so_far(found.swept), json_file, verbose)
        raise
    except _Enough:
        assert found.swept is not None, "the sweep has begun"
        swept = found.so_far(found.swept)
    code = _show(console, swept, json_file, verbose)
    if coverage is None:
        return code
    coverage.finished()
    return max(code, coverage.code)


class _Enough(Exception):
    """The requested number of violations was reached."""


def _heard(found: Found[Swept, Verdict], verdict: Verdict, most: int | None) -> None:
    found.on_verdict(verdict)
    if most is not None and found.violated >= most:
        raise _Enough


def _show(console: Console, swept: Swept, json_file: Path | None, verbose: bool) -> int:
    problem = write_json(json_file, swept) if json_file is not None else ""
    show_table(console, swept)
    show_unlike(console, swept, verbose)
    show_violations(console, swept)
    show_notes(console, swept.notes)
    if problem:
        say(problem, file=sys.stderr)
    return exit_code_of(swept.verdicts, problem)
