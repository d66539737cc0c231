"""Checks the templates that scenarios deploy, and chooses the state machines that they start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.files import is_file
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.regions import REGION
from harness.scenario.model import RunSpec, Scenario
from harness.scenario.position import Problem, ScenarioError
from harness.scenario.wording import nearest
from harness.settings import Settings, SettingsError
from harness.stack.build import Build
from harness.stack.cloud_assembly import is_of_app
from harness.stack.environment import place_of
from harness.stack.given_values import given_by
from harness.stack.installing import Notice
from harness.stack.missing_values import check_given
from harness.stack.model import WHICH_MACHINE
from harness.stack.naming import MACHINE, Declarations, machine_position, naming_of
from harness.stack.nested import with_nested
from harness.stack.packaging import Code, package
from harness.stack.runtimes import runtime_problems
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError, check, state_machines


def check_existing(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that the templates in scenarios exist, and that resource names are unambiguous.

    `settings_of` returns the settings for a scenario file.

    Raises:
        ScenarioError: templates are missing, or names are ambiguous.
        SettingsError: no template is set.
    """
    problems: list[Problem] = []
    for scenario in scenarios:
        if missing := [*_missing_templates(scenario)]:
            problems += missing
            continue
        settings = settings_of(scenario.path)
        try:
            naming_of(scenario, stacks_of(scenario, settings), settings.state_machine)
        except ScenarioError as error:
            problems += error.problems
        except TemplateError:
            pass  # reported when the template is checked
    if problems:
        raise ScenarioError(problems)


def check_templates(
    scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings], *, installing: bool = True
) -> None:
    """Check that every template can be packaged and accepts its parameters, before anything is started.

    `settings_of` returns the settings for a scenario file. If there are no problems, the functions'
    requirements are installed. If `installing` is false, nothing is installed.

    Raises:
        ScenarioError: functions in a template cannot run as they do on AWS.
        SettingsError: a template is missing, or cannot be packaged.
    """
    scenarios = tuple(scenarios)
    not_installed: list[str] = []
    _check_packages(scenarios, settings_of, not_installed.append)
    check_values(scenarios, settings_of)
    check_runtimes(scenarios, settings_of)
    if installing and not_installed:
        _check_packages(scenarios, settings_of, None)


def _check_packages(
    scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings], missing: Notice | None
) -> None:
    """Package every template with each set of parameters. `missing` receives the requirements to install."""
    archives: dict[tuple[Path, Build | None], bytes] = {}
    seen = set()
    for settings, stack, region, answered in _placed(scenarios, settings_of):
        key = (stack.template, region, answered, *sorted(stack.parameters.items()))
        if key in seen:
            continue
        seen.add(key)
        try:
            code = replace(Code.of(settings, settings.engine), archives=archives, answered=answered)
            if missing:
                builder = replace(code.builder, notice=missing, installing=False)
                code = replace(code, builder=builder)
            package(stack.template, "unused", stack.parameters, region, code)
            check(stack.template, stack.parameters, region)
        except TemplateError as error:
            raise SettingsError(str(error)) from error


def _placed(
    scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]
) -> Iterator[tuple[Settings, Planned, str, frozenset[str]]]:
    """Return the stacks of scenarios, each with its settings, its Region and the functions that need no
    code.
    """
    for scenario in scenarios:
        settings = settings_of(scenario.path)
        planned = stacks_of(scenario, settings)
        region = place_of(planned, settings).region or REGION
        answered = always_answered(scenario)
        yield from ((settings, stack, region, answered) for stack in planned)


def check_values(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that the external values for templates are set, before anything is started.

    `settings_of` returns the settings for a scenario file.

    Raises:
        ScenarioError: a scenario sets a value twice.
        SettingsError: a value is missing.
    """
    for scenario in scenarios:
        settings = settings_of(scenario.path)
        planned = stacks_of(scenario, settings)
        try:
            place = place_of(planned, settings)
            check_given(planned, given_by(scenario, settings), place, settings.engine)
        except TemplateError as error:
            raise SettingsError(str(error)) from error


def check_runtimes(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that every function can run as it does on AWS, before anything is started.

    Raises:
        ScenarioError: a function cannot run as it does on AWS.
    """
    problems: list[Problem] = []
    seen = set()
    for scenario in scenarios:
        settings = settings_of(scenario.path)
        planned = stacks_of(scenario, settings)
        for stack in with_nested(planned, place_of(planned, settings)):
            answered, always = stood_for(scenario), always_answered(scenario)
            key = (stack.template, settings.engine, answered, always, *sorted(stack.parameters.items()))
            if key not in seen:
                seen.add(key)
                problems += runtime_problems(
                    stack.template,
                    stack.parameters,
                    settings.engine,
                    settings.layers,
                    settings.images,
                    lambda name, answered=answered: answered is None or name in answered,  # type: ignore[misc]
                    always,
                )
    if problems:
        raise ScenarioError(problems)


def stood_for(scenario: Scenario) -> frozenset[str] | None:
    """Return the logical IDs of the functions that have stand-ins, or None if a stand-in is set for a state.

    Such a state may invoke a function, so only the deployed definitions show which functions have stand-ins.
    """
    if any(not spec.function for spec in scenario.tasks):
        return None
    return frozenset(spec.function.rpartition(".")[2] for spec in scenario.tasks)


def always_answered(scenario: Scenario) -> frozenset[str]:
    """Return the logical IDs of functions for which a stand-in responds to every task, or every task in a
    state.

    They need neither code nor layers. They exist on the engine, but never run.
    """
    return frozenset(
        spec.function.rpartition(".")[2]
        for spec in scenario.tasks
        if spec.function
        and not spec.run
        and not spec.results
        and not spec.params
        and spec.input is None
        and spec.which == (1, None)
    )


def _missing_templates(scenario: Scenario) -> Iterator[Problem]:
    """Report missing templates that a scenario itself specifies."""
    for number, stack in enumerate(scenario.stacks):
        if stack.template is None:
            continue
        path = scenario.path.parent / stack.template
        if not is_file(path) and not is_of_app(path):
            where = scenario.stack_position(number, "template", of="value")
            remedy = "correct the path, which is relative to this file"
            yield Problem(where, f"template {path.resolve()} not found", remedy)


def default_machine(planned: Sequence[Planned], settings: Settings) -> str | None:
    """Return the name of the state machine that runs start by default. Return None if it is the only one.

    Raises:
        TemplateError: a definition cannot be read.
    """
    definition = next((each.template for each in planned if isinstance(each.template, DefinitionPath)), None)
    if definition is None:
        return settings.state_machine
    named = settings.state_machine if settings.definition is not None else None
    return named or next(iter(state_machines(definition) or ()), None)


def machines_of(scenario: Scenario, settings: Settings) -> tuple[str | None, ...]:
    """Return the state machine for each run, by its name in the stacks. Return None if it is known only after
    the deployment.

    Raises:
        ScenarioError: a run specifies an undeclared state machine, or none although there are several.
        TemplateError: a template cannot be read.
    """
    planned = stacks_of(scenario, settings)
    default = default_machine(planned, settings)
    naming = naming_of(scenario, planned, default)
    found = {stack.name: state_machines(stack.template) for stack in with_nested(planned)}
    chosen = tuple(run.state_machine or default for run in scenario.runs)
    ids = {stack: of_stack for stack, of_stack in found.items() if of_stack is not None}
    if len(ids) < len(found):
        return chosen
    declared = tuple(naming.names(ids).values())
    known = tuple(Declarations.of(planned).known(MACHINE))
    problems = [
        _machine_problem(scenario, n, run, known, machine)
        for n, (run, machine) in enumerate(zip(scenario.runs, chosen, strict=True))
        if machine not in declared and not (machine is None and len(declared) == 1)
    ]
    if problems:
        raise ScenarioError(problems)
    return tuple(machine or declared[0] for machine in chosen)


def check_machines(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that the state machine for each run is unambiguous, before anything is started.

    `settings_of` returns the settings for a scenario file.

    Raises:
        ScenarioError: the state machine for a run is ambiguous.
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
        message = f"the template declares no state machine {machine!r}, which is set in [tool.harness]"
        return Problem(where, message, remedy)
    where = machine_position(scenario, n)
    return Problem(where, f"the template declares no state machine {machine!r}", remedy)
