"""Paths for other tools, relative to the repository's top-level folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from harness.files import is_there


def root_of(path: Path) -> Path:
    """Return the top-level folder of the repository that contains a path, based on its `.git`.

    Default: the working directory.
    """
    here = path.resolve()
    return next((folder for folder in (here, *here.parents) if is_there(folder / ".git")), Path.cwd())


def relative(path: Path, root: Path) -> str:
    """Return a path relative to `root`, with slashes, or the whole path if it is not below `root`.

    >>> relative(Path("/p/lambdas/template.yaml"), Path("/p"))
    'lambdas/template.yaml'
    """
    whole = path.absolute()
    for each in (whole, whole.resolve()):
        if each.is_relative_to(root):
            return each.relative_to(root).as_posix()
    return whole.as_posix()


def uri(path: Path, root: Path) -> str:
    """Return the same path as a URI reference."""
    text = relative(path, root)
    return quote(text) if not text.startswith("/") else f"file://{quote(text)}"
