"""The command line. `main` gives the exit code (`harness.exit_codes`):

0 all as expected; 1 an expectation failed; 2 the files or the arguments are wrong, or a report cannot be
written; 3 the engine cannot run here, broke down, or could play none of the scenarios; 4 a bug of the
harness (the only one that shows a traceback); 5 a bundle gave other histories than it has; 130 stopped by
Ctrl-C, SIGTERM or SIGHUP. Of several the highest counts: a bug says more than what failed beside it.
"""

from __future__ import annotations

import atexit
import gc
import io
import sys
from collections.abc import Sequence
from contextlib import suppress

from harness.cli import stopping
from harness.exit_codes import INTERRUPTED

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code (`harness.exit_codes`)."""
    for stream in (sys.stdout, sys.stderr):  # what a workflow says may have characters that a terminal lacks
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    atexit.register(gc.freeze)  # the process ends anyway: looking for garbage in it takes 0.3 s
    with stopping.listening():
        try:
            from harness.cli.play import play  # noqa: PLC0415  (takes a while, in which Ctrl-C may come)

            return play(sys.argv[1:] if argv is None else argv)
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal may have gone
                print("stopped", file=sys.stderr, flush=True)
            return INTERRUPTED
