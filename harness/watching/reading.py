"""Finds the files that a command has read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.bundle.reads import Reads, is_regular


def files_of(reads: Reads) -> Iterator[Path]:
    """Return the projects' files that were read."""
    here = Path.cwd()
    for name in (*reads.opened, *reads.modules()):
        path = Path(name)
        if is_regular(name) and (name in reads.named or path.is_relative_to(here)):
            yield path
