"""Checks the whole zip before any of it is used. It must be a complete bundle with only safe paths."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from harness.bundle.manifest import MANIFEST, PROJECT, BundleError, Manifest
from harness.bundle.names import clash, name_problem

MOST_FILES: Final = 20_000
LARGEST: Final = 512 << 20
"""Maximum size in bytes of a file, and of the zip."""
LARGEST_TOGETHER: Final = 1 << 30
"""Maximum size in bytes of all files together."""
MOST_TIMES: Final = 200
"""Maximum ratio of a file's size to its compressed size."""
_LARGEST_MANIFEST: Final = 32 << 20
_LARGEST_LIST: Final = 4 << 20
_END: Final = struct.Struct("<4s4H2IH")
_HEADER: Final = 30
"""Minimum number of bytes before the name of an entry."""
_CHUNK: Final = 1 << 20
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_REMEDY: Final = "write it again with `harness run --bundle`"


@dataclass(frozen=True)
class Bundle:
    """A checked and open bundle."""

    path: Path
    archive: zipfile.ZipFile
    manifest: Manifest

    def chunks(self, name: str) -> Iterator[bytes]:
        """Return the content of a file. Raises BundleError if it has changed since the check."""
        yield from _checked(self.archive, name, self.manifest)


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Check a whole bundle, and open it.

    Raises:
        BundleError: it is not a bundle, or not an acceptable one. The message contains its name.
    """
    try:
        with _regular(path) as file:
            count = _check_end(file)
            with zipfile.ZipFile(file) as archive:
                _check_entries(archive, file, count)
                manifest = _manifest(archive)
                _check_files(archive, manifest)
                yield Bundle(path, archive, manifest)
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from error
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror})") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise BundleError(f"{path}: the zip is damaged ({error}); {_REMEDY}") from error


@contextmanager
def _regular(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise BundleError("it is not a file; specify the zip that `harness run --bundle` wrote")
    with open(descriptor, "rb") as file:
        if status.st_size > LARGEST:
            raise BundleError(f"it has {status.st_size:,} bytes; the maximum for a bundle is {LARGEST:,}")
        yield file


def _check_end(file: IO[bytes]) -> int:
    """Check the end of a zip before its list of files is read. Return the number of files."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size))
    end = file.read()
    file.seek(0)
    begin = file.read(2)
    if begin != b"PK":
        raise BundleError("it is not a zip; specify the file that `harness run --bundle` wrote")
    if len(end) < _END.size or end[:4] != b"PK\x05\x06":
        raise BundleError(f"the zip is truncated, or has extra data at its end; {_REMEDY}")
    _, disk, other, here, count, length, offset, comment = _END.unpack(end)
    if disk or other or here != count or comment or offset + length != size - _END.size:
        raise BundleError(f"the end record does not match the zip; {_REMEDY}")
    if count > MOST_FILES:
        raise BundleError(f"it has {count:,} files; the maximum for a bundle is {MOST_FILES:,}")
    if length > _LARGEST_LIST:
        raise BundleError(f"the list of its files has {length:,} bytes; the maximum is {_LARGEST_LIST:,}")
    return int(count)


def _check_entries(archive: zipfile.ZipFile, file: IO[bytes], count: int) -> None:
    entries = archive.infolist()
    if len(entries) != count:
        raise BundleError(f"the end record does not match the zip; {_REMEDY}")
    for entry in entries:
        if problem := _entry_problem(entry):
            raise BundleError(f"it contains {entry.orig_filename!r}, which is not allowed: {problem}")
    if both := clash(entry.orig_filename for entry in entries):
        raise BundleError(f"it contains {both}")
    if (size := sum(entry.file_size for entry in entries)) > LARGEST_TOGETHER:
        raise BundleError(
            f"its files have {size:,} bytes in total; the maximum for a bundle is {LARGEST_TOGETHER:,}"
        )
    end = file.seek(0, os.SEEK_END)
    for entry in sorted(entries, key=lambda each: -each.header_offset):
        if entry.header_offset + _HEADER + len(entry.orig_filename) + entry.compress_size > end:
            raise BundleError(f"{entry.orig_filename!r} overlaps another file in the zip")
        end = entry.header_offset


def _entry_problem(entry: zipfile.ZipInfo) -> str:
    if problem := name_problem(entry.orig_filename):
        return problem
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link" if kind == stat.S_IFLNK else "it is not a regular file"
    if entry.flag_bits & 0x1:
        return "it is encrypted"
    if entry.compress_type not in _METHODS:
        return f"its compression method is {entry.compress_type}, not deflate"
    if entry.file_size > LARGEST:
        return f"it has {entry.file_size:,} bytes; the maximum for a file is {LARGEST:,}"
    if entry.file_size > MOST_TIMES * max(1, entry.compress_size):
        return f"it is more than {MOST_TIMES} times larger than its compressed form"
    return ""


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if MANIFEST not in archive.namelist():
        raise BundleError(
            f"it is not a bundle: {MANIFEST} is missing; specify a zip from `harness run --bundle`"
        )
    if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise BundleError(f"its {MANIFEST} is too large")
    return Manifest.read(b"".join(_read(archive, MANIFEST)))


def _check_files(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    there = set(archive.namelist()) - {MANIFEST}
    if missing := sorted(manifest.files.keys() - there):
        raise BundleError(f"{missing[0]!r} is missing from the bundle; {_REMEDY}")
    if more := sorted(there - manifest.files.keys()):
        raise BundleError(f"{more[0]!r} was added; {_REMEDY}")
    for each in manifest.scenarios:
        for name in (f"{PROJECT}/{each.file}", each.record):
            if name not in there:
                raise BundleError(f"{name!r} is missing from the bundle; {_REMEDY}")
    if manifest.folder and (problem := name_problem(manifest.folder)):
        raise BundleError(f"its working directory {manifest.folder!r} is not allowed: {problem}")
    for name in sorted(there):
        for _ in _checked(archive, name, manifest):
            pass


def _checked(archive: zipfile.ZipFile, name: str, manifest: Manifest) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for chunk in _read(archive, name):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != manifest.files[name].sha256:
        raise BundleError(f"{name!r} was changed after the bundle was written; {_REMEDY}")


def _read(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        size = 0
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > archive.getinfo(name).file_size:
                raise BundleError(f"{name!r} is larger than declared")
            yield chunk
