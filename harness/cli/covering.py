"""Create the coverage reporter on request. Its dependencies are imported only then."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from harness.cli.coverage import CoverageReport


def covers(arguments: argparse.Namespace) -> bool:
    """Return whether state machine coverage is requested."""
    return arguments.coverage is not None or arguments.coverage_min is not None


def coverage_of(arguments: argparse.Namespace, stream: TextIO) -> CoverageReport | None:
    """Return the coverage reporter; None if it is not requested."""
    if not covers(arguments):
        return None
    from harness.cli.coverage import CoverageReport  # noqa: PLC0415  (most runs do not need it)

    return CoverageReport(stream, arguments.coverage or (), arguments.coverage_min)
