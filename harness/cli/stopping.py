"""Ctrl-C, SIGTERM and SIGHUP: each one is handled immediately and ends the command with KeyboardInterrupt."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPING = "\nstopping ...\n"
"""The message that is printed immediately. A running function may take several seconds to end."""
_asked = 0


@contextmanager
def listening() -> Iterator[None]:
    """Handle the signals during the block. A signal that is already ignored, for example by nohup, stays
    ignored.
    """
    global _asked  # noqa: PLW0603  (signals belong to the process)
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
    """Raise KeyboardInterrupt if a signal was received and its exception was suppressed."""
    if _asked:
        raise KeyboardInterrupt


def reason() -> str:
    """Return a message about the signal that stopped the command."""
    name = signal.Signals(_asked or signal.SIGINT).name
    return f"the run was stopped by {'Ctrl-C' if name == 'SIGINT' else name}"


def _stop(number: int, _frame: FrameType | None) -> None:
    global _asked  # noqa: PLW0603
    _asked = number
    with suppress(OSError):  # the terminal may have closed
        # Calling print is not safe: the signal may arrive during a print.
        os.write(2, STOPPING.encode())
    raise KeyboardInterrupt
