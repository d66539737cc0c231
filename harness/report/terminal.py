"""The on-screen report: one line per scenario during the run, then an explanation for each failure."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Column
from rich.text import Text

from harness.hidden import Hiding
from harness.printable import printable
from harness.report.base import not_run
from harness.report.causes import grouped
from harness.report.columns import GAP, Columns
from harness.report.failure import failure_lines
from harness.report.layout import QUIET, STRONG, line, shown_path
from harness.report.model import Outcome, Result
from harness.report.nodes import lines
from harness.report.notes import notes_of, section
from harness.report.printed import printed_lines
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
STAGES: Mapping[str, str] = {
    "start": "starting the engine",
    "seed": "seeding",
    "deploy": "deploying",
    "run": "running",
    "observe": "reading the results",
    "compare": "comparing",
}
"""The stages as shown in the progress line."""
BAD_OUTCOMES = ("failed", "error")
# Width to use when the terminal's width is unknown: fits logs and editors without wrapping.
TREE_WIDTH = 110
INDENT = len("SKIP ") + len(GAP)
# Narrower screens wrap lines themselves. Continuation lines of a wrapped line are indented by HANGING.
MIN_WRAPPED, HANGING = 40, 2


class PrintableConsole(Console):
    """A console that escapes control codes in text but keeps rich's own control codes."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return the segments to print, escaped."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


def console_for(stream: TextIO) -> Console:
    """Return a console that shows text unchanged, with colours only if supported or requested."""
    hiding = cast(TextIO, Hiding(stream))
    return PrintableConsole(file=hiding, markup=False, highlight=False, emoji=False)


def is_screen(console: Console) -> bool:
    """Return whether the console is a real screen. With FORCE_COLOR, rich treats even a pipe like a
    terminal.
    """
    return console.is_terminal and console.file.isatty()


class TerminalReport:
    """A reporter for people. On a terminal it also shows the current scenarios and their elapsed time.

    `screen` says whether `console` is a terminal; by default, this depends on its stream. `durations` is the
    number of slowest scenarios to show at the end: 0 for all, None for none.
    """

    def __init__(
        self,
        console: Console,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
        screen: bool | None = None,
        durations: int | None = None,
    ) -> None:
        self._console = console
        self._verbose = verbose
        self._durations = durations
        self._clock = clock
        self._screen = is_screen(console) if screen is None else screen
        self._began = clock()
        self._engine = ""
        self._scenarios: Sequence[Scenario] = ()
        self._numbers: Mapping[Path, int] = {}
        self._results: list[Result] = []
        self._under_way: dict[Path, tuple[Scenario, TaskID]] = {}
        self._before: TaskID | None = None
        self._columns = Columns((), None)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis")),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not self._screen,
        )

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Lay out the columns for these scenarios."""
        self._began = self._clock()
        self._engine = engine
        self._scenarios = scenarios
        self._numbers = {scenario.path: number for number, scenario in enumerate(scenarios, start=1)}
        self._columns = Columns(scenarios, self._console.width if self._screen else None)
        if self._before is not None:
            self._progress.remove_task(self._before)
        self._progress.start()

    def scenario_started(self, scenario: Scenario) -> None:
        """Show the scenario as running, next to others."""
        task = self._progress.add_task(self._described(scenario), total=None)
        self._under_way[scenario.path] = scenario, task

    def stage(self, name: str, scenario: Scenario | None = None) -> None:
        """Show the scenario's current stage; `scenario` can be omitted if there is only one.

        Before the scenarios are known, this is the stage that precedes all scenarios, in which engines start.
        """
        if not self._numbers and self._screen and self._before is None:
            self._before = self._progress.add_task(_said(name), total=None)
            self._progress.start()
        for each, task in self._under_way.values():
            if scenario is None or each.path == scenario.path:
                self._progress.update(task, description=f"{self._described(each)}  {_said(name)}")

    def hold(self) -> None:
        """Hide the progress display while the user answers a prompt."""
        self._progress.stop()

    def go_on(self) -> None:
        """Show the progress display again."""
        self._progress.start()

    def scenario_finished(self, result: Result) -> None:
        """Print the scenario's line; with `verbose` also the tree of events and all output and messages."""
        if result.scenario.path in self._under_way:
            self._progress.remove_task(self._under_way.pop(result.scenario.path)[1])
        # Only failures are explained at the end. There may be thousands of other results, so their large data
        # is not kept.
        bad = result.outcome in BAD_OUTCOMES
        self._results.append(result if bad else replace(result, observation=None))
        word, style = WORDS[result.outcome]
        for text in self._columns.lines(Text(word, style), result):
            self._print(text)
        if result.outcome == "skipped":
            self._print(line(result.reason, QUIET, INDENT))
        if self._verbose and result.timings_s:
            stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in result.timings_s.items())
            self._print(line(stages, QUIET, INDENT))
        if self._verbose and result.observation is not None:
            width = self._console.width if self._screen else TREE_WIDTH
            # The explanation of a failure contains the trace.
            printed = printed_lines(result.observation, traces=result.outcome not in BAD_OUTCOMES)
            for text in (*lines(forest(result.observation), width), *printed):
                self._print(text)
            self._print(line())

    def finished(self) -> None:
        """Explain every failure, list the failures with their commands, and print a summary."""
        self.stop()
        bad = [result for result in self._results if result.outcome in BAD_OUTCOMES]
        head = self._verbose or len(self._scenarios) > 1  # for a single scenario, its line is right above
        for group in [[result] for result in bad] if self._verbose else grouped(bad):
            first, *others = group
            if head:
                self._print(line())
            alike = [shown_path(other.scenario.path) for other in others]
            for text in failure_lines(first, self._verbose, reproduce=False, alike=alike, head=head):
                self._print(text)
            for other in others:
                self._print(line())
                for text in failure_lines(other, reproduce=False, like=shown_path(first.scenario.path)):
                    self._print(text)
        if self._durations is not None:
            self._section(_slowest(self._results, self._durations))
        self._section(_commands(bad))
        left = not_run(self._scenarios, self._results)
        self._section(self._not_run(left))
        self._section(section(notes_of(result.notes for result in self._results)))
        self._print(line())
        self._print(self._summary(len(left)))

    def stop(self) -> None:
        """Stop the progress display."""
        self._progress.stop()

    def _section(self, texts: Iterable[Text]) -> None:
        """Print an empty line followed by the lines; print nothing if there are no lines."""
        for number, text in enumerate(texts):
            if number == 0:
                self._print(line())
            self._print(text)

    def _described(self, scenario: Scenario) -> str:
        label = self._columns.labels.get(scenario.path, scenario.path.name)
        return f"{self._numbers[scenario.path]}/{len(self._scenarios)}  {label}"

    def _not_run(self, left: Sequence[Scenario]) -> Iterator[Text]:
        if not left:
            return
        yield line("Not run, because the run stopped early", f"{STRONG} yellow")
        for each in left:
            yield line(
                f"{shown_path(each.path)}{' (was running)' * (each.path in self._under_way)}", indent=2
            )

    def _summary(self, left: int) -> Text:
        numbers = Counter(result.outcome for result in self._results)
        parts = [
            f"{numbers[outcome]} {one if numbers[outcome] == 1 else many}"
            for outcome, (one, many) in COUNTED.items()
            if numbers[outcome]
        ]
        parts += [f"{left} not run"] if left else []
        took = self._clock() - self._began
        bad = numbers["failed"] + numbers["error"]
        style = "red" if bad else "green" if numbers["passed"] and not left else "yellow"
        text = f"{', '.join(parts) or 'no scenarios'} in {took:.1f} s on {self._engine}"
        return line(text, f"{STRONG} {style}")

    def _print(self, text: Text) -> None:
        """Print a line. Only prose is wrapped, and only on a screen: commands to copy and piped output are
        not wrapped.
        """
        width = self._console.width
        if not (self._screen and text.overflow == "fold" and text.cell_len > width >= MIN_WRAPPED):
            self._console.print(text, soft_wrap=True)
            return
        indent = len(text.plain) - len(text.plain.lstrip())
        first, *others = text[indent:].wrap(self._console, width - indent - HANGING)
        for each in (first, *others):
            each.rstrip()
        self._console.print(line(" " * indent).append_text(first), soft_wrap=True)
        for other in others:
            self._console.print(line(" " * (indent + HANGING)).append_text(other), soft_wrap=True)


def _said(stage: str) -> str:
    """Return a stage and its progress as displayed: `running: 1,204 AWS calls`."""
    name, colon, far = stage.partition(": ")
    return f"{STAGES.get(name, name)}{colon}{far}"


def _slowest(results: Sequence[Result], number: int) -> Iterator[Text]:
    """Yield the slowest scenarios (for 0, all scenarios) with the real time of each stage."""
    listed = sorted(results, key=lambda each: -each.duration_s)[: number or None]
    if listed:
        yield line(f"Slowest {len(listed)} of {len(results)}", STRONG)
    for each in listed:
        stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in each.timings_s.items())
        yield line(f"{each.duration_s:8.2f} s  {shown_path(each.scenario.path)}  {stages}".rstrip(), indent=2)


def _commands(bad: Sequence[Result]) -> Iterator[Text]:
    """Yield the failures, each with the command that reruns it."""
    listed = [result for result in bad if result.reproduce]
    if listed:
        yield line("To rerun the failures", STRONG)
    width = max((len(result.reproduce) for result in listed), default=0)
    for result in listed:
        what = (
            f"{len(result.mismatches)} mismatch{'es' * (len(result.mismatches) != 1)}"
            if result.mismatches
            else "error"
        )
        yield line(f"{result.reproduce:{width}}  # {what}", indent=2)
