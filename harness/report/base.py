"""The interface of reporters, which are told of the scenarios one by one while they run."""

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
    """Consumes results as they come. `finished` is also called when the session was cut short."""

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """These scenarios are going to run on this engine."""

    def scenario_started(self, scenario: Scenario) -> None:
        """This one is under way."""

    def scenario_finished(self, result: Result) -> None:
        """It has ended like this."""

    def finished(self) -> None:
        """Nothing more will come. Scenarios without a result were not run, or cut short."""


@dataclass(frozen=True)
class Context:
    """Other reporters of the same command, of which a file may tell: `iam` is that of `--iam-report`."""

    iam: IamReport | None = None


class FileReport(ABC):
    """A reporter that writes one file when all has ended. A subclass gives the file's text.

    `problem` says why the file could not be written; "" if it was, or it is not yet time. `cut_short` says
    why scenarios were not run, `problems` what is wrong in files that could not be used.
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
        """Remember the engine and what is to run."""
        self.engine = engine
        self.scenarios = scenarios

    def scenario_started(self, scenario: Scenario) -> None:  # noqa: B027  (most files have no use for it)
        """Nothing to say yet."""

    def scenario_finished(self, result: Result) -> None:
        """Keep the result."""
        self.results.append(result)

    def finished(self) -> None:
        """Write the file, and the folders that it is in."""
        self.problem = written(self.path, self.text())

    @property
    def not_run(self) -> tuple[Scenario, ...]:
        """The scenarios that have no result, as the run was cut short."""
        return not_run(self.scenarios, self.results)

    @abstractmethod
    def text(self) -> str:
        """The content of the file."""


def not_run(scenarios: Sequence[Scenario], results: Sequence[Result]) -> tuple[Scenario, ...]:
    """The scenarios that have no result."""
    ended = {result.scenario.path for result in results}
    return tuple(scenario for scenario in scenarios if scenario.path not in ended)


def written(path: Path, text: str) -> str:
    """Write a report to a file, and the folders that it is in; `-` is stdout.

    Gives a sentence that says why it could not be written; "" if it was.
    """
    text = without_secrets(text)
    try:
        if path == STDOUT:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            # A text of AWS's may have half of a surrogate pair, which UTF-8 does not: an escape, as in JSON.
            path.write_bytes(text.encode("utf-8", "backslashreplace"))
    except BrokenPipeError:
        raise
    except OSError as error:
        return f"{path}: cannot be written ({error.strerror}); make room for it, or name another file"
    return ""
