"""Histories of recorded executions as pytest items: files in a project's `histories` folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.printable import one_line, printable
from harness.pytest_plugin.state import own_path, projects_of, shown
from harness.settings import SettingsError

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from harness.histories import HistoryError, RecordedExecution
    from harness.replay.judging import HistoryJudge, Judged

FOLDER = "histories"
JUDGE = pytest.StashKey["HistoryJudge"]()
READ = pytest.StashKey[dict[Path, list["RecordedExecution | HistoryError"]]]()
"""Histories in folders that have been read completely."""


def is_history(file: Path, parent: pytest.Collector) -> bool:
    """Return whether a JSON file is a history in its project.

    Raises:
        CollectError: the project's settings are invalid.
    """
    if FOLDER not in file.parts:
        return False
    with own_path():
        from harness.histories.reading import DESCRIBED  # noqa: PLC0415  (when there is one)
        from harness.replay.finding import folder_of  # noqa: PLC0415

        try:
            settings = projects_of(parent.config).above(file)
        except SettingsError as error:
            raise parent.CollectError(str(error)) from None
        place = file.parent.resolve() / file.name
        inside = settings is not None and folder_of(place, settings) is not None
        return inside and not file.name.endswith(DESCRIBED)


class HistoryFile(pytest.File):
    """A file that contains the history of one or more executions."""

    def collect(self) -> Iterator[pytest.Item]:
        """Collect the executions in the file."""
        with own_path():
            from harness.histories import HistoryError  # noqa: PLC0415

            found = self._executions()
            if wrong := [each for each in found if isinstance(each, HistoryError)]:
                raise self.CollectError(printable("\n".join(map(str, wrong))))
        names: set[str] = set()
        for number, each in enumerate(found, start=1):
            assert not isinstance(each, HistoryError)
            name = one_line(each.name or self.path.stem)
            name = name if name not in names else f"{name}-{number}"
            names.add(name)
            yield HistoryItem.from_parent(self, name=name, execution=each)

    def _executions(self) -> list[RecordedExecution | HistoryError]:
        """Return the executions that begin in the file. They may continue on pages in adjacent files."""
        from harness.histories import HistoryError, read_histories  # noqa: PLC0415

        file = shown(self.path)
        found = list(read_histories([file]))
        if not any(isinstance(each, HistoryError) for each in found):
            return found
        kept = self.config.stash.setdefault(READ, {})
        if file.parent not in kept:
            kept[file.parent] = list(read_histories([file.parent]))
        return [each for each in kept[file.parent] if each.file == file]


def _judge(config: pytest.Config) -> HistoryJudge:
    """This process's judge. It reads each definition once."""
    from harness.replay.judging import HistoryJudge  # noqa: PLC0415  (when there is a history)

    if JUDGE not in config.stash:
        config.stash[JUDGE] = HistoryJudge(projects_of(config).of)
    return config.stash[JUDGE]


class HistoryDiffers(Exception):
    """The replay differs from the recording, or is not possible."""

    def __init__(self, judged: Judged) -> None:
        super().__init__(str(judged.file))
        self.judged = judged


class HistoryItem(pytest.Item):
    """One recorded execution."""

    def __init__(self, *, name: str, parent: HistoryFile, execution: RecordedExecution) -> None:
        super().__init__(name, parent)
        self.execution = execution

    def runtest(self) -> None:
        """Replay the execution with its project's current definition."""
        with own_path():
            try:
                judged = _judge(self.config).judge(self.execution)
            except SettingsError as error:
                raise pytest.fail.Exception(str(error), pytrace=False) from None
        if judged.outcome != "same":
            raise HistoryDiffers(judged)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str | TerminalRepr:
        """Return the output of `harness replay`. A traceback is included only for a bug in the harness."""
        if not isinstance(excinfo.value, HistoryDiffers):
            return super().repr_failure(excinfo)
        with own_path():
            from harness.replay.show import lines  # noqa: PLC0415

            return "\n".join(lines(excinfo.value.judged))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the position for the summary."""
        return Path(one_line(self.path)), 0, self.name
