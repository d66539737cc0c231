"""Stops an engine whose function supervisor has exited or cannot start a process.

The process reports this in one line on standard output (`engine.child`) and exits, because the
engine cannot test anything without functions.
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
"""The time to wait for an exit: the connections of a killed process close shortly before its exit can be
detected.
"""
_first = threading.Lock()


def watch(runtime: FunctionRuntime) -> None:
    """Stop this process when any of the runtime's supervisors exits. Must be called in the main thread."""

    def child_ended(_signal: int = 0, _frame: FrameType | None = None) -> None:
        if reason := _ended(runtime):
            _end(runtime, reason)

    signal.signal(signal.SIGCHLD, child_ended)
    child_ended()  # it may already have exited


def expected() -> None:
    """Stop reporting supervisors that exit, because they are being closed."""
    _first.acquire(blocking=False)


def give_up(runtime: FunctionRuntime, error: Exception) -> None:
    """Stop this process because of an error in the function runtime."""
    _wait_for_end(runtime)
    _end(runtime, _ended(runtime) or str(error))
    threading.Event().wait()  # a different thread is stopping the process


def _end(runtime: FunctionRuntime, reason: str) -> None:
    """Report the reason and exit. Returns immediately if another thread is already doing that."""
    if not _first.acquire(blocking=False):
        return
    # any further output from other threads is only a consequence
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    print(json.dumps({"lost": reason}), flush=True)
    runtime.close()
    os._exit(STATUS)


def _ended(runtime: FunctionRuntime) -> str:
    """Return the supervisor that has exited and the cause, or "" if all are running."""
    for pid, version in runtime.supervisors().items():
        try:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # the supervisor was closed
            continue
        if ended is not None:
            what = f"the function supervisor for Python {version} (process {pid})"
            if ended.si_code == os.CLD_EXITED:
                return f"{what} exited with status {ended.si_status}"
            name = lifeline.signal_name(ended.si_status)
            return f"{what} was terminated by signal {ended.si_status}{name}"
    return ""


def _wait_for_end(runtime: FunctionRuntime) -> None:
    """Wait briefly for a supervisor to exit."""
    if not hasattr(os, "pidfd_open"):
        return
    descriptors = [os.pidfd_open(pid) for pid in runtime.supervisors()]
    select.select(descriptors, [], [], _SEEN_S)
