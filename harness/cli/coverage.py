"""Report coverage at the end of `harness run` and `harness sweep`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from harness.coverage.output import Output, below
from harness.coverage.record import Recorder
from harness.exit_codes import FAILED, PASSED, WRONG
from harness.printable import say
from harness.report.layout import shown_path
from harness.report.model import Result
from harness.scenario.model import Scenario


class CoverageReport:
    """A reporter that shows the parts of state machines that no scenario reached, and writes coverage files.

    `code` is the exit code: 1 if the coverage is below the required minimum, 2 if a file cannot be written.
    """

    def __init__(self, stream: TextIO, files: Sequence[Path], least: float | None) -> None:
        self.recorder = Recorder()
        self.code = PASSED
        self._stream = stream
        self._files = files
        self._least = least

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Print nothing yet."""

    def scenario_started(self, scenario: Scenario) -> None:
        """Print nothing yet."""

    def scenario_finished(self, result: Result) -> None:
        """Record the parts that the scenario reached."""
        if result.observation is not None:
            self.recorder.add(result.observation, shown_path(result.scenario.path))

    def finished(self) -> None:
        """Write the files and show the table."""
        coverage = self.recorder.coverage()
        output = Output(coverage, self._files)
        problems = output.write()
        if problems:
            self.code = max(self.code, WRONG)
            say("\n".join(problems), file=sys.stderr)
        say("\n".join(["", *output.lines()]), file=self._stream)
        if problem := below(coverage, self._least):
            self.code = max(self.code, FAILED)
            say(problem, file=sys.stderr)
