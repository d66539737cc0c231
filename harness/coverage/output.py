"""Shows coverage, and writes it to files. The file name determines the format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.coverage.cobertura import cobertura_text
from harness.coverage.json_file import json_text
from harness.coverage.lcov import lcov_text
from harness.coverage.line_counts import file_counts
from harness.coverage.model import Coverage
from harness.coverage.places import Places
from harness.coverage.table import table
from harness.report.base import written

SUFFIXES = {".info": "LCOV", ".lcov": "LCOV", ".xml": "Cobertura", ".json": "JSON"}
"""The file formats, by suffix."""


def refused(path: Path) -> str:
    """Return an error message if a file name does not determine a format, otherwise ""."""
    if path.suffix in SUFFIXES:
        return ""
    known = ", ".join(f"{suffix} ({name})" for suffix, name in SUFFIXES.items())
    return f"{path} is not a coverage report: its name must end in one of {known}"


class Output:
    """Output for coverage, with the locations of all edges.

    Files for definitions without a file are created next to the first report file.
    """

    def __init__(self, coverage: Coverage, files: Sequence[Path]) -> None:
        self._coverage = coverage
        self._files = files
        folder = files[0].parent if files else None
        self._places = {machine.key: Places(machine, folder) for machine in coverage.machines}

    def lines(self) -> Iterator[str]:
        """Return the lines of the table."""
        return table(self._coverage, self._places)

    def write(self) -> tuple[str, ...]:
        """Write all files. Return a sentence for each file that cannot be written."""
        made = (places.made for places in self._places.values())
        texts: list[tuple[Path, str]] = [each for each in made if each is not None]
        texts += [(path, self._text(path)) for path in self._files]
        return tuple(filter(None, (written(path, text) for path, text in texts)))

    def _text(self, path: Path) -> str:
        formats: dict[str, Callable[[], str]] = {
            "LCOV": lambda: lcov_text(file_counts(self._coverage, self._places)),
            "Cobertura": lambda: cobertura_text(file_counts(self._coverage, self._places)),
            "JSON": lambda: json_text(self._coverage, self._places),
        }
        return formats[SUFFIXES[path.suffix]]()


def below(coverage: Coverage, least: float | None) -> str:
    """Return an error message if less than `least` percent is covered, otherwise "". `least` is optional."""
    if least is None or coverage.percent >= least:
        return ""
    found = f"{coverage.percent:.1f} %"
    return f"state machine coverage is {found}, less than the required {least:g} %"
