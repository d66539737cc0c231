"""`harness sweep`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harness.engine.base import Engine
from harness.exit_codes import FAILED, PASSED
from harness.report.terminal import console_for
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.sweep.model import Point, Trial, Verdict
from harness.sweep.show import show_table, show_violations, write_json
from harness.sweep.sweep import Selection, sweep
from harness.sweep.trials import BaseFailed


def sweep_scenario(
    scenario: Scenario,
    engine: Engine,
    settings: Settings,
    selection: Selection,
    *,
    workers: int,
    json_file: Path | None,
) -> int:
    """Sweep and show; gives the exit code.

    That is 1 when an invariant did not hold, or when the scenario fails without a fault.
    """
    console = console_for(sys.stdout)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    task = bar.add_task("without faults", total=None)
    violations = 0

    def on_start(points: Sequence[Point], trials: Sequence[Trial]) -> None:
        bar.update(task, description=f"{len(points)} points", total=len(trials))

    def on_verdict(verdict: Verdict) -> None:
        nonlocal violations
        violations += bool(verdict.violations)
        found = f"  {violations} violation{'s' * (violations != 1)}" if violations else ""
        bar.update(task, advance=1, description=f"{verdict.trial.points[0].label}{found}")

    with bar, Session(engine) as session:
        try:
            swept = sweep(
                session,
                scenario,
                settings,
                selection,
                workers=workers,
                on_start=on_start,
                on_verdict=on_verdict,
            )
        except BaseFailed as failed:
            bar.stop()
            console.print("The scenario fails without any fault; that comes first.", style="red")
            console.print(str(failed), markup=False, highlight=False, soft_wrap=True)
            return failed.result.exit_code or FAILED
    show_table(console, swept)
    show_violations(console, swept)
    if json_file is not None:
        write_json(json_file, swept)
    return max((verdict.exit_code for verdict in swept.verdicts), default=PASSED)
