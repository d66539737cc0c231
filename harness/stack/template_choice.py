"""Chooses the template that a scenario deploys, and the state machines that it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from harness.files import is_file
from harness.plain import DefinitionPath
from harness.scenario.model import RunSpec, Scenario
from harness.scenario.position import Problem, ScenarioError
from harness.scenario.wording import nearest
from harness.settings import Settings, SettingsError
from harness.stack.build import Build
from harness.stack.definition_choice import chosen_definition
from harness.stack.installing import Notice
from harness.stack.model import WHICH_MACHINE
from harness.stack.packaging import Code, package
from harness.stack.runtimes import runtime_problems
from harness.stack.sam_project import ConfigurationError, configured_parameters
from harness.stack.template import TemplateError, check, state_machines


def template_of(
    scenario: Scenario, settings: Settings, more: Mapping[str, str] = MappingProxyType({})
) -> tuple[Path, dict[str, str]]:
    """The template that a scenario deploys, and its parameters; `more` come before the scenario's own.

    Raises SettingsError when no template is named, or the samconfig.toml beside it is wrong.
    """
    template = chosen_definition(scenario, settings) or settings.template
    if scenario.stack.template is not None:
        template = scenario.path.parent / scenario.stack.template
    if template is None:
        raise SettingsError(
            f"{scenario.path}: no template; name one under stack: in the scenario, "
            "or as template in [tool.harness] of pyproject.toml; or a definition, as definition"
        )
    if isinstance(template, DefinitionPath):
        return template, dict(scenario.stack.parameters)
    return template, {**parameters_of(template, settings), **more, **scenario.stack.parameters}


def parameters_of(template: Path, settings: Settings) -> dict[str, str]:
    """The parameters of a template: those of the samconfig.toml beside it, if it is SAM's, and the settings'.

    Raises SettingsError when the samconfig.toml is wrong.
    """
    try:
        return {**configured_parameters(template), **settings.parameters}
    except ConfigurationError as error:
        raise SettingsError(str(error)) from error


def check_existing(scenarios: Iterable[Scenario]) -> None:
    """Check that the templates are there that scenarios themselves name.

    Raises:
        ScenarioError: some are missing.
    """
    if missing := [problem for each in scenarios if (problem := _missing_template(each))]:
        raise ScenarioError(missing)


def check_templates(
    scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings], *, installing: bool = True
) -> None:
    """Check that every template can be packaged, and takes its parameters, before anything is started.

    `settings_of` gives the settings of a scenario's file. What functions require is installed when nothing is
    wrong, or not at all without `installing`.

    Raises:
        ScenarioError: functions of a template cannot run here as they run on AWS.
        SettingsError: a template is missing, or cannot be packaged.
    """
    scenarios = tuple(scenarios)
    not_installed: list[str] = []
    _check_packages(scenarios, settings_of, not_installed.append)
    check_runtimes(scenarios, settings_of)
    if installing and not_installed:
        _check_packages(scenarios, settings_of, None)


def _check_packages(
    scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings], missing: Notice | None
) -> None:
    """Package every template, with each of its parameters; `missing` is told what would be installed."""
    archives: dict[tuple[Path, Build | None], bytes] = {}
    seen = set()
    for scenario in scenarios:
        settings = settings_of(scenario.path)
        template, parameters = template_of(scenario, settings)
        key = (template, *sorted(parameters.items()))
        if key in seen:
            continue
        seen.add(key)
        try:
            code = replace(Code.of(settings, settings.engine), archives=archives)
            if missing:
                builder = replace(code.builder, notice=missing, installing=False)
                code = replace(code, builder=builder)
            package(template, "unused", parameters, code=code)
            check(template, parameters)
        except TemplateError as error:
            raise SettingsError(str(error)) from error


def check_runtimes(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that every function can run here as it runs on AWS, before anything is started.

    Raises:
        ScenarioError: one cannot.
    """
    problems: list[Problem] = []
    seen = set()
    for scenario in scenarios:
        settings = settings_of(scenario.path)
        template, parameters = template_of(scenario, settings)
        key = (template, settings.engine, *sorted(parameters.items()))
        if key not in seen:
            seen.add(key)
            problems += runtime_problems(
                template, parameters, settings.engine, settings.layers, settings.images
            )
    if problems:
        raise ScenarioError(problems)


def _missing_template(scenario: Scenario) -> Problem | None:
    """The template that a scenario itself names, if it is not there."""
    if scenario.stack.template is None or is_file(path := scenario.path.parent / scenario.stack.template):
        return None
    where = scenario.position("stack", "template", of="value")
    return Problem(
        where, f"there is no template {path.resolve()}", "correct the path, which begins at this file"
    )


def default_machine(template: Path, settings: Settings) -> str | None:
    """The state machine that runs start when they name none, by logical id; None where it is the only one.

    Raises:
        TemplateError: a definition cannot be read.
    """
    if not isinstance(template, DefinitionPath):
        return settings.state_machine
    named = settings.state_machine if settings.definition is not None else None
    return named or next(iter(state_machines(template) or ()), None)


def machines_of(scenario: Scenario, settings: Settings) -> tuple[str | None, ...]:
    """The state machine of each run, by logical id; None if only the deployed stack can tell.

    Raises:
        ScenarioError: a run names one that the template does not declare, or none where it declares several.
        TemplateError: the template cannot be read.
    """
    template = template_of(scenario, settings)[0]
    declared, default = state_machines(template), default_machine(template, settings)
    chosen = tuple(run.state_machine or default for run in scenario.runs)
    if declared is None:
        return chosen
    problems = [
        _machine_problem(scenario, n, run, declared, machine)
        for n, (run, machine) in enumerate(zip(scenario.runs, chosen, strict=True))
        if machine not in declared and not (machine is None and len(declared) == 1)
    ]
    if problems:
        raise ScenarioError(problems)
    return tuple(machine or declared[0] for machine in chosen)


def check_machines(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that it is clear which state machine each run starts, before anything is started.

    `settings_of` gives the settings of a scenario's file.

    Raises:
        ScenarioError: it is not clear.
        SettingsError: a template cannot be read.
    """
    problems: list[Problem] = []
    for scenario in scenarios:
        try:
            machines_of(scenario, settings_of(scenario.path))
        except ScenarioError as error:
            problems += error.problems
        except TemplateError as error:
            raise SettingsError(str(error)) from error
    if problems:
        raise ScenarioError(problems)


def _machine_problem(
    scenario: Scenario, n: int, run: RunSpec, declared: tuple[str, ...], machine: str | None
) -> Problem:
    at = ("run", n) if ("run", n) in scenario.source.marks else ("run",)
    where = scenario.position(*at)
    if machine is None:
        remedy = f"{WHICH_MACHINE}: {', '.join(declared) or 'none'}"
        return Problem(where, f"the template declares {len(declared)} state machines", remedy)
    remedy = nearest(machine, declared, "declared")
    if run.state_machine is None:
        message = f"the template declares no state machine {machine!r}, which [tool.harness] names"
        return Problem(where, message, remedy)
    where = scenario.position(*at, "state_machine", of="value")
    return Problem(where, f"the template declares no state machine {machine!r}", remedy)
