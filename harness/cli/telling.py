"""Pass events to reporters. A reporter that fails is stopped and changes the exit code. Others continue."""

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
    """Several reporters combined into one. `code` is the exit code for their failures."""

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters = list(reporters)
        self.code = PASSED

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Report that these scenarios will run on this engine."""
        for reporter in list(self._reporters):
            self._tell(reporter, "started", scenarios, engine)

    def scenario_started(self, scenario: Scenario) -> None:
        """Report that a scenario has started."""
        for reporter in list(self._reporters):
            self._tell(reporter, "scenario_started", scenario)

    def scenario_finished(self, result: Result) -> None:
        """Report that a scenario has finished with this result."""
        for reporter in list(self._reporters):
            self._tell(reporter, "scenario_finished", result)

    def cut_short(self, why: str) -> None:
        """Set the reason why scenarios without a result did not run. It appears in report files."""
        for reporter in self._reporters:
            if isinstance(reporter, FileReport):
                reporter.cut_short = why

    def finished(self) -> None:
        """Report the end. Files come first, because the screen's reader may have exited."""
        for reporter in sorted(self._reporters, key=lambda each: not isinstance(each, FileReport)):
            self._tell(reporter, "finished")
            if isinstance(reporter, FileReport) and reporter.problem:
                self.code = max(self.code, WRONG)
                say(reporter.problem, file=sys.stderr)

    def refused(self, problems: Sequence[Problem] = ()) -> None:
        """Report that a scenario cannot be used. The screen shows the reason; files list the scenarios that
        did not run.
        """
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
        except BrokenPipeError:  # the output's reader has closed it
            raise
        except OSError as error:
            file = reporter.path if isinstance(reporter, FileReport) else "the report"
            self._leave(reporter, f"{file} cannot be written: {error.strerror or error}", WRONG)
        except Exception:
            self._leave(reporter, f"{traceback.format_exc()}This is a bug in the harness.", BUG)

    def _leave(self, reporter: Reporter, said: str, code: int) -> None:
        self._reporters.remove(reporter)
        self.code = max(self.code, code)
        say(said, file=sys.stderr)
