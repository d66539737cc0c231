"""The command line. `main` gives the exit code:

0 all as expected; 1 an expectation failed; 2 the files or the arguments are wrong, or a report cannot be
written; 3 the engine cannot run here, or everything was skipped; 4 a bug of the harness (the only one that
shows a traceback); 130 stopped by Ctrl-C, SIGTERM or SIGHUP.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from harness.cli import stopping
from harness.cli.codes import BUG, FAILED, INTERRUPTED, NO_ENGINE, PASSED, WRONG

__all__ = ["BUG", "FAILED", "INTERRUPTED", "NO_ENGINE", "PASSED", "WRONG", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    stopping.listen()
    try:
        from harness.cli.play import play  # noqa: PLC0415  (takes a while, in which Ctrl-C may come)

        return play(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
