"""Run one command, and map each failure to an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from harness.cli.arguments import parse
from harness.engine.base import EngineError
from harness.exit_codes import BUG, FAILED, NO_ENGINE, WRONG
from harness.explaining import more_about, with_codes
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
    except (ScenarioError, SettingsError) as error:
        return _say(with_codes(str(error), error.code), code=WRONG)
    except EngineError as error:
        return _say(with_codes(f"the engine cannot run: {error}", error.code), code=NO_ENGINE)
    except BrokenPipeError:
        return FAILED
    except Exception:  # all user errors have already been handled: this is a bug
        import traceback  # noqa: PLC0415

        return _say(
            traceback.format_exc(), "This is a bug in the harness.", more_about(["harness-bug"]), code=BUG
        )


def _say(*lines: str, code: int) -> int:
    say(*lines, file=sys.stderr)
    return code
