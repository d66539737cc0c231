"""Exit codes of the command line. If several apply, the highest is used."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PASSED: Final = 0
FAILED: Final = 1
WRONG: Final = 2
NO_ENGINE: Final = 3
BUG: Final = 4
OTHER_HISTORIES: Final = 5
INTERRUPTED: Final = 130

MEANINGS: Final[Mapping[int, str]] = MappingProxyType(
    {
        PASSED: "All as expected.",
        FAILED: "An expectation failed, an invariant is violated, engines differ, the gate "
        "reports an error, AWS rejects a template or definition, or a stack could not be deployed.",
        WRONG: "The files or the arguments are wrong, the base of a comparison cannot be read, or a report "
        "cannot be written.",
        NO_ENGINE: "The engine could not run, ended early, does not have a service that was called, or "
        "skipped every scenario. Nothing is proved. With `--allow-skipped`, a run that skips every "
        "scenario passes.",
        BUG: "A bug in the harness. Only a bug shows a traceback.",
        OTHER_HISTORIES: "A bundle was run, and its histories differ from those in the bundle.",
        INTERRUPTED: "Stopped by Ctrl-C, SIGTERM or SIGHUP. Reports list the scenarios that did not run.",
    }
)
"""The meaning of each exit code, in one or two sentences."""
