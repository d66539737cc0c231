"""The end of an engine that lost its functions: a supervisor of them ended, or cannot start a process.

It says so in one line on standard output (`engine.child`), and the process ends: nothing could be proved with
what is left.
"""

from __future__ import annotations

import json
import os
import select
import signal
import threading
from types import FrameType
from typing import Final

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared import lifeline

STATUS: Final = 1
_SEEN_S: Final = 1.0
"""The connections of a process that is killed close a moment before its end can be seen."""
_first = threading.Lock()


def watch(runtime: FunctionRuntime) -> None:
    """End this process when one of the runtime's supervisors ends; to be called in the main thread."""

    def child_ended(_signal: int = 0, _frame: FrameType | None = None) -> None:
        if reason := _ended(runtime):
            _end(runtime, reason)

    signal.signal(signal.SIGCHLD, child_ended)
    child_ended()  # it may have ended before


def expected() -> None:
    """Say nothing of supervisors that end from now on: they are closed."""
    _first.acquire(blocking=False)


def give_up(runtime: FunctionRuntime, error: Exception) -> None:
    """End this process because of an error of the function runtime."""
    _wait_for_end(runtime)
    _end(runtime, _ended(runtime) or str(error))
    threading.Event().wait()  # another thread ends the process


def _end(runtime: FunctionRuntime, reason: str) -> None:
    """Say why, and end; returns where another thread does that."""
    if not _first.acquire(blocking=False):
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what other threads say from now on is a consequence
    print(json.dumps({"lost": reason}), flush=True)
    runtime.close()
    os._exit(STATUS)


def _ended(runtime: FunctionRuntime) -> str:
    """Say which supervisor has ended, and by what; "" when they all live."""
    for pid, version in runtime.supervisors().items():
        try:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # it was closed
            continue
        if ended is not None:
            what = f"the supervisor of functions on Python {version} (process {pid})"
            if ended.si_code == os.CLD_EXITED:
                return f"{what} ended with status {ended.si_status}"
            name = lifeline.signal_name(ended.si_status)
            return f"{what} ended with signal {ended.si_status}{name}"
    return ""


def _wait_for_end(runtime: FunctionRuntime) -> None:
    """Wait a moment for the end of a supervisor."""
    if not hasattr(os, "pidfd_open"):
        return
    descriptors = [os.pidfd_open(pid) for pid in runtime.supervisors()]
    select.select(descriptors, [], [], _SEEN_S)
