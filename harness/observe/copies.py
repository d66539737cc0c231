"""Finds the file of a project of which a built one is a copy: in .aws-sam of `sam build`, in CDK's cdk.out.

Copies are told by their names and contents, as neither program says where each of its files comes from.
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
    """The folder of the project from which a folder was built; None if it was not built.

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
    """The project's files of which those of a built folder are copies, by their names there.

    Where several are the same, those of one folder are taken, if there is one with most of them.
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
    """The Python files of a project by their names, looked for once."""
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
