"""Report invalid files on the `--html` page. Other reports are not written in this case."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from harness.printable import say
from harness.scenario.position import ScenarioError


@contextmanager
def refusals_told(arguments: argparse.Namespace) -> Iterator[None]:
    """Write the page for a ScenarioError if requested, and re-raise the error."""
    try:
        yield
    except ScenarioError as error:
        if arguments.html is not None:
            from harness.html_report import HtmlReport  # noqa: PLC0415  (most runs do not need it)
            from harness.report.base import Context  # noqa: PLC0415

            report = HtmlReport(arguments.html, Context())
            report.problems = error.problems
            report.finished()
            if report.problem:
                say(report.problem, file=sys.stderr)
        raise
