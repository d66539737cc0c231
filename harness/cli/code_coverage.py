"""Report function code coverage at the end of `harness run`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from harness.code_coverage.collected import Collected
from harness.code_coverage.own import OwnCoverage
from harness.exit_codes import FAILED, PASSED, WRONG
from harness.functions.shared.model import Measures
from harness.printable import say
from harness.report.model import Result
from harness.scenario.model import Scenario


class CodeReport:
    """A reporter that writes coverage.py's data file and shows its table.

    `code` is the exit code: 1 if the coverage is below the required minimum, 2 if the file cannot be written.

    Raises:
        SettingsError: coverage.py cannot be used.
    """

    def __init__(self, stream: TextIO, least: float | None, *, append: bool) -> None:
        self.code = PASSED
        self._stream = stream
        self._own = OwnCoverage(append=append)
        self._least = self._own.least if least is None else least
        self._collected = Collected()

    @property
    def measures(self) -> Measures:
        """Return `lines` or `arcs`, whichever is measured."""
        return self._own.measures

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Print nothing yet."""

    def scenario_started(self, scenario: Scenario) -> None:
        """Print nothing yet."""

    def scenario_finished(self, result: Result) -> None:
        """Add the lines that the scenario executed."""
        if result.observation is not None:
            self._collected.add(result.observation)

    def finished(self) -> None:
        """Write the file and show the table."""
        if problem := self._own.write(self._collected):
            self._fail(problem, WRONG)
            return
        say("", file=self._stream)
        percent, problem = self._own.report(self._stream)
        if problem:
            self._fail(problem, WRONG)
        for sentence in self._collected.not_measured:
            say(sentence, file=self._stream)
        if percent is not None and percent < self._least:
            self._fail(
                f"coverage of function code is {percent:.1f} %, below the required minimum of "
                f"{self._least:g} %",
                FAILED,
            )

    def _fail(self, sentence: str, code: int) -> None:
        say(sentence, file=sys.stderr)
        self.code = max(self.code, code)
