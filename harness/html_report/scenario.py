"""One scenario as a part of the page."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from harness.drawing.elements import element, joined
from harness.drawing.ends import MARKS, End
from harness.html_report.executions import Part, executions
from harness.html_report.failures import failure
from harness.html_report.left import left_behind
from harness.printable import one_line
from harness.report.layout import shown_path
from harness.report.model import Outcome, Result
from harness.report.terminal import BAD_OUTCOMES

ENDS: Final[dict[Outcome, End]] = {
    "passed": "succeeded",
    "failed": "failed",
    "error": "failed",
    "skipped": "none",
}


def scenario_id(number: int) -> str:
    """Return the HTML ID for a scenario's part."""
    return f"scenario-{number}"


def scenario(result: Result, part: Part, *, like: str = "", link: str = "") -> Markup:
    """Return a scenario: its failure, its executions, and its results; `like` and `link` as in `failure`."""
    end = ENDS[result.outcome]
    bad = result.outcome in BAD_OUTCOMES
    title = element("h2", one_line(result.scenario.title))
    facts = f"{shown_path(result.scenario.path)} · {result.outcome} · {result.duration_s:.1f} s"
    head = joined(
        element("b", MARKS[end], class_=f"mark {end}"),
        " ",
        title,
        " ",
        element("span", facts, class_="quiet"),
    )
    body: list[Markup] = []
    if bad:
        body.append(failure(result, like, link))
    elif result.reason:
        body.append(element("p", result.reason))
    if result.observation is not None:
        body += [executions(result.observation, part), *left_behind(result.observation, part.level)]
    return element(
        "details",
        element("summary", head),
        element("div", *body, id=scenario_id(part.number)),
        class_=f"card is-{end}",
        open=bad and not like,
    )
