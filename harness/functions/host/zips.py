"""Checks for zip files that Lambda rejects when a function is created, with Lambda's messages."""

from __future__ import annotations

import hashlib
import io
import lzma
import threading
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

UNZIPPED_BYTES: Final = 262_144_000
"""Maximum size of a function's unzipped code in bytes.

See https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""
BROKEN: Final = "Could not unzip uploaded file. Please check your file, then try to upload again."
EMPTY: Final = "Uploaded file must be a non-empty zip"
TOO_LARGE: Final = f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes"
_LONGEST_NAME: Final = 255  # bytes, Linux's limit
_PIECE: Final = 1 << 20
_ERRORS: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,  # an unsupported compression method
    OSError,
    OverflowError,
    RuntimeError,  # a password
    ValueError,
)

_lock = threading.Lock()
_known: dict[bytes, str] = {}


def zip_fault(content: bytes) -> str:
    """Return Lambda's reason for rejecting a zip file, or "" if it is valid.

    Identical content is checked only once.
    """
    digest = hashlib.sha256(content).digest()
    with _lock:
        if digest not in _known:
            _known[digest] = _fault(content)
        return _known[digest]


def _fault(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if not entries:
                return EMPTY
            if sum(entry.file_size for entry in entries) > UNZIPPED_BYTES:
                return TOO_LARGE
            if _clash(entries):
                return BROKEN
            for entry in entries:
                with archive.open(entry) as file:  # read to the end, so that the checksum is verified
                    while file.read(_PIECE):
                        pass
    except _ERRORS:
        return BROKEN
    return ""


def _clash(entries: Iterable[zipfile.ZipInfo]) -> bool:
    """Return whether a name cannot be written because it is too long, or is both a file and a folder."""
    files: set[PurePosixPath] = set()
    folders: set[PurePosixPath] = set()
    for entry in entries:
        parts = [part for part in entry.filename.split("/") if part not in ("", ".", "..")]
        if any(len(part.encode("utf-8", "surrogatepass")) > _LONGEST_NAME for part in parts):
            return True
        path = PurePosixPath(*parts)
        (folders if entry.is_dir() else files).add(path)
        folders.update(path.parents)
    return not files.isdisjoint(folders)
