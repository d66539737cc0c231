"""Chooses the stacks to deploy: from `stack:` in a scenario, otherwise from the settings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

from harness.json_types import as_dict
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.regions import Place
from harness.scenario.model import Scenario
from harness.scenario.position import Problem, ScenarioError
from harness.setting_checks import stack_name_problem
from harness.settings import TABLE, Settings, SettingsError
from harness.stack.cloud_assembly import AppStack, AssemblyError, app_beside, chosen, is_of_app, stacks_in
from harness.stack.definition_choice import chosen_definition
from harness.stack.environment import environment_of, place_of
from harness.stack.sam_project import ConfigurationError, configured_parameters, configured_region
from harness.stack.template import TemplateError, look_at

_NONE: Mapping[str, str] = MappingProxyType({})
_Key: TypeAlias = Literal["name", "template"]


@dataclass(frozen=True)
class _Entry:
    """A template or an app folder, from a scenario or the settings.

    `default` is the stack's name if `name` is not set. `parameters` apply to this stack only. The parameters
    in `over` take precedence over all others, if a template declares them. `number` is the index of the entry
    in the scenario, or None if the entry comes from the settings.
    """

    template: Path
    name: str
    default: str
    parameters: Mapping[str, str]
    number: int | None = None
    over: Mapping[str, str] = field(default_factory=dict)


_Refused: TypeAlias = Callable[[_Entry, str, str, _Key], ScenarioError | SettingsError]


def stacks_of(scenario: Scenario, settings: Settings, more: Mapping[str, str] = _NONE) -> tuple[Planned, ...]:
    """Return the stacks that a scenario deploys, in order. Their names are unique.

    `more` are parameters that take precedence over the settings, but not over the scenario. If there are
    several stacks, each receives the parameters that its template declares.

    Raises:
        ScenarioError: a stack in the scenario cannot be deployed: the app or the stack does not exist.
        SettingsError: no template is set, or a stack in the settings cannot be deployed.
    """
    shared = {**settings.parameters, **more}
    return _planned(_of_scenario(scenario, settings), shared, partial(_refused, scenario, settings))


def stacks_for(
    settings: Settings,
    template: Path | None = None,
    name: str = "",
    parameters: Mapping[str, str] = _NONE,
    more: Mapping[str, str] = _NONE,
) -> tuple[Planned, ...]:
    """Return the stacks for a template, or for the settings if no template is given; see `stacks_of`.

    An explicit template receives only the explicit `parameters`.

    Raises:
        SettingsError: the app or the stack does not exist.
    """
    refused = partial(_refused, None, settings)
    if template is not None:
        return _planned([_Entry(template, name, stack_name(template), parameters)], {}, refused)
    if name and settings.stacks:
        raise SettingsError(
            f"{settings.root / 'pyproject.toml'}: {TABLE} stacks: they have their own names; "
            f"remove the name {name!r}, or add a template for it"
        )
    entries = _of_settings(settings, name, parameters)
    return _planned(entries, {**settings.parameters, **more}, refused)


def place_for(settings: Settings) -> Place:
    """Return the account and Region to deploy the stacks in the settings to; see `place_of`."""
    with suppress(SettingsError):  # the deployment reports it
        return place_of(stacks_for(settings), settings)
    return place_of((), settings)


def stack_name(template: Path) -> str:
    """Return a stack name from a template's file name: letters, digits and hyphens, beginning with a
    letter.
    """
    name = re.sub("[^A-Za-z0-9]+", "-", template.stem).strip("-")
    return name if name[:1].isalpha() else f"stack-{name}"


def _of_scenario(scenario: Scenario, settings: Settings) -> Iterator[_Entry]:
    alone = len(scenario.stacks) == 1
    if (definition := chosen_definition(scenario, settings)) is not None:
        only = scenario.stacks[0]
        yield _Entry(definition, only.name, settings.stack_name, only.parameters, 0)
        return
    for number, stack in enumerate(scenario.stacks):
        if stack.template is not None:
            template = scenario.path.parent / stack.template
            default = settings.stack_name if alone else stack_name(template)
            yield _Entry(template, stack.name, default, stack.parameters, number)
        elif settings.stacks:
            if stack.name or not alone:
                where = scenario.stack_position(number, "name", of="value")
                remedy = f"set the name of each in {TABLE} stacks, or set a template in the scenario"
                raise ScenarioError([Problem(where, "the settings contain several stacks", remedy)])
            yield from _of_settings(settings, "", stack.parameters)
        elif settings.template is not None:
            yield from (
                replace(each, number=number) for each in _of_settings(settings, stack.name, stack.parameters)
            )
        else:
            in_settings = f"set one under stack: in the scenario, or as template in {TABLE} of pyproject.toml"
            remedy = app_beside(settings.root) or f"{in_settings}; or set a definition"
            raise SettingsError(f"{scenario.path}: no template; {remedy}")


def _of_settings(settings: Settings, name: str, parameters: Mapping[str, str]) -> Iterator[_Entry]:
    if settings.template is not None:
        yield _Entry(settings.template, name, settings.stack_name, parameters)
    for entry in settings.stacks:
        default = stack_name(entry.template)
        yield _Entry(entry.template, entry.name, default, entry.parameters, None, parameters)


def _planned(entries: Iterable[_Entry], shared: Mapping[str, str], refused: _Refused) -> tuple[Planned, ...]:
    found = [(entry, each) for entry in entries for each in _stacks(entry, refused)]
    count = Counter(stack.name for _, stack in found)
    for entry, stack in found:
        if count[stack.name] > 1:
            raise refused(
                entry, f"two stacks are called {stack.name!r}", "give each a different name", "name"
            )
    several = len(found) > 1
    return tuple(
        Planned(
            stack.template,
            stack.name,
            _parameters(entry, stack, shared, several=several),
            stack.environment or _environment(stack.template),
        )
        for entry, stack in found
    )


def _environment(template: Path) -> str:
    """Return the environment in the samconfig.toml next to a SAM template. Raises SettingsError."""
    if isinstance(template, DefinitionPath):
        return ""
    try:
        region = configured_region(template)
    except ConfigurationError as error:
        raise SettingsError(str(error)) from error
    return environment_of(region) if region else ""


def _stacks(entry: _Entry, refused: _Refused) -> tuple[AppStack, ...]:
    """Return the template for an entry, or the stacks in its app. A template has no `id`."""
    if not is_of_app(entry.template):
        name = entry.name or entry.default
        if problem := stack_name_problem(name):
            message, _, remedy = problem.partition("; ")
            raise refused(entry, message, remedy, "name")
        return (AppStack(entry.template.parent, "", name, "", entry.template),)
    own = "" if entry.default in (Settings.stack_name, stack_name(entry.template)) else entry.default
    name = entry.name or own
    try:
        stacks = stacks_in(entry.template)
        if len(stacks) == 1 and name and name not in stacks[0].names and not stack_name_problem(name):
            return (replace(stacks[0], name=name),)
        return chosen(entry.template, stacks, name)
    except AssemblyError as error:
        raise refused(entry, error.message, error.remedy, "name" if error.of_name else "template") from error


def _parameters(
    entry: _Entry, stack: AppStack, shared: Mapping[str, str], *, several: bool
) -> Mapping[str, str]:
    """Return the parameters for a stack. If there are several stacks, each receives those that its
    template declares.
    """
    if isinstance(stack.template, DefinitionPath):
        return entry.parameters
    given = {**_configured(stack.template), **shared, **entry.parameters, **entry.over}
    if several and (declared := _declared(stack.template)) is not None:
        # an unknown parameter that belongs to this stack is rejected later
        own = () if stack.id else entry.parameters
        given = {name: value for name, value in given.items() if name in declared or name in own}
    return {**stack.parameters, **given}


def _configured(template: Path) -> Mapping[str, str]:
    """Return the parameters in the samconfig.toml next to a SAM template. Raises SettingsError if it is
    invalid.
    """
    try:
        return configured_parameters(template)
    except ConfigurationError as error:
        raise SettingsError(str(error)) from error


def _declared(template: Path) -> Mapping[str, object] | None:
    """Return the parameters that a template declares. None if it cannot be read; the template's check
    reports this.
    """
    try:
        return as_dict(look_at(template).get("Parameters"))
    except TemplateError:
        return None


def _refused(
    scenario: Scenario | None, settings: Settings, entry: _Entry, message: str, remedy: str, key: _Key
) -> ScenarioError | SettingsError:
    named = entry.number is not None and scenario is not None and scenario.stacks[entry.number]
    if scenario is None or entry.number is None or not named or not (named.template or named.name):
        return SettingsError(f"{settings.root / 'pyproject.toml'}: {TABLE}: {message}; {remedy}")
    where = scenario.stack_position(entry.number, key, of="value")
    return ScenarioError([Problem(where, message, remedy)])
