"""`harness replay`: plays recorded executions again, and compares their histories event by event."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from harness.exit_codes import PASSED, WRONG
from harness.files import is_there
from harness.histories import HistoryError, read_histories
from harness.printable import one_line, say
from harness.projects import Projects
from harness.replay.finding import folders_of
from harness.replay.judging import HistoryJudge, Judged
from harness.replay.reports import as_json, as_junit
from harness.replay.show import lines, summary
from harness.report import STDOUT
from harness.report.base import written
from harness.report.layout import shown_path
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in


def replay(arguments: argparse.Namespace) -> int:
    """Replay histories; 1 when one differs, 2 when one cannot be read."""
    projects = Projects(dict(os.environ), options_in(arguments))
    definition: Path | None = arguments.definition
    if definition is not None and not is_there(definition):
        raise SettingsError(f"--definition {definition}: there is no such file; correct the path")
    judge = HistoryJudge(projects.of, definition, arguments.machine)
    stream = sys.stderr if STDOUT in (arguments.json, arguments.junit) else sys.stdout
    found: list[Judged] = []
    try:
        executions = read_histories(arguments.paths or _kept(projects.here))
    except HistoryError as error:
        raise SettingsError(str(error)) from error
    for judged in judge.judged(executions):
        found.append(judged)
        say(*lines(judged), file=stream)
    for change in judge.unused:
        say(one_line(f"note: {change}: no definition that was replayed shows it; remove it"), file=sys.stderr)
    say(summary(found), file=stream)
    problems = [
        problem
        for path, text in ((arguments.json, as_json), (arguments.junit, as_junit))
        if path is not None and (problem := written(path, text(found)))
    ]
    say(*problems, file=sys.stderr, end="\n" * bool(problems))
    return max([each.exit_code for each in found] + [WRONG if problems else PASSED])


def _kept(settings: Settings) -> list[Path]:
    """The folders with histories that the project keeps.

    Raises:
        SettingsError: it has none.
    """
    if found := folders_of(settings):
        return [Path(shown_path(each)) for each in found]
    raise SettingsError(
        f"{settings.root}: there is no folder histories/ beside its scenarios; make one, or name a history"
    )
