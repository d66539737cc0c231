"""`harness compare`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from harness.compare.known import Known, read_known
from harness.compare.run import compared, comparison, unknown
from harness.compare.show import show_notes, show_reasons, show_summary, show_table, show_unknown, write_json
from harness.engine.base import Engine
from harness.exit_codes import FAILED, NO_ENGINE, PASSED, WRONG
from harness.notes import Note
from harness.printable import one_line, say
from harness.report import STDOUT
from harness.report.model import Result
from harness.report.notes import notes_of
from harness.report.terminal import console_for
from harness.scenario.model import Scenario
from harness.settings import Settings

REMEDY = "name other engines, or add --allow-skipped"


def compare_engines(
    scenarios: Sequence[Scenario],
    engines: Mapping[str, Callable[[], Engine]],
    settings_of: Callable[[Path], Settings],
    json_file: Path | None,
    allow_skipped: bool,
) -> int:
    """Run every scenario on every engine, show the differences and return the exit code.

    The code is 1 if an unknown difference occurred twice, 2 if the JSON cannot be written, and 3 if no
    scenario was compared and `allow_skipped` is not set. A run that did not complete adds its own exit code.
    If several apply, the highest is returned.
    """
    files = {settings_of(scenario.path).known_differences for scenario in scenarios}
    known = {file: read_known(file) for file in files}
    notes: list[Note] = []
    codes = [PASSED]

    def known_in(path: Path) -> Sequence[Known]:
        return known[settings_of(path).known_differences]

    left = {name: [scenario.path for scenario in scenarios] for name in engines}

    def on_result(name: str, result: Result) -> None:
        notes.extend(result.notes)
        codes.append(result.exit_code if result.broke else PASSED)
        told = one_line(f"{result.engine}: {result.scenario.path.name}: {result.outcome}")
        say(told, file=sys.stderr, flush=True)
        with suppress(ValueError):  # the scenario runs again
            left[name].remove(result.scenario.path)

    try:
        made = comparison(scenarios, engines, settings_of, known_in, on_result)
    except KeyboardInterrupt:
        _tell_not_run(left, len(scenarios))
        raise
    seen, found = made.seen, made.found
    console = console_for(sys.stderr if json_file == STDOUT else sys.stdout)
    console.soft_wrap = True
    console.print()
    show_table(console, seen, found)
    show_notes(console, notes_of([notes]))
    show_reasons(console, seen, found)
    show_unknown(console, found)
    show_summary(console, seen, found)
    if unknown(found):
        codes.append(FAILED)
    if json_file is not None and (problem := write_json(json_file, seen, found, notes_of([notes]))):
        say(problem, file=sys.stderr)
        codes.append(WRONG)
    if not allow_skipped and not compared(seen):
        say(f"nothing was compared: every scenario was skipped by an engine; {REMEDY}", file=sys.stderr)
        codes.append(NO_ENGINE)
    return max(codes)


def _tell_not_run(left: Mapping[str, Sequence[Path]], number: int) -> None:
    """List the scenarios that an engine did not run because it was stopped."""
    for name, paths in left.items():
        if paths:
            listed = ", ".join(one_line(path.name) for path in paths)
            say(f"{name}: {len(paths)} of {number} not run: {listed}", file=sys.stderr)
