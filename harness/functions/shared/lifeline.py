"""An environment ends with its supervisor, however that ends."""

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
    """Have this process killed when `parent`, the only holder of the lifeline pipe's other end, ends.

    On Linux the kernel does it, also when the code hangs; elsewhere a thread waits for the pipe's end.
    """
    if die_with(parent):
        os.close(lifeline)
    else:
        # A thread that Python's threading module, and so the function's code, does not see.
        _thread.start_new_thread(wait_for_end, (lifeline,))


def die_with(parent: int) -> bool:
    """Have the kernel kill this process when `parent` ends; False where it cannot (not on Linux)."""
    if _libc is None or _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        return False
    if os.getppid() != parent:  # it ended before the request was made
        os.kill(os.getpid(), signal.SIGKILL)
    return True


def wake_with_parent() -> None:
    """Have this process go on, if it is stopped, when the thread that started it ends (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)


def wait_for_end(lifeline: int) -> None:
    """Kill this process and its group when the lifeline pipe has no writer any more."""
    os.read(lifeline, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of processes that a descendant leaves behind (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def remove_afterwards(folder: str) -> None:
    """Have `folder` removed when this process has ended, however it ends: then nothing writes to it."""
    waiting = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; rm -rf "$0"', folder], stdin=subprocess.PIPE, start_new_session=True
    )
    _held.append(waiting)  # our end of its input closes with us


def ended_with(status: int) -> str:
    """Say how a process ended, by its status as `subprocess` gives it: `signal 9 (SIGKILL)`."""
    return f"status {status}" if status >= 0 else f"signal {-status}{signal_name(-status)}"


def signal_name(number: int) -> str:
    """The name of a signal, such as ` (SIGKILL)`; "" for one that has none."""
    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""


_held: list[subprocess.Popen[bytes]] = []


def children() -> list[int]:
    """The ids of this process's children, adopted ones too (Linux; elsewhere none)."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []
