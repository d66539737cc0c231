"""`harness replay`: replay recorded executions and compare their histories event by event."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.exit_codes import PASSED, WRONG
from harness.files import is_there
from harness.histories import HistoryError, RecordedExecution, read_histories
from harness.printable import one_line, say
from harness.projects import Projects
from harness.replay.finding import folders_of
from harness.replay.judging import HistoryJudge, Judged
from harness.replay.reports import as_json, as_junit
from harness.replay.show import lines, summary
from harness.replay_settings import IgnoredValue, ignored_path_problem
from harness.report import STDOUT
from harness.report.base import written
from harness.report.layout import shown_path
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in


def replay(arguments: argparse.Namespace) -> int:
    """Replay histories. Return 1 if a history differs, 2 if a history cannot be read."""
    projects = Projects(dict(os.environ), options_in(arguments))
    _check(arguments)
    ignored = _ignored(arguments.ignore)
    try:
        executions = list(read_histories(arguments.paths or _kept(projects.here)))
    except HistoryError as error:
        raise SettingsError(str(error)) from error
    if _at(arguments) is not None:
        from harness.cli.looking import look_around  # noqa: PLC0415  (needs an engine)

        return look_around(arguments, projects, executions)
    with _judge(arguments, projects, executions, ignored) as judge:
        return _judged(arguments, judge, executions)


def _judged(
    arguments: argparse.Namespace, judge: HistoryJudge, executions: Sequence[RecordedExecution | HistoryError]
) -> int:
    stream = sys.stderr if STDOUT in (arguments.json, arguments.junit) else sys.stdout
    found: list[Judged] = []
    for judged in judge.judged(executions):
        found.append(judged)
        say(*lines(judged), file=stream, flush=arguments.real)
    for change in judge.unused:
        say(one_line(f"note: {change}: not found in any replayed definition; remove it"), file=sys.stderr)
    say(summary(found), file=stream)
    problems = [
        problem
        for path, text in ((arguments.json, as_json), (arguments.junit, as_junit))
        if path is not None and (problem := written(path, text(found)))
    ]
    say(*problems, file=sys.stderr, end="\n" * bool(problems))
    return max([each.exit_code for each in found] + [WRONG if problems else PASSED])


@contextmanager
def _judge(
    arguments: argparse.Namespace,
    projects: Projects,
    executions: Sequence[RecordedExecution | HistoryError],
    ignored: tuple[IgnoredValue, ...],
) -> Iterator[HistoryJudge]:
    """Yield the judge, including its engine if it needs one."""
    if not arguments.real:
        yield HistoryJudge(projects.of, arguments.definition, arguments.machine, ignored)
        return
    from harness.cli.rebuilding import rebuilt_judge  # noqa: PLC0415  (needs an engine)

    with rebuilt_judge(arguments, projects, executions, ignored) as judge:
        yield judge


def _check(arguments: argparse.Namespace) -> None:
    """Reject arguments that cannot be combined, and arguments that specify missing files."""
    definition: Path | None = arguments.definition
    if definition is not None and not is_there(definition):
        raise SettingsError(f"--definition {definition}: file not found; correct the path")
    if arguments.seed is not None and not arguments.real and _at(arguments) is None:
        raise SettingsError(
            f"--seed {arguments.seed}: without --real, --until or --break all responses come from the "
            "history; add --real, or omit --seed"
        )
    if arguments.until is not None and arguments.stop is not None:
        raise SettingsError("--break and --until both set the event to stop at; omit one of them")
    if _at(arguments) is not None:
        until = "until" if arguments.stop is None else "break"
        for name in ("json", "junit", "ignore"):
            if getattr(arguments, name):
                raise SettingsError(f"--{name}: --{until} does not compare anything; omit one of them")


def _at(arguments: argparse.Namespace) -> int | None:
    """Return the event at which to pause; None for a complete replay."""
    event: int | None = arguments.until if arguments.stop is None else arguments.stop
    return event


def _ignored(paths: Sequence[str]) -> tuple[IgnoredValue, ...]:
    """Return the values specified on the command line.

    Raises:
        SettingsError: a path is invalid.
    """
    for path in paths:
        if problem := ignored_path_problem(path):
            raise SettingsError(f"--ignore: {problem}")
    return tuple(IgnoredValue(path, "--ignore") for path in paths)


def _kept(settings: Settings) -> list[Path]:
    """Return the project's folders that contain histories.

    Raises:
        SettingsError: the project has none.
    """
    if found := folders_of(settings):
        return [Path(shown_path(each)) for each in found]
    raise SettingsError(
        f"{settings.root}: folder histories/ not found next to its scenarios; create it, or name a history"
    )
