"""Ctrl-C, SIGTERM and SIGHUP: each is answered at once, and ends the command with KeyboardInterrupt."""

from __future__ import annotations

import os
import signal
from types import FrameType

STOPPING = "\nstopping ...\n"
"""Is said at once; it may take seconds until a function that works is ended."""
_asked = False


def listen() -> None:
    """Handle the signals from now on; one that is ignored, as nohup does it, stays ignored."""
    global _asked  # noqa: PLW0603  (signals are the process's)
    _asked = False
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def check() -> None:
    """Raise KeyboardInterrupt if a signal has come, and something has swallowed the exception."""
    if _asked:
        raise KeyboardInterrupt


def _stop(_signal: int, _frame: FrameType | None) -> None:
    global _asked  # noqa: PLW0603
    _asked = True
    # Not by print: the signal may have come while something was printed.
    os.write(2, STOPPING.encode())
    raise KeyboardInterrupt
