"""Partial results, shared by the `harness sweep` modes for faults and for updates."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harness.exit_codes import PASSED, WRONG
from harness.report.terminal import console_for
from harness.sweep.model import Swept, Verdict
from harness.sweep.updates import model as updates

AnySwept = TypeVar("AnySwept", bound=Swept | updates.Swept)
AnyVerdict = TypeVar("AnyVerdict", bound=Verdict | updates.Verdict)


class Found(Generic[AnySwept, AnyVerdict]):
    """The results of a sweep so far, and a progress bar.

    The bar begins with `first`. `size` describes a sweep's size, and `label` describes the subject of a
    verdict.
    """

    def __init__(
        self, first: str, size: Callable[[AnySwept], str], label: Callable[[AnyVerdict], str]
    ) -> None:
        self.swept: AnySwept | None = None
        self._size = size
        self._label = label
        self._verdicts: list[AnyVerdict] = []
        self._trials = 0
        self._began = time.monotonic()
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console_for(sys.stderr),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self.bar.add_task(first, total=None)

    def on_start(self, swept: AnySwept, trials: Sequence[object]) -> None:
        """Store the number of trials."""
        self.swept, self._trials = swept, len(trials)
        self.bar.update(self._task, description=self._size(swept), total=len(trials))

    def on_verdict(self, verdict: AnyVerdict) -> None:
        """Store a verdict, and advance the bar."""
        self._verdicts.append(verdict)
        violations = self.violated
        found = f"  {violations} violation{'s' * (violations != 1)}" if violations else ""
        self.bar.update(self._task, advance=1, description=f"{self._label(verdict)}{found}")

    @property
    def violated(self) -> int:
        """The number of trials so far that violated an invariant."""
        return sum(bool(each.violations) for each in self._verdicts)

    def so_far(self, swept: AnySwept) -> AnySwept:
        """Return the sweep with the verdicts so far."""
        real_s, left = time.monotonic() - self._began, self._trials - len(self._verdicts)
        verdicts: Any = tuple(self._verdicts)  # the type depends on the kind of sweep
        return replace(swept, verdicts=verdicts, real_s=real_s, left=left)


def exit_code_of(verdicts: Iterable[Verdict | updates.Verdict], problem: str) -> int:
    """Return the exit code of a sweep. `problem` describes a report that cannot be written; "" if there is
    none.
    """
    return max([*(verdict.exit_code for verdict in verdicts), WRONG if problem else PASSED])
