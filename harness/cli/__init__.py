"""The command line. `main` gives the exit code (`harness.exit_codes`):

0 all as expected; 1 an expectation failed; 2 the files or the arguments are wrong, or a report cannot be
written; 3 the engine cannot run here, or broke down; 4 a bug of the harness (the only one that shows a
traceback). Of several the highest counts: a bug says more than what failed beside it.
"""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from harness.cli.arguments import parse
from harness.engine.base import EngineError
from harness.exit_codes import BUG, FAILED, INTERRUPTED, NO_ENGINE, WRONG
from harness.scenario.load import ScenarioError
from harness.settings import SettingsError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, _as_interrupt)
    for stream in (sys.stdout, sys.stderr):  # what a workflow says may have characters that a terminal lacks
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(arguments.command(arguments))
    except ScenarioError as error:
        return _say(*(str(problem) for problem in error.problems), code=WRONG)
    except SettingsError as error:
        return _say(str(error), code=WRONG)
    except EngineError as error:
        return _say(f"the engine cannot run: {error}", code=NO_ENGINE)
    except KeyboardInterrupt:
        return _say("stopped", code=INTERRUPTED)
    except BrokenPipeError:
        return FAILED
    except Exception:  # everything that a user can cause has been handled: this is a bug
        import traceback  # noqa: PLC0415

        return _say(traceback.format_exc(), "This is a bug of the harness.", code=BUG)


def _say(*lines: str, code: int) -> int:
    print(*lines, sep="\n", file=sys.stderr)
    return code


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
