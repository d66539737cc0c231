"""Joins what has run to a measurement that goes on in this process: of pytest-cov, or of `coverage run`."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coverage import Coverage

    from harness.code_coverage.collected import Collected
    from harness.functions.shared.model import Measures


def running() -> Coverage | None:
    """The measurement that goes on in this process; None if there is none, or none that can be joined."""
    module: Any = sys.modules.get("coverage")
    found: Coverage | None = module.Coverage.current() if hasattr(module, "Coverage") else None
    return found


def measures_of(coverage: Coverage | None) -> Measures:
    """Tell what it counts."""
    if coverage is None:
        return ""
    return "arcs" if coverage.get_option("run:branch") else "lines"


def join(coverage: Coverage, collected: Collected) -> None:
    """Add what has run of the files that count."""
    from harness.code_coverage.selection import Selection  # noqa: PLC0415  (coverage.py need not be there)

    chosen = Selection(coverage).chosen(collected.lines)
    if not chosen:
        return
    with warnings.catch_warnings():  # it looks for data of its own before ours are there
        warnings.filterwarnings("ignore", "No data was collected")
        data = coverage.get_data()
    if measures_of(coverage) == "arcs":
        data.add_arcs(chosen)
    else:
        data.add_lines(chosen)
