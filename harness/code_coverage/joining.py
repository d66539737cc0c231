"""Adds executed lines to this process's active measurement, from pytest-cov or `coverage run`."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coverage import Coverage

    from harness.code_coverage.collected import Collected
    from harness.functions.shared.model import Measures


def running() -> Coverage | None:
    """Return this process's active measurement, or None if there is none that can be joined."""
    module: Any = sys.modules.get("coverage")
    found: Coverage | None = module.Coverage.current() if hasattr(module, "Coverage") else None
    return found


def measures_of(coverage: Coverage | None) -> Measures:
    """Return `lines` or `arcs`, whichever the measurement counts; "" without one."""
    if coverage is None:
        return ""
    return "arcs" if coverage.get_option("run:branch") else "lines"


def join(coverage: Coverage, collected: Collected) -> None:
    """Add the measured files' executed lines."""
    from harness.code_coverage.selection import Selection  # noqa: PLC0415  (coverage.py is optional)

    chosen = Selection(coverage).chosen(collected.lines)
    if not chosen:
        return
    with warnings.catch_warnings():  # coverage.py checks for data before ours is added
        warnings.filterwarnings("ignore", "No data was collected")
        data = coverage.get_data()
    if measures_of(coverage) == "arcs":
        data.add_arcs(chosen)
    else:
        data.add_lines(chosen)
