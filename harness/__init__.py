"""Proves AWS Step Functions workflows from scenario files.

The names in `__all__` are the Python API, together with those in docs/reference/python-api.md. Everything
else in this package may change in any version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.errors import HarnessError
    from harness.workflow.result import Result
    from harness.workflow.scenarios import run
    from harness.workflow.workflow import Workflow

__all__ = ("HarnessError", "Result", "Workflow", "run")

_PLACES = {
    "HarnessError": "harness.errors",
    "Result": "harness.workflow.result",
    "Workflow": "harness.workflow.workflow",
    "run": "harness.workflow.scenarios",
}


def __getattr__(name: str) -> object:
    """Import a name from the API on first use. The command line and the plugin use none of these names."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the names in the API and the names of imported modules."""
    return sorted({*globals(), *__all__})
