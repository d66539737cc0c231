"""Writes a zip that depends only on names, modes and contents."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.bundle.opening import MOST_TIMES

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
MODE: Final = 0o644
_REGULAR: Final = 0o100000
_LEVEL: Final = 6


@dataclass(frozen=True)
class Entry:
    """A file in a bundle."""

    content: bytes
    mode: int = MODE


def packed(entries: Mapping[str, Entry]) -> bytes:
    """Return a zip with these files, sorted by name.

    A file that compresses so well that it would look like a zip bomb is stored uncompressed.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", allowZip64=False) as archive:
        for name in sorted(entries):
            entry = entries[name]
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3  # the modes are Unix modes
            info.external_attr = (_REGULAR | entry.mode) << 16
            small = len(zlib.compress(entry.content, _LEVEL))
            bomb = len(entry.content) > small * MOST_TIMES
            method = zipfile.ZIP_STORED if bomb else zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.content, method, _LEVEL)
    return buffer.getvalue()
