"""Finds the project's source file for a built file in `.aws-sam` (from `sam build`) or `cdk.out` (from CDK).

Copies are recognized by name and content, because neither tool records the origin of its files.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from harness.stack.build import BUILT

_ASSET: Final = "asset."
_NOT_SOURCE: Final = frozenset(["node_modules", "site-packages", "venv", "env", "__pycache__", "cdk.out"])


def project_above(folder: Path) -> Path | None:
    """Return the project folder from which a folder was built, or None if it is not build output.

    >>> project_above(Path("/shop/.aws-sam/build/Pay")), project_above(Path("/shop/cdk.out/asset.5f"))
    (PosixPath('/shop'), PosixPath('/shop'))
    """
    path = Path(os.path.abspath(folder))
    for each in (path, *path.parents):
        if each.name == BUILT:
            return each.parent
        if each.name.startswith(_ASSET):
            return each.parent.parent
    return None


def originals(folder: Path, project: Path, names: Iterable[str]) -> Mapping[str, Path]:
    """Return the project's originals for the files in a built folder, by name in that folder.

    If several files are identical, prefer the one in the folder that contains the most originals.
    """
    found = {name: list(_same(folder / name, project, name)) for name in names}
    votes = Counter(_base(each, name) for name, same in found.items() for each in same)
    chosen: dict[str, Path] = {}
    for name, same in found.items():
        if same:
            chosen[name] = min(same, key=lambda each: (-votes[_base(each, name)], len(each.parts), each))
    return chosen


def _same(copy: Path, project: Path, name: str) -> Iterator[Path]:
    try:
        content = copy.read_bytes()
    except OSError:
        return
    for path in _by_name(project).get(copy.name, ()):
        if path.as_posix().endswith(f"/{name}"):
            try:
                if path.read_bytes() == content:
                    yield path
            except OSError:
                continue


def _base(path: Path, name: str) -> Path:
    return path.parents[name.count("/")]


@lru_cache(maxsize=8)
def _by_name(project: Path) -> Mapping[str, tuple[Path, ...]]:
    """Return a project's Python files by name. The search runs only once."""
    found: dict[str, list[Path]] = {}
    for place, folders, files in os.walk(project):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _NOT_SOURCE and not name.startswith((".", _ASSET)) and not _is_venv(place, name)
        )
        for name in files:
            if name.endswith(".py"):
                found.setdefault(name, []).append(Path(place) / name)
    return {name: tuple(paths) for name, paths in found.items()}


def _is_venv(place: str, name: str) -> bool:
    return os.path.exists(os.path.join(place, name, "pyvenv.cfg"))
