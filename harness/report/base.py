"""The interface of reporters, which are told of the scenarios one by one while they run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.report.iam import IamReport
from harness.report.model import Result
from harness.scenario.model import Scenario


class Reporter(Protocol):
    """Consumes results as they come. `finished` is also called when the session was cut short."""

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """These scenarios are going to run on this engine."""

    def scenario_started(self, scenario: Scenario) -> None:
        """This one is under way."""

    def scenario_finished(self, result: Result) -> None:
        """It has ended like this."""

    def finished(self) -> None:
        """Nothing more will come."""


@dataclass(frozen=True)
class Context:
    """Other reporters of the same command, of which a file may tell: `iam` is that of `--iam-report`."""

    iam: IamReport | None = None


class FileReport(ABC):
    """A reporter that writes one file when all has ended. A subclass gives the file's text."""

    def __init__(self, path: Path, context: Context) -> None:
        self.path = path
        self.context = context
        self.engine = ""
        self.results: list[Result] = []

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Remember the engine."""
        self.engine = engine

    def scenario_started(self, scenario: Scenario) -> None:  # noqa: B027  (most files have no use for it)
        """Nothing to say yet."""

    def scenario_finished(self, result: Result) -> None:
        """Keep the result."""
        self.results.append(result)

    def finished(self) -> None:
        """Write the file, and the folders that it is in."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A text of AWS's may have half of a surrogate pair, which UTF-8 does not: as an escape, as in JSON.
        self.path.write_bytes(self.text().encode("utf-8", "backslashreplace"))

    @abstractmethod
    def text(self) -> str:
        """The content of the file."""
