"""Run one command, and map each failure to an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from harness.cli.arguments import parse
from harness.engine.base import EngineError
from harness.exit_codes import BUG, FAILED, NO_ENGINE, WRONG
from harness.explaining import codes_of, more_about
from harness.printable import say
from harness.scenario.position import ScenarioError
from harness.settings import SettingsError


def play(argv: Sequence[str]) -> int:
    """Run one command and return its exit code. KeyboardInterrupt propagates."""
    arguments = parse(argv)
    return guarded(lambda: int(arguments.command(arguments)))


def guarded(command: Callable[[], int]) -> int:
    """Call a command and return its exit code, even if it fails. KeyboardInterrupt propagates."""
    try:
        return command()
    except ScenarioError as error:
        return _say(*(str(problem) for problem in error.problems), code=WRONG, kind=error.code)
    except SettingsError as error:
        return _say(str(error), code=WRONG, kind=error.code)
    except EngineError as error:
        return _say(f"the engine cannot run: {error}", code=NO_ENGINE, kind=error.code)
    except BrokenPipeError:
        return FAILED
    except Exception:  # all user errors have already been handled: this is a bug
        import traceback  # noqa: PLC0415

        return _say(traceback.format_exc(), "This is a bug in the harness.", code=BUG, kind="harness-bug")


def _say(*lines: str, code: int, kind: str) -> int:
    """Print messages, each with the command that explains it. `kind` is the page for messages without their
    own.
    """
    say(*lines, more_about(codes_of(lines, kind)), file=sys.stderr)
    return code
