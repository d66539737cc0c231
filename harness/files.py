"""Reads files that users specify. Rejects files that are too large or not regular files. Never blocks."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 64 * 1024 * 1024
"""Maximum size in bytes of a file that is read as a whole. Code has a separate limit."""
_KINDS: Final = (
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def read_bytes(path: Path, most: int = LARGEST) -> bytes:
    """Return the bytes of a file.

    Raises:
        OSError: it cannot be read, is a FIFO, socket, device or folder, or has more than `most` bytes.
    """
    try:
        status = path.stat()
    except ValueError as error:  # NUL, or a lone surrogate
        raise OSError(errno.EINVAL, "not a valid file name", str(path)) from error
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"it is a {kind_of(status.st_mode)}, not a file", str(path))
    # The path may have changed in the meantime. Opening a FIFO would block.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", str(path))
    return content


def path_remedy(path: Path) -> str:
    """Return the remedy for a path that does not exist: `did you mean 'a.yaml'?`, or `correct the path`."""
    from difflib import get_close_matches  # noqa: PLC0415  (rarely needed)

    try:
        near = get_close_matches(path.name, os.listdir(path.parent), n=1, cutoff=0.7)
    except (OSError, ValueError):
        near = []
    return f"did you mean {str(path.parent / near[0])!r}?" if near else "correct the path"


def is_there(path: Path) -> bool:
    """Return whether a path exists. A path that is too long or has an invalid name does not."""
    return _mode(path) is not None


def is_file(path: Path) -> bool:
    """Return whether a path is a regular file; see `is_there`."""
    return stat.S_ISREG(_mode(path) or 0)


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder; see `is_there`."""
    return stat.S_ISDIR(_mode(path) or 0)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def read_text(path: Path, encoding: str = "utf-8", errors: str = "strict", most: int = LARGEST) -> str:
    """Return the text in a file, with line feeds as line endings.

    Raises:
        OSError: see `read_bytes`.
        UnicodeDecodeError: it does not have this encoding.
    """
    text = read_bytes(path, most).decode(encoding, errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def kind_of(mode: int) -> str:
    """Return the kind of a file that is not a regular file, from its mode: `FIFO`."""
    return next((name for is_of, name in _KINDS if is_of(mode)), "special file")
