"""The line for a finished scenario: outcome, file, title, time. It is readable at any width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.text import Text

from harness.report.layout import QUIET, line, shown_path
from harness.report.model import Result
from harness.scenario.model import Scenario

GAP = "  "
WORD, TIME = len("ERROR"), len("1234.5 s")
MAX_TITLE = 80
# Minimum width of a long title. With less room, the title gets its own line.
MIN_TITLE = 24
MIN_LABEL = 12
# Position where titles begin, as a fraction of the line. A longer file name shifts only its own title.
FILES_PART = 0.4


class Columns:
    """The columns for the given scenarios. `width` is the terminal's width, or None for lines of any
    length.
    """

    def __init__(self, scenarios: Sequence[Scenario], width: int | None) -> None:
        self.labels: Mapping[Path, str] = _labels([scenario.path for scenario in scenarios])
        self._room = None if width is None else width - WORD - TIME - 3 * len(GAP) - 1
        self._label_width = max(map(cell_len, self.labels.values()), default=0)
        longest = max((cell_len(scenario.title) for scenario in scenarios), default=0)
        self._title_width = min(longest, MAX_TITLE)
        if self._room is not None and self._label_width + self._title_width > self._room:
            self._label_width = min(self._label_width, int(self._room * FILES_PART))

    def lines(self, word: Text, result: Result) -> Iterator[Text]:
        """Yield the line for a result. A title that does not fit is placed below it."""
        label = Text(self.labels.get(result.scenario.path, result.scenario.path.name))
        label.pad_right(max(0, self._label_width - label.cell_len))
        title, took = line(result.scenario.title), Text(f"{result.duration_s:.1f} s", QUIET)
        room = self._title_width if self._room is None else self._room - label.cell_len
        if room >= min(title.cell_len, MIN_TITLE):
            width = min(room, self._title_width)
            title.pad_right(max(0, width - title.cell_len))
            if self._room is not None:
                title.truncate(width, overflow="ellipsis")
            yield Text(GAP).join([word, label, title, took])
            return
        label.rstrip()
        label.truncate(max(MIN_LABEL, room + label.cell_len), overflow="ellipsis")
        yield Text(GAP).join([word, label, took])
        for text in textwrap.wrap(title.plain, max(MIN_TITLE, room + label.cell_len + TIME + len(GAP))):
            yield line(text, indent=WORD + len(GAP))


def _labels(paths: Sequence[Path]) -> dict[Path, str]:
    """Return short names for files: their base names if these are unique, otherwise their paths."""
    short = len({path.name for path in paths}) == len(set(paths))
    return {path: path.name if short else shown_path(path) for path in paths}
