"""Functions that terminate an environment when its supervisor exits, however the supervisor exits."""

from __future__ import annotations

import _thread
import ctypes
import os
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int, lifeline: int) -> None:
    """Kill this process when `parent`, the only holder of the lifeline pipe's other end, exits.

    On Linux the kernel does this, even when the code hangs. On other systems, a thread waits until the pipe
    closes.
    """
    if die_with(parent):
        os.close(lifeline)
    else:
        # A thread that is invisible to Python's threading module, and therefore to the function's code.
        _thread.start_new_thread(wait_for_end, (lifeline,))


def die_with(parent: int) -> bool:
    """Make the kernel kill this process when `parent` exits; return False if it cannot (not on Linux)."""
    if _libc is None or _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        return False
    if os.getppid() != parent:  # it exited before the request
        os.kill(os.getpid(), signal.SIGKILL)
    return True


def wake_with_parent() -> None:
    """Resume this process when the thread that started it exits, if this process is stopped at that time
    (Linux).
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)


def wait_for_end(lifeline: int) -> None:
    """Kill this process and its group when the lifeline pipe has no writer left."""
    os.read(lifeline, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def remove_afterwards(folder: str) -> None:
    """Remove `folder` after this process has exited, however it exits. No process can write to it by then."""
    waiting = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; rm -rf "$0"', folder], stdin=subprocess.PIPE, start_new_session=True
    )
    _held.append(waiting)  # our end of its input closes when we exit


def ended_with(status: int) -> str:
    """Describe how a process exited, based on its `subprocess` status: `signal 9 (SIGKILL)`."""
    return f"status {status}" if status >= 0 else f"signal {-status}{signal_name(-status)}"


def signal_name(number: int) -> str:
    """Return the name of a signal, such as ` (SIGKILL)`, or "" if it has none."""
    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""


_held: list[subprocess.Popen[bytes]] = []


def children() -> list[int]:
    """Return the IDs of this process's children, including adopted ones (Linux; none on other systems)."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []
