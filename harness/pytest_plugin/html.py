"""The report as a page (`--harness-html`): collected in each process, and written by the xdist controller."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin.options import HTML
from harness.pytest_plugin.state import own_path, projects_of, shown
from harness.scenario.position import Position, Problem, ScenarioError

if TYPE_CHECKING:
    from harness.report.model import Result

RESULTS = pytest.StashKey[list["Result"]]()
PROBLEMS = pytest.StashKey[dict[Problem, None]]()


def add_html_option(group: pytest.OptionGroup) -> None:
    """Add the option."""
    group.addoption(
        HTML,
        type=Path,
        default=None,
        metavar="FILE",
        help="also write the results of scenarios as one page for a browser",
    )


def keep_result(config: pytest.Config, result: Result) -> None:
    """Store a scenario's result for the page."""
    if config.getoption(HTML) is not None:
        config.stash.setdefault(RESULTS, []).append(result)


def keep_problems(config: pytest.Config, error: Exception) -> None:
    """Store a scenario file's problems for the page."""
    if isinstance(error, ScenarioError):
        config.stash.setdefault(PROBLEMS, {}).update(dict.fromkeys(error.problems))


def packed_results(config: pytest.Config) -> tuple[list[tuple[str, bytes]], list[tuple[Any, ...]]]:
    """Return a worker's results and problems in a format that xdist can send."""
    problems = [
        (str(each.where.path), each.where.line, each.where.column, each.message, each.remedy)
        for each in _problems(config)
    ]
    if RESULTS not in config.stash:
        return [], problems
    from harness.scenario.model import Scenario  # noqa: PLC0415  (already imported: there are results)

    # Scenario models depend on the project's expectations, so the controller reads the files again.
    nowhere = Scenario.model_construct()
    return [
        (str(result.scenario.path), pickle.dumps(replace(result, scenario=nowhere)))
        for result in config.stash[RESULTS]
    ], problems


def unpack_results(config: pytest.Config, packed: tuple[Sequence[tuple[str, bytes]], Sequence[Any]]) -> None:
    """Merge a worker's results and problems."""
    results, problems = packed
    for path, data in results:
        with own_path():
            from harness.expect.project import load_scenarios  # noqa: PLC0415  (when it is used)

            (scenario,) = load_scenarios([Path(path)], projects_of(config).of)
        keep_result(config, replace(pickle.loads(data), scenario=scenario))  # noqa: S301  (from our worker)
    found = [Problem(Position(Path(path), line, column), *texts) for path, line, column, *texts in problems]
    config.stash.setdefault(PROBLEMS, {}).update(dict.fromkeys(found))


def write_html(reporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the page, and print its path."""
    file = config.getoption(HTML)
    if file is None:
        return
    with own_path():
        from harness.html_report import HtmlReport  # noqa: PLC0415  (when it is used)
        from harness.report.base import Context  # noqa: PLC0415

    kept: list[Result] = config.stash.get(RESULTS, [])
    results = sorted(kept, key=lambda result: result.scenario.path)
    report = HtmlReport(file, Context())
    report.started([result.scenario for result in results], results[0].engine if results else "")
    report.results = results
    report.problems = _problems(config)
    report.finished()
    reporter.write_line(f"harness: {report.problem or f'{shown(file)} contains the scenario results'}")


def _problems(config: pytest.Config) -> list[Problem]:
    found: dict[Problem, None] = config.stash.get(PROBLEMS, {})
    return sorted(found)
