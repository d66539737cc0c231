"""Checks the names that scenarios use against their templates, before anything is started."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from harness.expect.base import Expectation, Name
from harness.files import is_file
from harness.plain import DefinitionPath
from harness.scenario.model import Scenario
from harness.scenario.position import Position, Problem
from harness.scenario.wording import nearest
from harness.settings import DEFAULT, Settings
from harness.stack.declared import Declared, declared
from harness.stack.template import TemplateError
from harness.stack.template_choice import template_of

GIVE_IT = "give it under `stack: {parameters: ...}` of the scenario or in [tool.harness] parameters"


def names_problems(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> list[Problem]:
    """Each name that a scenario uses and its template does not declare.

    `settings_of` gives the settings of a scenario's file.

    Raises:
        SettingsError: a template cannot be read.
    """
    return [
        problem for scenario in scenarios for problem in name_problems(scenario, settings_of(scenario.path))
    ]


def name_problems(scenario: Scenario, settings: Settings) -> Iterator[Problem]:
    """The names that the template of a scenario does not declare, and the parameters that it lacks."""
    template = template_of(scenario, settings)[0]
    try:
        found = _declared(template, template.stat().st_mtime_ns)
    except (OSError, TemplateError):
        return  # the check of the template says it
    yield from _parameters(scenario, settings, found)
    for name in _used(scenario):
        known = _known(name, found)
        if known is not None and name.name not in known:
            where = scenario.position(*name.at, of=name.of)
            kind = name.kind.removesuffix(" of a run")
            label = "its states" if kind == "state" else f"its {kind}s"
            message = f"the template has no {kind} {name.name!r}"
            yield Problem(where, message, nearest(name.name, sorted(known), label))


def parameter_problems(settings: Settings, template: Path, given: Iterable[str] = ()) -> Iterator[Problem]:
    """Parameters of the settings that a template does not have, at their place in pyproject.toml."""
    if isinstance(template, DefinitionPath):
        return  # it has no parameters, and those of the settings are not given to it
    known = _declared(template, template.stat().st_mtime_ns).parameters.names
    for key in ("parameters", "real_time_parameters"):
        for name in getattr(settings, key):
            if name not in known and name not in given:
                message = f"{template.name} has no parameter {name!r}"
                yield Problem(
                    _in_settings(settings, key, name), message, nearest(name, known, "its parameters")
                )


def _parameters(scenario: Scenario, settings: Settings, found: Declared) -> Iterator[Problem]:
    names, required = found.parameters.names, found.parameters.required
    for name in scenario.stack.parameters:
        if name not in names:
            where = scenario.position("stack", "parameters", name)
            remedy = nearest(name, names, "its parameters")
            yield Problem(where, f"the template has no parameter {name!r}", remedy)
    yield from parameter_problems(settings, template_of(scenario, settings)[0], scenario.stack.parameters)
    given = {*template_of(scenario, settings)[1], *settings.real_time_parameters}
    for name in required:
        if name not in given:
            message = f"the template's parameter {name!r} has neither a default nor a value"
            yield Problem(scenario.position("stack", "parameters"), message, GIVE_IT)


@lru_cache(maxsize=8)
def _declared(template: Path, _modified_ns: int) -> Declared:
    return declared(template)


def _used(scenario: Scenario) -> Iterator[Name]:
    """All names that a scenario uses; `at` is within its file."""
    for n, fault in enumerate(scenario.faults):
        if fault.function:
            yield Name("function", fault.function, ("faults", n, "function"))
        if fault.state:
            yield Name("state", fault.state, ("faults", n, "state"))
    for n, duration in enumerate(scenario.durations):
        if duration.function:
            yield Name("function", duration.function, ("durations", n, "function"))
    for expectation in scenario.expectations:
        if isinstance(expectation, Expectation):
            yield from expectation.named(scenario)


def _known(name: Name, found: Declared) -> Sequence[str] | frozenset[str] | None:
    """The names of its kind; None where they are only known when all has run."""
    if name.kind == "state of a run" or (name.kind == "state" and not found.makes_machines):
        return found.states
    if name.kind == "state" or found.resources is None:
        return None
    return found.resources[name.kind]


def _in_settings(settings: Settings, key: str, name: str) -> Position:
    """The place of a name in a table of pyproject.toml; the beginning of the file if it is not found."""
    origin = settings.origins.get(key, DEFAULT)
    if origin == DEFAULT or not is_file(path := Path(origin)):
        return Position(settings.root / "pyproject.toml")
    text = path.read_text(encoding="utf-8")
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    table = re.search(rf"^\s*(\[tool\.harness\.)?{key}\b", text, re.MULTILINE)
    begin = table.end() if table else 0
    entry = re.compile(rf"""(?<![\w-])(["']?){re.escape(name)}\1\s*=""").search(text, begin)
    if entry is None:
        return Position(shown)
    before = text[: entry.start()]
    return Position(shown, before.count("\n") + 1, entry.start() - before.rfind("\n"))
