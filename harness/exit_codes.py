"""The exit codes of the command line. Of several that apply, the highest counts."""

from __future__ import annotations

from typing import Final

PASSED: Final = 0
"""All as expected."""
FAILED: Final = 1
"""An expectation failed, or the template could not be deployed."""
WRONG: Final = 2
"""The files or the arguments are wrong, or a report cannot be written."""
NO_ENGINE: Final = 3
"""The engine cannot run here, broke down, or does not have what was called."""
BUG: Final = 4
"""A bug of the harness."""
OTHER_HISTORIES: Final = 5
"""A bundle was played, and gave other histories than it has. It stands for 0 and 1 only."""
INTERRUPTED: Final = 130
