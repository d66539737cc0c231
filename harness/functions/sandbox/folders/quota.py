"""The size of a function's /tmp, which is counted where no file system enforces it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

_STEP = 32 << 20
"""Bytes that can be written before /tmp is measured again. Uncounted changes cannot exceed this number."""

_fstat, _scandir, _statvfs = os.fstat, os.scandir, os.statvfs
_BLOCK = 4096  # the page size of Linux's in-memory file systems
_UNIT = 512  # the unit of st_blocks


class Quota:
    """The quota for the folder `tmp`: `limit` bytes. Writes to the descriptors in `files` count."""

    def __init__(self) -> None:
        self.files: set[int] = set()
        self._tmp = ""
        self._limit = 0
        self._left = 0

    def set(self, tmp: str, limit: int) -> None:
        """Measure the contents of `tmp`."""
        self._tmp, self._limit = tmp, limit
        self._left = min(limit, _STEP)

    def take(self, fd: int, count: int) -> None:
        """Reserve `count` bytes for a write to a file. Raises OSError if there is not enough space."""
        if count <= self._left:
            self._left -= count
            return
        found = _fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return
        free = self.free()
        overwritten = max(found.st_size - _position(fd), 0)
        if count - overwritten > free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._left = max(min(free - count, _STEP), 0)

    def free(self) -> int:
        """Return how many bytes are free, based on the current contents."""
        return max(self._limit - sum(_sizes(self._tmp)) - self._removed(), 0)

    def statvfs(self) -> os.statvfs_result:
        """Return the statvfs result for a file system of this size."""
        real = _statvfs(self._tmp)
        free = self.free() // _BLOCK
        return os.statvfs_result((_BLOCK, _BLOCK, self._limit // _BLOCK, free, free, *tuple(real)[5:10]))

    def _removed(self) -> int:
        """Return the total size of open files that have been deleted."""
        total = 0
        for fd in tuple(self.files):
            try:
                found = _fstat(fd)
            except OSError:
                self.files.discard(fd)
                continue
            if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                total += found.st_blocks * _UNIT
        return total


def _position(fd: int) -> int:
    try:
        return os.lseek(fd, 0, os.SEEK_CUR)
    except OSError:
        return 0


def _sizes(folder: str) -> Iterator[int]:
    try:
        with _scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _sizes(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False).st_blocks * _UNIT
    except OSError:  # it is being removed
        return


QUOTA = Quota()
"""The quota of this process."""
