"""Ctrl-C, SIGTERM and SIGHUP: each is answered at once, and ends the command with KeyboardInterrupt."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPING = "\nstopping ...\n"
"""Is said at once; it may take seconds until a function that works is ended."""
_asked = 0


@contextmanager
def listening() -> Iterator[None]:
    """Handle the signals meanwhile; one that is ignored, as nohup does it, stays ignored."""
    global _asked  # noqa: PLW0603  (signals are the process's)
    _asked = 0
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {n: handler for n in numbers if (handler := signal.getsignal(n)) not in (None, signal.SIG_IGN)}
    for number in before:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check() -> None:
    """Raise KeyboardInterrupt if a signal has come, and something has swallowed the exception."""
    if _asked:
        raise KeyboardInterrupt


def reason() -> str:
    """Say what stopped the command."""
    name = signal.Signals(_asked or signal.SIGINT).name
    return f"the run was stopped by {'Ctrl-C' if name == 'SIGINT' else name}"


def _stop(number: int, _frame: FrameType | None) -> None:
    global _asked  # noqa: PLW0603
    _asked = number
    with suppress(OSError):  # the terminal may have gone
        # Not by print: the signal may have come while something was printed.
        os.write(2, STOPPING.encode())
    raise KeyboardInterrupt
