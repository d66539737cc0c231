"""Check the names that scenarios use against their templates, before anything starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from harness.files import is_file
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.scenario.model import Scenario
from harness.scenario.position import Position, Problem
from harness.scenario.source import references
from harness.scenario.used_names import Name, names_used, own_names
from harness.scenario.wording import nearest
from harness.settings import DEFAULT, Settings
from harness.stack.declared import Declared, declared
from harness.stack.naming import Declarations
from harness.stack.nested import with_nested
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError

_OR_NAMES = frozenset(("parameter", "secret"))
"""Kinds of names that refer to an external resource if the template does not declare them."""
GIVE_IT = "set it under `stack: {parameters: ...}` in the scenario, or under parameters in [tool.harness]"


def names_problems(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> list[Problem]:
    """Return a problem for each name that a scenario uses but its template does not declare.

    `settings_of` returns the settings for a scenario's file.

    Raises:
        SettingsError: a template cannot be read.
    """
    return [
        problem for scenario in scenarios for problem in name_problems(scenario, settings_of(scenario.path))
    ]


def name_problems(scenario: Scenario, settings: Settings) -> Iterator[Problem]:
    """Yield problems for names that a scenario's templates do not declare, and for missing parameters."""
    planned = stacks_of(scenario, settings)
    try:
        found = [(each, _declared(each.template, each.template.stat().st_mtime_ns)) for each in planned]
        declarations = Declarations.of(planned)
        inner = [_declared(e.template, e.template.stat().st_mtime_ns) for e in with_nested(planned)]
    except (OSError, TemplateError):
        return  # the template check reports it
    yield from _parameters(scenario, settings, found)
    if all(each.resources is not None for each in inner):
        yield from _references(scenario, declarations)
    own = own_names(scenario)
    for name in names_used(scenario):
        known = None if name.kind in _OR_NAMES or own.has(name) else _known(name, inner, declarations)
        if known is not None and name.name not in known:
            where = scenario.position(*name.at, of=name.of)
            kind = name.kind.removesuffix(" of a run").removeprefix("waiting ")
            label = "its states" if kind == "state" else f"its {_plural(kind)}"
            message = _of_another_type(name, declarations) or f"the template has no {kind} {name.name!r}"
            yield Problem(where, message, nearest(name.name, sorted(known), label))
        elif known is not None and name.kind == "waiting state":
            waiting = sorted(state for each in inner for state in each.waiting)
            if name.name not in waiting:
                message = f"the state {name.name!r} does not wait for an answer"
                where = scenario.position(*name.at, of=name.of)
                yield Problem(where, message, nearest(name.name, waiting, "the states that wait"))


def _references(scenario: Scenario, declarations: Declarations) -> Iterator[Problem]:
    """Yield problems for resources in run inputs that no template declares."""
    known = {name for each in declarations.resources for name in (each.logical_id, each.qualified)}
    for n, run in enumerate(scenario.runs):
        within = ("run", n) if ("run", n) in scenario.source.marks else ("run",)
        for name, at in references(run.input, (*within, "input")):
            if not any(each.is_called(name) or name in known for each in declarations.resources):
                where = scenario.position(*at, of="value")
                remedy = nearest(name, sorted({each.logical_id for each in declarations.resources}))
                yield Problem(where, f"the template has no resource {str(name)!r}", remedy)


def _plural(kind: str) -> str:
    return "event buses" if kind == "event bus" else f"{kind}s"


def _of_another_type(name: Name, declarations: Declarations) -> str:
    """Return a message about a resource of a different kind with this name, or "" if there is none."""
    found = next((each for each in declarations.resources if each.logical_id == name.name), None)
    return f"the template has no {name.kind} {name.name!r}; this resource is an {found.type}" if found else ""


def parameter_problems(
    settings: Settings, templates: Sequence[Path], given: Iterable[str] = ()
) -> Iterator[Problem]:
    """Yield problems for parameters in the settings that no template has, located in pyproject.toml."""
    if any(isinstance(template, DefinitionPath) for template in templates):
        return  # it has no parameters, and does not receive those in the settings
    of_templates = [_declared(each, each.stat().st_mtime_ns).parameters for each in templates]
    known = [name for parameters in of_templates for name in parameters.names]
    said = f"{templates[0].name} has no" if len(templates) == 1 else "no template has a"
    for key in ("parameters", "real_time_parameters"):
        for name in getattr(settings, key):
            if name not in known and name not in given:
                remedy = nearest(name, known, "its parameters")
                yield Problem(_in_settings(settings, key, name), f"{said} parameter {name!r}", remedy)


def _parameters(
    scenario: Scenario, settings: Settings, found: Sequence[tuple[Planned, Declared]]
) -> Iterator[Problem]:
    for number, stack in enumerate(scenario.stacks):
        own = [
            each
            for each in found
            if stack.template and each[0].template == scenario.path.parent / stack.template
        ]
        names = [name for _, of_stack in own or found for name in of_stack.parameters.names]
        for name in stack.parameters:
            if name not in names:
                where = scenario.stack_position(number, "parameters", name)
                remedy = nearest(name, names, "its parameters")
                yield Problem(where, f"the template has no parameter {name!r}", remedy)
    given = {name for stack in scenario.stacks for name in stack.parameters}
    yield from parameter_problems(settings, [planned.template for planned, _ in found], given)
    for planned, of_stack in found:
        for name in of_stack.parameters.required:
            if name not in {*planned.parameters, *settings.real_time_parameters}:
                of = "" if len(found) == 1 else f" of {planned.name}"
                message = f"the template's parameter {name!r}{of} has neither a default nor a value"
                yield Problem(scenario.position("stack", "parameters"), message, GIVE_IT)


@lru_cache(maxsize=64)
def _declared(template: Path, _modified_ns: int) -> Declared:
    return declared(template)


def _known(
    name: Name, found: Sequence[Declared], declarations: Declarations
) -> Sequence[str] | frozenset[str] | None:
    """Return the known names of the same kind, or only the name itself if it is unique.

    None if they are known only after the run.
    """
    makes_machines = any(each.makes_machines for each in found)
    of_any = name.kind in ("inline Map", "state", "waiting state")
    if name.kind == "state of a run" or (of_any and not makes_machines):
        states = [each.states for each in found]
        if None in states:
            return None
        named = [each.maps for each in found] if name.kind == "inline Map" else states
        return frozenset(state for each in named if each for state in each)
    if of_any or any(each.resources is None for each in found):
        return None
    if declarations.called(name.name, name.kind):
        return (name.name,)
    return declarations.known(name.kind)


def _in_settings(settings: Settings, key: str, name: str) -> Position:
    """Return the location of a name in a table in pyproject.toml, or the beginning of the file."""
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
