"""`harness sweep`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harness.engine.base import Engine, EngineError
from harness.exit_codes import FAILED, PASSED, WRONG
from harness.printable import say
from harness.report import STDOUT
from harness.report.terminal import console_for
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.sweep.model import Swept, Trial, Verdict
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
    coverage: CoverageReport | None = None,
) -> int:
    """Sweep and show; gives the exit code. `coverage` is told what was reached.

    It is 1 when an invariant did not hold, or when the scenario fails without a fault, 2 when the JSON cannot
    be written. A sweep that is stopped, or loses its engine, shows what it found until then.
    """
    console = console_for(sys.stderr if json_file == STDOUT else sys.stdout)
    found = _Found()
    try:
        with found.bar, Session(engine) as session:
            swept = sweep(
                session,
                scenario,
                settings,
                selection,
                workers=workers,
                on_start=found.on_start,
                on_verdict=found.on_verdict,
                recorder=coverage.recorder if coverage else None,
            )
    except BaseFailed as failed:
        console.print("The scenario fails without any fault; that comes first.", style="red")
        console.print(str(failed), markup=False, highlight=False, soft_wrap=True)
        return failed.result.exit_code or FAILED
    except (EngineError, KeyboardInterrupt):
        if found.swept is not None:
            _show(console, found.so_far(found.swept), json_file, verbose)
        raise
    code = _show(console, swept, json_file, verbose)
    if coverage is None:
        return code
    coverage.finished()
    return max(code, coverage.code)


def progress_bar() -> Progress:
    """A bar on the screen; nothing elsewhere."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console_for(sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


class _Found:
    """All that a sweep has told so far, and a bar that shows how far it is."""

    def __init__(self) -> None:
        self.swept: Swept | None = None
        self._verdicts: list[Verdict] = []
        self._trials = 0
        self._began = time.monotonic()
        self.bar = progress_bar()
        self._task = self.bar.add_task("without faults", total=None)

    def on_start(self, swept: Swept, trials: Sequence[Trial]) -> None:
        """Remember how much there is to try."""
        self.swept, self._trials = swept, len(trials)
        self.bar.update(self._task, description=f"{len(swept.points)} points", total=len(trials))

    def on_verdict(self, verdict: Verdict) -> None:
        """Keep a verdict, and show that it is there."""
        self._verdicts.append(verdict)
        violations = sum(bool(each.violations) for each in self._verdicts)
        found = f"  {violations} violation{'s' * (violations != 1)}" if violations else ""
        self.bar.update(self._task, advance=1, description=f"{verdict.trial.points[0].label}{found}")

    def so_far(self, swept: Swept) -> Swept:
        """The sweep with the verdicts that there are."""
        real_s, left = time.monotonic() - self._began, self._trials - len(self._verdicts)
        return replace(swept, verdicts=tuple(self._verdicts), real_s=real_s, left=left)


def _show(console: Console, swept: Swept, json_file: Path | None, verbose: bool) -> int:
    problem = write_json(json_file, swept) if json_file is not None else ""
    show_table(console, swept)
    show_unlike(console, swept, verbose)
    show_violations(console, swept)
    show_notes(console, swept)
    if problem:
        say(problem, file=sys.stderr)
    codes = [verdict.exit_code for verdict in swept.verdicts]
    return max([*codes, WRONG if problem else PASSED])
