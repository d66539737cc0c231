"""The final gate result, as passed to all formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.gate.graph import Graph
from harness.gate.judged import Judged
from harness.gate.part import LeftOut
from harness.gate.running import NO_BASE, Report


@dataclass(frozen=True)
class Summary:
    """The final gate result.

    `about` describes the two compared sides. `uncommitted` are files with uncommitted changes. `stopped` is
    the reason for stopping early. `graphs` are the graphs of the state machines.
    """

    about: str
    reports: tuple[Report, ...]
    found: tuple[Judged, ...]
    real_s: float
    uncommitted: tuple[str, ...] = ()
    stopped: str = ""
    graphs: tuple[Graph, ...] = ()

    @property
    def passed(self) -> bool:
        """Return whether no finding fails and no part has broken down."""
        return not self.stopped and not any(each.fails for each in self.found) and not self._broke

    @property
    def _broke(self) -> bool:
        return any(report.code for report in self.reports)

    @property
    def verdict(self) -> str:
        """Return the verdict in one or more words."""
        if any(each.fails for each in self.found):
            return "FAILED"
        if self.stopped or self._broke:
            return "NOT DONE"
        return "PASSED IN PART" if any(left.why != NO_BASE.why for _, left in self.left) else "PASSED"

    @property
    def left(self) -> tuple[tuple[str, LeftOut], ...]:
        """Return the parts with the work that they left out."""
        return tuple((report.part, left) for report in self.reports for left in report.left)


def counted(counts: Counter[str]) -> str:
    """Return the number of findings in words: `1 error, 2 warnings`; "" for none.

    >>> counted(Counter(error=1, warning=2))
    '1 error, 2 warnings'
    """
    words = []
    for level in ("error", "warning", "note"):
        if number := counts[level]:
            words.append(f"{number} {level}{'s' * (number != 1)}")
    if counts["accepted"]:
        words.append(f"{counts['accepted']} accepted")
    return ", ".join(words)


def total(reports: Iterable[Report]) -> Counter[str]:
    """Return the number of findings from all parts."""
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(report.count())
    return counts


def duration(seconds: float) -> str:
    """Return a duration as text: `0.4 s`, `12 s`, `1 min 40 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and the number of remaining names: `a, b, c and 2 more`."""
    text = ", ".join(names[:most])
    return f"{text} and {len(names) - most} more" if len(names) > most else text
