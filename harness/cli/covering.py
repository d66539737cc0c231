"""Makes the reporter of coverage where it is asked for; what it needs is imported then."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from harness.cli.coverage import CoverageReport


def covers(arguments: argparse.Namespace) -> bool:
    """Tell whether coverage of state machines is asked for."""
    return arguments.coverage is not None or arguments.coverage_min is not None


def coverage_of(arguments: argparse.Namespace, stream: TextIO) -> CoverageReport | None:
    """The reporter of coverage; None if it is not asked for."""
    if not covers(arguments):
        return None
    from harness.cli.coverage import CoverageReport  # noqa: PLC0415  (most runs do not need it)

    return CoverageReport(stream, arguments.coverage or (), arguments.coverage_min)
