"""Waits for child processes, during which the baton is passed on. Child processes run in real time and take
no time on the clock.

While a thread waits for a running child, the clock does not jump. A timeout for the wait expires after the
same amount of real time, and the clock then advances by it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

from .baton import BATON, deadline_of

_real_waitpid, _real_wait4, _real_waitid = os.waitpid, os.wait4, os.waitid
_real_popen_wait: Any = subprocess.Popen._wait  # type: ignore[attr-defined]


def has_children() -> bool:
    """Return whether a child process is alive."""
    try:
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children", "rb") as file:
                if any(_lives(pid) for pid in file.read().split()):
                    return True
    except OSError:
        return False
    return False


def _lives(pid: bytes) -> bool:
    try:
        with open(b"/proc/%s/stat" % pid, "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in b"ZX"
    except OSError:
        return False


def _await(look: Callable[[], Any], timeout_s: float | None = None) -> Any:
    deadline_us = None if timeout_s is None else deadline_of(BATON.clock, timeout_s)
    return BATON.watch(look, deadline_us, lambda: "paced")


def waitpid(pid: int, options: int, /) -> tuple[int, int]:
    """Replace `os.waitpid`."""
    if options & os.WNOHANG or BATON.me() is None:
        return _real_waitpid(pid, options)

    def look() -> tuple[int, int] | None:
        ended = _real_waitpid(pid, options | os.WNOHANG)
        return ended if ended[0] else None

    found: tuple[int, int] = _await(look)
    return found


def wait() -> tuple[int, int]:
    """Replace `os.wait`."""
    return waitpid(-1, 0)


def wait4(pid: int, options: int) -> Any:
    """Replace `os.wait4`."""
    if options & os.WNOHANG or BATON.me() is None:
        return _real_wait4(pid, options)

    def look() -> Any:
        ended = _real_wait4(pid, options | os.WNOHANG)
        return ended if ended[0] else None

    return _await(look)


def wait3(options: int) -> Any:
    """Replace `os.wait3`."""
    return wait4(-1, options)


def waitid(idtype: int, id: int, options: int, /) -> Any:
    """Replace `os.waitid`."""
    if options & os.WNOHANG or BATON.me() is None:
        return _real_waitid(idtype, id, options)
    return _await(lambda: _real_waitid(idtype, id, options | os.WNOHANG))


def _popen_wait(self: Any, timeout: float | None) -> int | None:
    """Replace `subprocess.Popen._wait`, which polls when it has a timeout."""
    if timeout is None or self.returncode is not None or BATON.me() is None:
        status: int | None = _real_popen_wait(self, timeout=timeout)
        return status
    if _await(self._internal_poll, max(timeout, 0)) is None:
        raise subprocess.TimeoutExpired(self.args, timeout)
    ended: int | None = self.returncode
    return ended


def replacements() -> list[tuple[object, str, object]]:
    """Return the replacements: module or class, name, and replacement."""
    functions = (waitpid, wait, wait3, wait4, waitid)
    found: list[tuple[object, str, object]] = [(os, each.__name__, each) for each in functions]
    return [*found, (subprocess.Popen, "_wait", _popen_wait)]
