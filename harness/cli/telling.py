"""Tells reporters what happens. One that fails ends nothing but itself, and is seen in the exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Sequence

from harness.exit_codes import BUG, PASSED, WRONG
from harness.printable import say
from harness.report.base import FileReport, Reporter
from harness.report.model import Result
from harness.report.terminal import TerminalReport
from harness.scenario.model import Scenario
from harness.scenario.position import Problem


class Reporters:
    """Several reporters as one. `code` is the exit code for what went wrong with them."""

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters = list(reporters)
        self.code = PASSED

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Tell that these scenarios are going to run on this engine."""
        for reporter in list(self._reporters):
            self._tell(reporter, "started", scenarios, engine)

    def scenario_started(self, scenario: Scenario) -> None:
        """Tell that this one is under way."""
        for reporter in list(self._reporters):
            self._tell(reporter, "scenario_started", scenario)

    def scenario_finished(self, result: Result) -> None:
        """Tell that it has ended like this."""
        for reporter in list(self._reporters):
            self._tell(reporter, "scenario_finished", result)

    def cut_short(self, why: str) -> None:
        """Tell why scenarios that have no result by now were not run; files say it."""
        for reporter in self._reporters:
            if isinstance(reporter, FileReport):
                reporter.cut_short = why

    def finished(self) -> None:
        """Tell that nothing more will come: files first, as whoever reads the screen may be gone."""
        for reporter in sorted(self._reporters, key=lambda each: not isinstance(each, FileReport)):
            self._tell(reporter, "finished")
            if isinstance(reporter, FileReport) and reporter.problem:
                self.code = max(self.code, WRONG)
                say(reporter.problem, file=sys.stderr)

    def refused(self, problems: Sequence[Problem] = ()) -> None:
        """Tell that a scenario cannot be used: the screen gets the reason, files say what did not run."""
        for reporter in self._reporters:
            if isinstance(reporter, TerminalReport):
                reporter.stop()
        files = [each for each in self._reporters if isinstance(each, FileReport)]
        for file in files:
            file.problems = problems
        self._reporters = list[Reporter](files)
        self.finished()

    def _tell(self, reporter: Reporter, what: str, *arguments: object) -> None:
        try:
            getattr(reporter, what)(*arguments)
        except BrokenPipeError:  # whoever read the output has gone
            raise
        except OSError as error:
            file = reporter.path if isinstance(reporter, FileReport) else "the report"
            self._leave(reporter, f"{file} cannot be written: {error.strerror or error}", WRONG)
        except Exception:
            self._leave(reporter, f"{traceback.format_exc()}This is a bug of the harness.", BUG)

    def _leave(self, reporter: Reporter, said: str, code: int) -> None:
        self._reporters.remove(reporter)
        self.code = max(self.code, code)
        say(said, file=sys.stderr)
