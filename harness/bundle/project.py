"""The project files that a run read, by name in the bundle."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.bundle.beside import with_beside
from harness.bundle.manifest import BundleError
from harness.bundle.reads import Reads, is_regular
from harness.functions.host.pythons import cache_folder
from harness.stack.sam_project import BUILT

_NEVER: Final = frozenset({".git", ".aws", ".ssh", ".gnupg", ".netrc", "__pycache__"})
"""Names of files and folders that are never bundled, because they are private or can be rebuilt."""
_SETTINGS: Final = "pyproject.toml"


@dataclass(frozen=True)
class Found:
    """The files of a project: `root` is the folder that contains all of them; names are relative to it.

    `settings_alone` are files that were read only for their settings. `left_out` are sentences.
    """

    root: Path
    files: Mapping[str, Path]
    settings_alone: frozenset[str]
    left_out: tuple[str, ...]


def found_in(
    reads: Reads, roots: Iterable[Path], answers: Iterable[Path], environ: Mapping[str, str], *, without: Path
) -> Found:
    """Return the project's files among the files that were read, and the files that its modules need.

    `answers` are modules that the engine reads; `without` is the bundle itself.

    Raises:
        BundleError: their only common folder contains the user's home folder.
    """
    elsewhere = _not_of_projects(environ)
    tops = [_checkout(root) for root in roots]
    imported = [Path(name) for name in reads.modules()]
    modules = [p for p in imported if _is_below(p, tops) and not _is_below(p, elsewhere)]
    beside = with_beside([*modules, *answers])
    paths = [*(Path(name) for name in reads.opened if not _is_below(Path(name), elsewhere)), *beside]
    named = {*reads.named, *map(str, beside)}
    wanted = [p for p in dict.fromkeys(paths) if str(p) in named or _is_below(p, tops)]
    wanted = [p for p in wanted if p != without.absolute() and is_regular(str(p))]
    root = _common([*tops, *(p.parent for p in wanted)], Path(environ.get("HOME") or Path.home()))
    names = {p.relative_to(root).as_posix(): p for p in sorted(wanted)}
    never = [name for name in names if _NEVER & set(name.split("/"))]
    stale = [] if _is_built(reads) else [name for name in names if _below_build(name)]
    files = {name: path for name, path in names.items() if name not in {*never, *stale}}
    alone = frozenset(
        name for name, path in files.items() if path.name == _SETTINGS and str(path) not in reads.packaged
    )
    said = tuple(f"{name} is omitted" for name in never if not name.split("/")[-1].endswith(".pyc"))
    return Found(root, files, alone, tuple(each for each in said if "/.git/" not in f"/{each}"))


def builds_in(reads: Reads, environ: Mapping[str, str]) -> dict[str, Path]:
    """Return the zips with packages installed for functions, by name in the user's cache."""
    folder = (cache_folder(environ) / "builds").absolute()
    paths = [Path(name) for name in reads.opened]
    return {path.name: path for path in sorted(paths) if path.parent == folder and path.suffix == ".zip"}


def _checkout(root: Path) -> Path:
    """Return the root of the checkout that contains a folder; without a checkout, the folder itself."""
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), root)


def _common(folders: list[Path], home: Path) -> Path:
    common = Path(os.path.commonpath(folders))
    if common != home and home.is_relative_to(common) and any(f.is_relative_to(home) for f in folders):
        outside = next(folder for folder in folders if not folder.is_relative_to(home))
        raise BundleError(
            f"no bundle was written: the project reads files in {outside}, so a bundle would reveal the "
            "names of the user's folders; move the whole project into one folder"
        )
    return common


def _not_of_projects(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders of Python, of the harness and of the user's cache."""
    paths = sysconfig.get_paths()
    folders = {
        str(Path(__file__).parents[1]),
        *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *site.getsitepackages(),
        site.getusersitepackages(),
        str(cache_folder(environ)),
        *(prefix for prefix in (sys.prefix, sys.base_prefix) if prefix != "/"),
        *("/proc", "/sys", "/dev", "/etc", "/usr"),
    }
    return tuple(Path(each).absolute() for each in folders)


def _is_below(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _is_built(reads: Reads) -> bool:
    """Return whether the deployment used code built by `sam build`."""
    return any(_below_build(name) and not name.endswith(BUILT.name) for name in reads.opened)


def _below_build(name: str) -> bool:
    return BUILT.parts[0] in Path(name).parts


def folder_of(root: Path, folder: Path) -> str | None:
    """Return the name of the working directory in a bundle, "" for its root; None if it is elsewhere."""
    if not folder.is_relative_to(root):
        return None
    return "" if folder == root else folder.relative_to(root).as_posix()


def distributions_in(names: Iterable[str]) -> Iterator[str]:
    """Return the distributions in a zip as `name==version`, from the names in it."""
    for name in names:
        folder, _, file = name.rpartition("/")
        if file == "METADATA" and folder.endswith(".dist-info"):
            yield folder.rpartition("/")[2].removesuffix(".dist-info").replace("-", "==", 1)
