"""What all expectations share: the entry of the file that asks, and how a mismatch is made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from harness.expect.model import Mismatch
from harness.observe.model import Observation, Run
from harness.scenario.model import RunKey, Scenario
from harness.scenario.position import Position
from harness.scenario.source import Key, KeyPath


@dataclass(frozen=True)
class Entry:
    """An entry of `expect` that asks for something, and the run that it is about ("" for none)."""

    scenario: Scenario
    expectation: str
    path: KeyPath
    run: str = ""

    def at(self, *key_path: Key) -> Entry:
        """An entry within this one."""
        return replace(self, path=(*self.path, *key_path))

    @property
    def where(self) -> Position:
        """Its place in the file, or that of the nearest entry around it."""
        return self.scenario.position(*self.path)

    def mismatch(
        self, summary: str, expected: str = "", seen: str = "", subject: str = "", link: str = ": "
    ) -> Mismatch:
        """A mismatch of what is asked for here; its summary is subject, link and `summary`.

        Of several runs, it also says which one.
        """
        text = f"{subject}{link}{summary}" if subject else summary
        if self.run and len(self.scenario.runs) > 1:
            text = f"run {self.run}: {text}"
        return Mismatch(self.expectation, self.where, text, expected, seen, subject, self.run)


@dataclass(frozen=True)
class PerRun:
    """An expectation that every run is compared with."""

    key: RunKey
    compare: Callable[[Any, Run, Observation, Entry], Iterable[Mismatch]]


@dataclass(frozen=True)
class Overall:
    """An expectation about what all runs have left together."""

    key: str
    compare: Callable[[Any, Observation, Entry], Iterable[Mismatch]]
