"""The exit codes of the command line. If several apply, the highest is used."""

from __future__ import annotations

from typing import Final

PASSED: Final = 0
"""Everything is as expected."""
FAILED: Final = 1
"""An expectation failed, or the template could not be deployed."""
WRONG: Final = 2
"""The files or the arguments are invalid, or a report cannot be written."""
NO_ENGINE: Final = 3
"""The engine cannot run on this machine, broke down, or does not support a call."""
BUG: Final = 4
"""A bug of the harness."""
OTHER_HISTORIES: Final = 5
"""A bundle was run, and its histories differ from the recorded histories. Replaces 0 and 1 only."""
INTERRUPTED: Final = 130
