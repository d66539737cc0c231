"""Explains why a scenario failed: each mismatch with its line, then states, traces and logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from harness.drawing.elements import element, joined
from harness.expect.model import Mismatch
from harness.html_report.cause import cause_in_words
from harness.html_report.lines import block
from harness.report.failure import detail_lines, headline, place_lines
from harness.report.happened import happened
from harness.report.model import Result

DETAILED: Final = 40
"""Maximum number of mismatches to show with their lines. Others get one line each."""
LISTED: Final = 400
_AROUND: Final = 2


def failure(result: Result, like: str, link: str) -> Markup:
    """Return the explanation for a failure. `like` names an earlier failure with the same cause,
    at `link`.
    """
    reason = element("pre", result.reason) if result.reason else None
    cause = cause_in_words(result)
    same = element("p", "Same cause as ", element("a", like, href=link), ".") if like else None
    return joined(
        element("p", element("b", "Rerun it: "), element("code", result.reproduce))
        if result.reproduce
        else None,
        element("p", element("b", "Cause: "), cause) if cause else None,
        same,
        reason,
        *_mismatches(result),
        block(happened(result)) if not like else None,
    )


def _mismatches(result: Result) -> Iterator[Markup]:
    before: Mismatch | None = None
    for mismatch in result.mismatches[:DETAILED]:
        near = before is not None and before.where == mismatch.where
        yield element(
            "div",
            element("h3", headline(mismatch), class_="bad"),
            block(place_lines(result, mismatch, _AROUND), "lines") if not near else None,
            block(detail_lines(mismatch, verbose=False)),
        )
        before = mismatch
    left = result.mismatches[DETAILED:]
    if left:
        items = [element("li", headline(each)) for each in left[:LISTED]]
        if len(left) > LISTED:
            items.append(element("li", f"… {len(left) - LISTED:,} more mismatches"))
        yield element("ul", *items)
