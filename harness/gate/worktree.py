"""The commit that the gate judges, and its uncommitted changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.gate.base import BaseError, git_output


@dataclass(frozen=True)
class Worktree:
    """A work tree: its commit ("" before the first one), and the files with uncommitted changes."""

    commit: str
    uncommitted: tuple[str, ...]


def worktree(project: Path) -> Worktree | None:
    """Return the work tree that contains a folder. None if git or a repository is missing."""
    head = _run(project, "rev-parse", "--verify", "--quiet", "HEAD")
    changes = _run(project, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", ".")
    if changes is None:
        return None
    files = tuple(sorted(entry[3:] for entry in changes.split("\0") if entry))
    return Worktree((head or "").strip(), files)


def _run(project: Path, *arguments: str) -> str | None:
    try:
        return git_output(project, *arguments)
    except BaseError:
        return None
