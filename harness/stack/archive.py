"""Zip files in the format of `aws cloudformation package`."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from harness.files import is_file, is_folder, read_bytes
from harness.functions.host.zips import UNZIPPED_BYTES

EPOCH = (1980, 1, 1, 0, 0, 0)


class ArchiveError(Exception):
    """A file cannot be packaged. The message contains its name."""


def archived(path: Path) -> bytes:
    """Return a zip file unchanged. Zip any other file, or the files in a folder.

    Raises ArchiveError.
    """
    try:
        if is_file(path) and zipfile.is_zipfile(path):
            return read_bytes(path, UNZIPPED_BYTES)
        return zipped(path)
    except OSError as error:
        where = error.filename or path
        raise ArchiveError(f"{where} cannot be read ({error.strerror})") from error


def zipped(folder: Path, *, below: bytes = b"", prefix: str = "", without: Sequence[str] = ()) -> bytes:
    """Zip the files in a folder (or one file). The zip depends only on their names, modes and contents.

    Links are followed. Raises ArchiveError and OSError.

    Args:
        below: a zip from this module that the files are added to. The files in the folder take precedence.
        prefix: the folder for the files inside the zip, such as `python`.
        without: patterns for file and folder names to leave out.
    """
    files = sorted(_files(folder, without)) if is_folder(folder) else [folder]
    root = folder if is_folder(folder) else folder.parent
    names = ((Path(prefix) / file.relative_to(root)).as_posix() for file in files)
    return zipped_files(folder, dict(zip(names, files, strict=True)), below=below)


def zipped_files(folder: Path, files: Mapping[str, Path], *, below: bytes = b"") -> bytes:
    """Zip files under the given names; see `zipped`. An error about the size contains `folder`."""
    buffer = io.BytesIO(below)
    _check_size(folder, files.values())
    mode: Literal["a", "w"] = "a" if below else "w"
    with zipfile.ZipFile(buffer, mode, zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in archive.NameToInfo.keys() & files.keys():
            archive.filelist.remove(archive.NameToInfo.pop(name))
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = stat.S_IMODE(file.stat().st_mode) << 16
            archive.writestr(entry, read_bytes(file, UNZIPPED_BYTES), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _check_size(folder: Path, files: Iterable[Path]) -> None:
    """Check the size against Lambda's limit before reading any file. Raises ArchiveError and OSError."""
    size = sum(file.stat().st_size for file in files)
    if size > UNZIPPED_BYTES:
        raise ArchiveError(f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes; {folder} has {size}")


def _files(folder: Path, without: Sequence[str]) -> Iterator[Path]:
    left_out = ("__pycache__", *without)
    for place, folders, files in os.walk(folder, followlinks=True, onerror=_raise):
        folders[:] = [name for name in folders if not _is_any(name, left_out)]
        for name in folders:
            _check_link(Path(place) / name)
        yield from (Path(place) / name for name in files if not _is_any(name, without))


def _is_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _check_link(folder: Path) -> None:
    if folder.is_symlink() and folder.resolve() in (each.resolve() for each in folder.parents):
        raise ArchiveError(f"{folder} is a link to one of its parent folders; remove it")


def _raise(error: OSError) -> None:
    raise error
