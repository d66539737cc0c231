"""Runs scenario files for code."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from harness.engine import engine_of, kind_of
from harness.expect.project import load_scenarios
from harness.lint.scenarios import check_first
from harness.projects import Projects
from harness.scenario.discover import discover
from harness.session import Session
from harness.workflow.result import Result


def run(*paths: str | Path, engine: str | None = None, world: int | None = None) -> tuple[Result, ...]:
    """Run scenarios like `harness run`, and return their results in order.

        for result in harness.run("scenarios"):
            print(result.title, result.outcome, result.explanation)

    Args:
        paths: scenario files, or folders that contain them. Default: the scenarios in the project's settings.
        engine: the engine, as in `harness run --engine`.
        world: the seed for IDs and random values, as in `harness run --world`.

    Raises:
        HarnessError: some or all scenarios were not run because of an error in the project: an invalid
            scenario file, a template that AWS rejects, or an engine that cannot start.
    """
    projects = Projects(os.environ, {"engine": engine, "world": None if world is None else str(world)}, "")
    found = discover([Path(path) for path in paths] or projects.here.scenarios)
    for sentence in found.left:
        warnings.warn(sentence, stacklevel=2)
    scenarios = load_scenarios(found.files, projects.of)
    settings = projects.engine(scenario.path for scenario in scenarios)
    kind_of(settings.engine)
    check_first(scenarios, projects.of)
    with Session(engine_of(settings)) as session:
        return tuple(Result(session.run(each, projects.of(each.path))) for each in scenarios)
