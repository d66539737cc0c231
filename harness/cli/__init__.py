"""The command line. `main` gives the exit code:

0 all as expected; 1 an expectation failed; 2 the files or the arguments are wrong, or a report cannot be
written; 3 the engine cannot run here, or everything was skipped; 4 a bug of the harness (the only one that
shows a traceback); 130 stopped by Ctrl-C, SIGTERM or SIGHUP.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from harness.cli.codes import BUG, FAILED, INTERRUPTED, NO_ENGINE, PASSED, WRONG

__all__ = ["BUG", "FAILED", "INTERRUPTED", "NO_ENGINE", "PASSED", "WRONG", "main"]
STOPPING = "\nstopping ...\n"
"""Is said at once; it may take seconds until a function that works is ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, _stop)
    try:
        from harness.cli.play import play  # noqa: PLC0415  (takes a while, in which Ctrl-C may come)

        return play(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED


def _stop(_signal: int, _frame: FrameType | None) -> None:
    # Not by print: the signal may have come while something was printed.
    os.write(2, STOPPING.encode())
    raise KeyboardInterrupt
