"""The table that maps a function's paths to folders on this machine, if the kernel cannot do so."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from posixpath import dirname, join, normpath

from .roots import BYTECODE, TMP, Root

_stat, _lstat, _getcwd = os.stat, os.lstat, os.getcwd
_WRITABLE = (BYTECODE, TMP)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class Table:
    """A function's folders and their locations. While `read_only` is set, only /tmp is writable.

    Paths in the arguments are the function's: absolute, or relative to its working directory.
    """

    def __init__(self) -> None:
        self.active = False
        self.read_only = False
        self._roots: tuple[tuple[str, str, str], ...] = ()
        self._at: tuple[str, ...] = ()
        self._back: tuple[tuple[str, str, str], ...] = ()

    def set(self, roots: Iterable[Root], *, read_only: bool = False) -> None:
        """Map the paths of `roots` to their locations; without roots, no path is redirected."""
        inner_first = sorted(roots, reverse=True)
        self._roots = tuple((root.at, f"{root.at}/", root.here) for root in inner_first)
        self._at = tuple(root.at for root in inner_first)
        by_place = sorted(inner_first, key=lambda root: root.here, reverse=True)
        self._back = tuple((root.here, f"{root.here}/", root.at) for root in by_place)
        self.read_only = read_only
        self.active = bool(inner_first)

    def here(self, path: str) -> str:
        """Return the path on this machine."""
        if path[:1] != "/":
            if ".." not in path:
                return path
            path = self.absolute(path)
        elif "/." in path or "//" in path:
            path = _normal(path)
        if path.startswith(self._at):
            for at, below, here in self._roots:
                if path == at or path.startswith(below):
                    return here + path[len(at) :]
        return path

    def there(self, path: str) -> str:
        """Return the function's path for a path on this machine."""
        for here, below, at in self._back:
            if path == here or path.startswith(below):
                return at + path[len(here) :]
        return path

    def absolute(self, path: str) -> str:
        """Return the function's absolute path."""
        return _normal(path if path[:1] == "/" else join(self.there(_getcwd()), path))

    def root(self, path: str) -> str:
        """Return the folder in the table that contains the path, or "/" for the rest of the machine."""
        path = self.absolute(path)
        return next((at for at, below, _ in self._roots if path == at or path.startswith(below)), "/")

    def is_writable(self, path: str) -> bool:
        """Return whether the function may write at the path."""
        return not self.read_only or self.root(path) in _WRITABLE

    def check_new(self, path: str, given: object) -> None:
        """Reject creating a file, folder or link outside of /tmp. Raises the kernel's OSError."""
        if not self.is_writable(path):
            if _mode(self.here(path)):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), given)
            self.check_gone(path, given)

    def check_gone(self, path: str, given: object) -> None:
        """Reject removals outside of /tmp. Raises OSError."""
        if not self.is_writable(path) and _mode(dirname(self.here(path).rstrip("/")) or "."):
            raise _read_only(given)

    def check_change(self, path: str, given: object) -> None:
        """Reject changes outside of /tmp. Raises OSError."""
        if not self.is_writable(path) and _mode(self.here(path)):
            raise _read_only(given)

    def check_open(self, path: str, flags: int, given: object) -> None:
        """Reject opening a file for writing outside of /tmp, unless it is a device. Raises OSError."""
        if not flags & _WRITING or self.is_writable(path):
            return
        mode = _mode(self.here(path))
        if mode and (stat.S_ISREG(mode) and not path.startswith("/proc/")):
            if flags & os.O_ACCMODE != os.O_RDONLY and not (flags & os.O_CREAT and flags & os.O_EXCL):
                raise _read_only(given)
        elif flags & os.O_CREAT and not mode:
            self.check_gone(path, given)


def _normal(path: str) -> str:
    path = normpath(path)
    return path[1:] if path[:2] == "//" else path


def text_of(path: object) -> str | None:
    """Return a path as a string, or None for a descriptor or a value that is not a path."""
    if isinstance(path, str):
        return path
    if isinstance(path, (bytes, os.PathLike)):
        return os.fsdecode(path)
    return None


def as_told(given: object) -> object:
    """Return a path in the form used in error messages."""
    return os.fspath(given) if isinstance(given, os.PathLike) else given


def like(path: str, given: object) -> str | bytes:
    """Return a path as bytes if the given path was bytes."""
    return os.fsencode(path) if isinstance(given, bytes) else path


def rename_error(error: OSError, path: object, given: object) -> None:
    """Use the function's own path in an error."""
    if error.filename == path:
        error.filename = given
    if error.filename2 == path:
        error.filename2 = given


def _mode(path: str) -> int:
    """Return the type and mode of a path, or 0 if it does not exist."""
    for look in (_stat, _lstat):
        try:
            return look(path).st_mode
        except (OSError, ValueError):
            continue
    return 0


def _read_only(given: object) -> OSError:
    return OSError(errno.EROFS, os.strerror(errno.EROFS), given)


TABLE = Table()
"""The table of this process."""
