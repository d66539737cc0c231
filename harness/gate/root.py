"""Paths as other tools take them: relative to the repository's top folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from harness.files import is_there


def root_of(path: Path) -> Path:
    """The top folder of the repository that has a path, by its `.git`; the working directory without one."""
    here = path.resolve()
    return next((folder for folder in (here, *here.parents) if is_there(folder / ".git")), Path.cwd())


def relative(path: Path, root: Path) -> str:
    """A path from `root`, with slashes; the whole path where it is not below.

    >>> relative(Path("/p/lambdas/template.yaml"), Path("/p"))
    'lambdas/template.yaml'
    """
    whole = path.absolute()
    for each in (whole, whole.resolve()):
        if each.is_relative_to(root):
            return each.relative_to(root).as_posix()
    return whole.as_posix()


def uri(path: Path, root: Path) -> str:
    """The same as a URI reference."""
    text = relative(path, root)
    return quote(text) if not text.startswith("/") else f"file://{quote(text)}"
