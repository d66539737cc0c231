"""Reads files that users name: what is no file, or too large for one, is refused and never waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a file that is read as a whole; code has a limit of its own."""
_KINDS: Final = (
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def read_bytes(path: Path, most: int = LARGEST) -> bytes:
    """The bytes of a file.

    Raises:
        OSError: it cannot be read, is a FIFO, socket, device or folder, or has more than `most` bytes.
    """
    try:
        status = path.stat()
    except ValueError as error:  # NUL, or half a character
        raise OSError(errno.EINVAL, "no file can have such a name", str(path)) from error
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"it is a {kind_of(status.st_mode)}, and no file", str(path))
    # What stands there may have changed since: a FIFO would let whoever opens it wait.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", str(path))
    return content


def path_remedy(path: Path) -> str:
    """Say what to do about a path that leads nowhere: `did you mean 'a.yaml'?`, or to correct it."""
    from difflib import get_close_matches  # noqa: PLC0415  (rarely needed)

    try:
        near = get_close_matches(path.name, os.listdir(path.parent), n=1, cutoff=0.7)
    except (OSError, ValueError):
        near = []
    return f"did you mean {str(path.parent / near[0])!r}?" if near else "correct the path"


def is_there(path: Path) -> bool:
    """Tell whether a path leads to something; one that is too long, or that no file can have, does not."""
    return _mode(path) is not None


def is_file(path: Path) -> bool:
    """Tell whether a path leads to a regular file; see `is_there`."""
    return stat.S_ISREG(_mode(path) or 0)


def is_folder(path: Path) -> bool:
    """Tell whether a path leads to a folder; see `is_there`."""
    return stat.S_ISDIR(_mode(path) or 0)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def read_text(path: Path, encoding: str = "utf-8", errors: str = "strict", most: int = LARGEST) -> str:
    """The text of a file; line ends become line feeds.

    Raises:
        OSError: as `read_bytes`.
        UnicodeDecodeError: it is not of this encoding.
    """
    text = read_bytes(path, most).decode(encoding, errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def kind_of(mode: int) -> str:
    """The kind of what is no regular file, by its mode: `FIFO`."""
    return next((name for is_of, name in _KINDS if is_of(mode)), "special file")
