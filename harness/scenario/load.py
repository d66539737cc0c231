"""Load files as scenarios, or report all of their problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from harness import files
from harness.scenario import rules, syntax, wording
from harness.scenario.expect import Declared
from harness.scenario.model import Scenario, scenario_model
from harness.scenario.position import Position, Problem, ScenarioError

__all__ = ["ScenarioError", "load", "load_each", "parse"]


def load(paths: Iterable[Path], expectations: Sequence[Declared]) -> tuple[Scenario, ...]:
    """Return the scenarios in these files, in order. `expectations` lists the expectations allowed in
    `expect`.

    Raises: ScenarioError with all problems in all files.
    """
    return load_each((path, expectations) for path in paths)


def load_each(named: Iterable[tuple[Path, Sequence[Declared]]]) -> tuple[Scenario, ...]:
    """Return the scenarios in these files, in order, each with the expectations allowed for it.

    Raises: ScenarioError with all problems in all files.
    """
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for path, expectations in named:
        try:
            scenarios.append(parse(_text(path), expectations, path))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return tuple(scenarios)


def parse(text: str, expectations: Sequence[Declared], path: Path = Path("scenario.yaml")) -> Scenario:
    """Return the scenario in `text`. Positions refer to `path`, and the template path is relative to it.

    Raises: ScenarioError with all problems in the text.
    """
    document = syntax.read(text, path)
    problems = list(document.problems)
    if not document.source.marks:
        raise ScenarioError(problems)
    if not isinstance(document.data, dict):
        message = f"a scenario must be a mapping, found {wording.found(document.data)}"
        raise ScenarioError([*problems, Problem(Position(path), message, "begin with title: and expect:")])
    problems += rules.problems(document.data, document.source, expectations)
    model = scenario_model(tuple(expectations))
    try:
        scenario = model.model_validate(document.data)
    except ValidationError as error:
        problems += wording.problems(error, model, document.data, document.source)
    if problems:
        raise ScenarioError(problems)
    return scenario.at(document.source)


def _text(path: Path) -> str:
    try:
        return files.read_text(path, "utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        where = Position(path, before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        problem = Problem(where, "this byte is not UTF-8", "save the file as UTF-8")
    except OSError as error:
        problem = Problem(Position(path), f"the file cannot be read ({error.strerror})", "correct the path")
    raise ScenarioError([problem])
