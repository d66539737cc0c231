"""The command line. `main` returns an exit code, see `harness.exit_codes`."""

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
    """Run one command and return its exit code (`harness.exit_codes`)."""
    for stream in (sys.stdout, sys.stderr):  # a workflow may contain characters that the terminal cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    atexit.register(gc.freeze)  # the process is about to exit: garbage collection would take 0.3 s
    with stopping.listening():
        try:
            from harness.cli.play import play  # noqa: PLC0415  (slow, and Ctrl-C may arrive during it)

            return play(sys.argv[1:] if argv is None else argv)
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal may have closed
                print("stopped", file=sys.stderr, flush=True)
            return INTERRUPTED
