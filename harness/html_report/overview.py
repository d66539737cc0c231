"""The page: a summary of the failures, then all scenarios, failed ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, get_args

from markupsafe import Markup

from harness.drawing.elements import element, joined
from harness.drawing.ends import MARKS
from harness.drawing.graph import Graphs, legend
from harness.drawing.page import document
from harness.html_report.cause import cause_in_words
from harness.html_report.departure import departure_in_words
from harness.html_report.executions import Level, Part, size_of
from harness.html_report.lines import block
from harness.html_report.refused import refused
from harness.html_report.scenario import ENDS, scenario, scenario_id
from harness.printable import one_line
from harness.report.causes import cause_of
from harness.report.failure import first_line
from harness.report.layout import shown_path
from harness.report.model import Outcome, Result
from harness.report.notes import note_lines, notes_of
from harness.report.terminal import BAD_OUTCOMES
from harness.scenario.model import Scenario
from harness.scenario.position import Problem

MOST_STATES: Final = 250
"""Maximum number of states in passed scenarios. If there are more, they are omitted to limit
page size.
"""
FULL: Final = 40
"""Maximum number of failures to show with events."""


def page(
    results: Sequence[Result],
    not_run: Sequence[Scenario],
    engine: str,
    cut_short: str = "",
    problems: Sequence[Problem] = (),
) -> str:
    """Return the page as text. `problems` are problems in scenarios that could not be read."""
    failed = [result for result in results if result.outcome in BAD_OUTCOMES]
    others = [result for result in results if result.outcome not in BAD_OUTCOMES]
    states = sum(size_of(result.observation) for result in others if result.observation is not None)
    level: Level = "brief" if states <= MOST_STATES else "short"
    graphs = Graphs()
    parts = [*_failed(failed, graphs)]
    passed = [
        scenario(result, Part(number, graphs, level))
        for number, result in enumerate(others, start=len(failed))
    ]
    headline = _headline(results, not_run, problems)
    notes = notes_of(result.notes for result in results)
    main = element(
        "main",
        element("h1", headline),
        _tally(results, not_run, engine),
        *refused(problems),
        _first_screen(failed),
        legend(*(_signs() if failed else ())) if results else None,
        *parts,
        element("h2", f"{len(others):,} as expected") if others and failed else None,
        _left_out() if others and level == "short" else None,
        *passed,
        *_not_run(not_run, cut_short),
        joined(element("h2", "Notes"), block(note_lines(notes))) if notes else None,
    )
    return str(document(headline, graphs.skeletons, main))


def _headline(results: Sequence[Result], not_run: Sequence[Scenario], problems: Sequence[Problem]) -> str:
    bad = sum(result.outcome in BAD_OUTCOMES for result in results)
    number = len(results)
    noun = "scenario" if number == 1 else "scenarios"
    if problems and not number:
        return f"{len(problems)} problem{'s' * (len(problems) != 1)} in the files: nothing was run"
    if bad:
        return f"{bad:,} of {number:,} {noun} failed"
    if not number:
        return "No scenario was run"
    end = f", {len(not_run):,} not run" if not_run else ""
    passed = sum(result.outcome == "passed" for result in results)
    return (f"{passed:,} of " if passed < number else "") + f"{number:,} {noun} passed{end}"


def _tally(results: Sequence[Result], not_run: Sequence[Scenario], engine: str) -> Markup:
    numbers = Counter(result.outcome for result in results)
    outcomes: tuple[Outcome, ...] = get_args(Outcome)
    items = [
        element("li", element("b", MARKS[ENDS[each]], class_=ENDS[each]), f" {numbers[each]:,} {each}")
        for each in outcomes
        if numbers[each]
    ]
    if not_run:
        items.append(element("li", f"{len(not_run):,} not run"))
    if engine:
        items.append(element("li", f"engine {engine}"))
    return element("ul", *items, class_="tally")


def _first_screen(failed: Sequence[Result]) -> Markup | None:
    if not failed:
        return None
    rows = (
        element(
            "tr",
            element("td", element("a", one_line(result.scenario.title), href=f"#{scenario_id(number)}")),
            element("td", first_line(result), *_cause(result)),
        )
        for number, result in enumerate(failed)
    )
    head = element("tr", element("th", "failed", scope="col"), element("th", "first mismatch", scope="col"))
    return element("table", element("thead", head), element("tbody", *rows), class_="failures")


def _cause(result: Result) -> Iterator[Markup]:
    if text := cause_in_words(result):
        yield element("div", element("b", "cause "), text)
    if text := departure_in_words(result):
        yield element("div", element("b", "path "), text)


def _signs() -> tuple[Markup, ...]:
    """Return the legend for comparisons, in pytest's colours."""
    return (
        element("li", element("b", "-", class_="bad"), " expected"),
        element("li", element("b", "+", class_="good"), " seen"),
    )


def _failed(failed: Sequence[Result], graphs: Graphs) -> Iterator[Markup]:
    told: dict[object, int] = {}
    for number, result in enumerate(failed):
        cause = cause_of(result)
        before = told.setdefault(cause, number) if cause is not None else number
        like = shown_path(failed[before].scenario.path) if before != number else ""
        level: Level = "full" if number < FULL else "short"
        yield scenario(result, Part(number, graphs, level), like=like, link=f"#{scenario_id(before)}")


def _left_out() -> Markup:
    return element(
        "p",
        "There are too many states to show their input and output; to see them, run fewer scenarios: ",
        element("code", "harness run FILE --html report.html"),
        class_="quiet",
    )


def _not_run(not_run: Sequence[Scenario], cut_short: str) -> Iterator[Markup]:
    if not_run:
        yield element("h2", "Not run" + (f": {cut_short}" if cut_short else ""))
        yield element("ul", *(element("li", f"{shown_path(e.path)}: {one_line(e.title)}") for e in not_run))
