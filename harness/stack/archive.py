"""Zip files as `aws cloudformation package` makes them."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.files import is_file, is_folder, read_bytes
from harness.functions.host.zips import UNZIPPED_BYTES

EPOCH = (1980, 1, 1, 0, 0, 0)


class ArchiveError(Exception):
    """A file cannot be packaged; the message names it."""


def archived(path: Path) -> bytes:
    """A zip file as it is; any other file, or the files of a folder, as a zip.

    Raises ArchiveError.
    """
    try:
        if is_file(path) and zipfile.is_zipfile(path):
            return read_bytes(path, UNZIPPED_BYTES)
        return zipped(path)
    except OSError as error:
        where = error.filename or path
        raise ArchiveError(f"{where} cannot be read ({error.strerror})") from error


def zipped(folder: Path) -> bytes:
    """The files of a folder (or one file) as a zip that depends on their names, modes and contents only.

    Links are followed. Raises ArchiveError and OSError.
    """
    buffer = io.BytesIO()
    files = sorted(_files(folder)) if is_folder(folder) else [folder]
    root = folder if is_folder(folder) else folder.parent
    _check_size(folder, files)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(root).as_posix(), EPOCH)
            entry.external_attr = stat.S_IMODE(file.stat().st_mode) << 16
            archive.writestr(entry, read_bytes(file, UNZIPPED_BYTES), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _check_size(folder: Path, files: Iterable[Path]) -> None:
    """Check, before any of it is read, that Lambda takes so much. Raises ArchiveError and OSError."""
    size = sum(file.stat().st_size for file in files)
    if size > UNZIPPED_BYTES:
        raise ArchiveError(f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes; {folder} has {size}")


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, followlinks=True, onerror=_raise):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in folders:
            _check_link(Path(place) / name)
        yield from (Path(place) / name for name in files)


def _check_link(folder: Path) -> None:
    if folder.is_symlink() and folder.resolve() in (each.resolve() for each in folder.parents):
        raise ArchiveError(f"{folder} is a link to a folder that it is in; remove it")


def _raise(error: OSError) -> None:
    raise error
