"""Files that differ between the base and the work tree, each with its changed lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.gate.base import Base, git_output

_FILE: Final = re.compile(r'^\+\+\+ "?b/(?P<path>.+?)"?\t?$')
_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+(?P<line>\d+)(?:,(?P<number>\d+))? @@")


@dataclass(frozen=True)
class ChangedFile:
    """A file that differs: its path, and the first line of each change, counted from 1.

    Changes that only remove lines come last, with the number of the line before them.
    """

    path: Path
    lines: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.path}:{','.join(map(str, self.lines))}"


def changed_files(project: Path, base: Base) -> tuple[ChangedFile, ...]:
    """Return a project's changed files by path, including uncommitted changes.

    Untracked and deleted files are left out.

    Raises:
        BaseError: git cannot compare them.
    """
    plain = ("core.quotePath=false", "diff.mnemonicPrefix=false", "diff.noprefix=false")
    settings = [part for each in plain for part in ("-c", each)]
    options = ("--no-color", "--no-ext-diff", "--unified=0", "--relative")
    text = git_output(project, *settings, "diff", *options, base.commit, "--", ".")
    return tuple(_read(text, project))


def _read(text: str, project: Path) -> Iterator[ChangedFile]:
    path, lines = "", list[tuple[bool, int]]()
    for line in [*text.splitlines(), "+++ /dev/null"]:
        if line.startswith("+++ "):
            if path and lines:
                yield ChangedFile(project / path, tuple(line for _, line in sorted(lines)))
            match = _FILE.match(line)
            path, lines = match["path"] if match else "", []
        elif hunk := _HUNK.match(line):
            lines.append((hunk["number"] == "0", max(1, int(hunk["line"]))))
