"""A position in a file, and a problem at a position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.printable import one_line


@dataclass(frozen=True, order=True)
class Position:
    """A position in a file. `line` and `column` count from 1."""

    path: Path
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{one_line(self.path)}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Problem:
    """A problem in a file, and its remedy.

    As text: `a.yaml:3:1: unknown key 'sed'; did you mean 'seed'?`.
    """

    where: Position
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")


class ScenarioError(HarnessError):
    """One or more scenario files cannot be used. `problems` contains all problems in all files."""

    code = "scenario-file"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class RefusedError(ValueError):
    """A value that cannot be used. `message` describes the problem, and `remedy` describes the solution."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy
