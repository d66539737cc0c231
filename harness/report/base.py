"""The reporter interface. A reporter is notified as each scenario runs."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.hidden import without_secrets
from harness.report import STDOUT
from harness.report.iam import IamReport
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.scenario.position import Problem


class Reporter(Protocol):
    """Consumes results as they arrive. `finished` is also called if the session stops early."""

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """These scenarios will run on this engine."""

    def scenario_started(self, scenario: Scenario) -> None:
        """This scenario has started."""

    def scenario_finished(self, result: Result) -> None:
        """A scenario has finished with this result."""

    def finished(self) -> None:
        """No more results will arrive. Scenarios without a result did not run or did not finish."""


@dataclass(frozen=True)
class Context:
    """Other reporters in the command whose data a file report may include: `iam` is for `--iam-report`."""

    iam: IamReport | None = None


class FileReport(ABC):
    """A reporter that writes one file at the end. A subclass provides the file's content.

    `problem` says why the file could not be written. It is "" until then, and on success. `cut_short` says
    why scenarios did not run. `problems` are errors in files that could not be used.
    """

    def __init__(self, path: Path, context: Context) -> None:
        self.path = path
        self.context = context
        self.engine = ""
        self.scenarios: Sequence[Scenario] = ()
        self.results: list[Result] = []
        self.problem = ""
        self.cut_short = ""
        self.problems: Sequence[Problem] = ()

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Store the engine and the scenarios to run."""
        self.engine = engine
        self.scenarios = scenarios

    def scenario_started(self, scenario: Scenario) -> None:  # noqa: B027  (most reports do not need it)
        """Do nothing."""

    def scenario_finished(self, result: Result) -> None:
        """Store the result."""
        self.results.append(result)

    def finished(self) -> None:
        """Write the file. Create missing parent folders."""
        self.problem = written(self.path, self.text())

    @property
    def not_run(self) -> tuple[Scenario, ...]:
        """The scenarios that have no result because the run stopped early."""
        return not_run(self.scenarios, self.results)

    @abstractmethod
    def text(self) -> str:
        """The content of the file."""


def not_run(scenarios: Sequence[Scenario], results: Sequence[Result]) -> tuple[Scenario, ...]:
    """Return the scenarios that have no result."""
    ended = {result.scenario.path for result in results}
    return tuple(scenario for scenario in scenarios if scenario.path not in ended)


def written(path: Path, text: str) -> str:
    """Write a report to a file, or to stdout for `-`. Create missing parent folders.

    Return a sentence that says why the file could not be written; "" if it was.
    """
    text = without_secrets(text)
    try:
        if path == STDOUT:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            # AWS text may contain a lone surrogate, which UTF-8 cannot encode. It is written as an escape
            # sequence, as in JSON.
            path.write_bytes(text.encode("utf-8", "backslashreplace"))
    except BrokenPipeError:
        raise
    except OSError as error:
        return f"{path}: cannot be written ({error.strerror}): free some space, or choose another file"
    return ""
