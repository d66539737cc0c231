"""Shows the problems in files that could not be used, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from harness.drawing.elements import element
from harness.html_report.lines import block
from harness.report.layout import excerpt, lines_around
from harness.scenario.position import Problem

MOST: Final = 100
"""Maximum number of problems to show."""
_AROUND: Final = 2


def refused(problems: Sequence[Problem]) -> Iterator[Markup]:
    """Return the problems, each with the lines around it."""
    for problem in problems[:MOST]:
        where = problem.where
        yield element(
            "section",
            element("h2", str(problem), class_="bad"),
            block(excerpt(lines_around(where, _AROUND), where.line, where.column, 0), "lines"),
            class_="card is-failed",
        )
    if len(problems) > MOST:
        yield element("p", f"… {len(problems) - MOST:,} more problems")
