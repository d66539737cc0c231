"""The report on the screen: a line per scenario while they run, then each failure explained."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from harness.report.failure import failure_lines
from harness.report.layout import QUIET, STRONG, line, shown_path
from harness.report.model import Outcome, Result
from harness.report.nodes import lines
from harness.report.tree import forest
from harness.scenario.model import Scenario

WORDS: dict[Outcome, tuple[str, str]] = {
    "passed": ("PASS ", "green"),
    "failed": ("FAIL ", "bold red"),
    "error": ("ERROR", "bold red"),
    "skipped": ("SKIP ", "yellow"),
}
COUNTED: dict[Outcome, tuple[str, str]] = {
    "passed": ("passed", "passed"),
    "failed": ("failed", "failed"),
    "error": ("error", "errors"),
    "skipped": ("skipped", "skipped"),
}
# What a title needs at least to say anything; on a narrower terminal it is left out.
MIN_TITLE, MAX_TITLE = 12, 80
GAP = "  "
# Where no terminal says how wide it is; what a log or an editor shows without wrapping.
TREE_WIDTH = 110


def console_for(stream: TextIO) -> Console:
    """A console that shows text as it is, with colours only where they are understood."""
    return Console(file=stream, markup=False, highlight=False, emoji=False)


class TerminalReport:
    """A reporter for people. On a terminal it also shows which scenario is under way, and for how long."""

    def __init__(
        self, console: Console, verbose: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._verbose = verbose
        self._clock = clock
        self._began = clock()
        self._engine = ""
        self._results: list[Result] = []
        self._total = 0
        self._labels: dict[Path, str] = {}
        self._title_width = 0
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Lay out the columns for these scenarios."""
        self._began = self._clock()
        self._engine = engine
        self._total = len(scenarios)
        self._labels = _labels([scenario.path for scenario in scenarios])
        longest = max((cell_len(scenario.title) for scenario in scenarios), default=0)
        self._title_width = min(longest, MAX_TITLE)
        if self._console.is_terminal:
            taken = len("ERROR") + self._label_width + len("1234.5 s") + 3 * len(GAP)
            self._title_width = min(self._title_width, self._console.width - taken - 1)
        self._progress.start()

    def scenario_started(self, scenario: Scenario) -> None:
        """Show that it is under way."""
        label = self._labels.get(scenario.path, scenario.path.name)
        self._task = self._progress.add_task(f"{len(self._results) + 1}/{self._total}  {label}", total=None)

    def scenario_finished(self, result: Result) -> None:
        """Print its line."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        self._results.append(result)
        self._print(self._line(result))
        if result.outcome == "skipped":
            self._print(line(result.reason, QUIET, len("SKIP ") + len(GAP)))
        if self._verbose and result.timings_s:
            stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in result.timings_s.items())
            self._print(line(stages, QUIET, len("SKIP ") + len(GAP)))
        if self._verbose and result.observation is not None:
            width = self._console.width if self._console.is_terminal else TREE_WIDTH
            for text in lines(forest(result.observation), width):
                self._print(text)
            self._print(line())

    def finished(self) -> None:
        """Explain every failure, and sum up."""
        self._progress.stop()
        for result in self._results:
            if result.outcome in ("failed", "error"):
                self._print(line())
                for text in failure_lines(result, self._verbose):
                    self._print(text)
        self._print(line())
        self._print(self._summary())

    @property
    def _label_width(self) -> int:
        return max(map(cell_len, self._labels.values()), default=0)

    def _line(self, result: Result) -> Text:
        word, style = WORDS[result.outcome]
        text = Text(word, style)
        label = Text(self._labels.get(result.scenario.path, result.scenario.path.name))
        label.pad_right(self._label_width - label.cell_len)
        parts = [label]
        if self._title_width >= MIN_TITLE:
            title = line(result.scenario.title)
            title.pad_right(self._title_width - title.cell_len)
            if self._console.is_terminal:
                title.truncate(self._title_width, overflow="ellipsis")
            parts.append(title)
        parts.append(Text(f"{result.duration_s:.1f} s", QUIET))
        return text.append(GAP).append(Text(GAP).join(parts))

    def _summary(self) -> Text:
        numbers = Counter(result.outcome for result in self._results)
        parts = [
            f"{numbers[outcome]} {one if numbers[outcome] == 1 else many}"
            for outcome, (one, many) in COUNTED.items()
            if numbers[outcome]
        ]
        took = self._clock() - self._began
        bad = numbers["failed"] + numbers["error"]
        style = f"{STRONG} {'red' if bad else 'green' if numbers['passed'] else 'yellow'}"
        return line(f"{', '.join(parts) or 'no scenarios'} in {took:.1f} s on {self._engine}", style)

    def _print(self, text: Text) -> None:
        """A line is never broken here: terminals do that, and pipes want it whole."""
        self._console.print(text, soft_wrap=True)


def _labels(paths: Sequence[Path]) -> dict[Path, str]:
    """Short names of files: their names if no two are the same, otherwise their paths."""
    short = len({path.name for path in paths}) == len(set(paths))
    return {path: path.name if short else shown_path(path) for path in paths}
