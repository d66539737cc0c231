"""Another commit of the project, as files in a separate folder."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TIMEOUT_S: Final = 120.0
"""Timeout for a git command, in seconds of real time. The command may have to read a large repository."""


class BaseError(Exception):
    """The base for a comparison is not available. The text says why, and what to do."""


@dataclass(frozen=True)
class Base:
    """A commit in the project.

    `commit` is its hash. `folder` contains the files in the repository. `project` is the project's folder in
    it.
    """

    ref: str
    commit: str
    folder: Path
    project: Path


@contextmanager
def checked_out(project: Path, ref: str) -> Iterator[Base]:
    """Yield the files in the commit `ref`, until the context ends. `project` is a folder in the repository.

    The files are read from git's objects, so no work tree, branch or index changes. A project in a subfolder
    of the repository keeps its relative path.

    Raises:
        BaseError: the repository or the commit does not exist, or the commit does not contain the project.
    """
    refused = f"{project}: not a git repository"
    top = Path(git_output(project, "rev-parse", "--show-toplevel", refused=refused).strip())
    commit = _commit(project, ref)
    below = project.resolve().relative_to(top.resolve())
    with tempfile.TemporaryDirectory(prefix="harness-base-") as name:
        folder = Path(name)
        _extract(top, commit, folder)
        if not (folder / below).is_dir():
            raise BaseError(
                f"{below}: this folder is not in {ref} ({commit[:9]}); compare with a later commit"
            )
        yield Base(ref, commit, folder, folder / below)


def _commit(project: Path, ref: str) -> str:
    if ref.startswith("-"):
        raise BaseError(f"{ref!r} is not a commit: give a branch, a tag or a hash")
    said = _run(project, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if said.returncode == 0:
        return said.stdout.decode().strip()
    shallow = _run(project, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    remedy = (
        "this clone is shallow: fetch the history first, with `git fetch --unshallow`, or `fetch-depth: 0` "
        "of actions/checkout"
        if shallow
        else "give a branch, a tag or a hash that `git rev-parse` knows; `git fetch` gets the remote's "
        "branches"
    )
    raise BaseError(f"commit {ref!r} not found; {remedy}")


def _extract(top: Path, commit: str, folder: Path) -> None:
    with tempfile.TemporaryFile() as archive:
        said = subprocess.run(
            ["git", "-C", str(top), "archive", "--format=tar", commit],
            stdout=archive,
            stderr=subprocess.PIPE,
            check=False,
            timeout=_TIMEOUT_S,
        )
        if said.returncode:
            raise BaseError(f"git cannot read the files of {commit[:9]}: {_text(said.stderr)}")
        archive.seek(0)
        with tarfile.open(fileobj=archive) as files:
            files.extractall(folder, filter="tar")


def git_output(project: Path, *arguments: str, refused: str = "git command failed") -> str:
    """Return git's output in a project's folder. Raises a BaseError whose text begins with `refused`."""
    said = _run(project, *arguments)
    if said.returncode:
        raise BaseError(f"{refused}: {_text(said.stderr)}")
    return said.stdout.decode(errors="replace")


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", str(project), *arguments], capture_output=True, check=False, timeout=_TIMEOUT_S
        )
    except FileNotFoundError:
        raise BaseError(
            "git is not on PATH; install it, or compare with a file: --base-template FILE"
        ) from None


def _text(stderr: bytes) -> str:
    return " ".join(stderr.decode(errors="replace").split())
