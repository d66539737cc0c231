"""Check scenario templates, before other work or while it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from harness.lint.check import Check, TemplateRefused, begin_all, refuse_all, warnings
from harness.lint.names import names_problems
from harness.lint.seeds import seeds_problems
from harness.scenario.model import Scenario
from harness.scenario.position import Problem, ScenarioError
from harness.scenario.stand_ins import stand_ins_of
from harness.settings import Settings
from harness.stack.definition_choice import check_choices
from harness.stack.stack_choice import stacks_of
from harness.stack.template_choice import check_existing, check_machines, check_templates

SettingsOf = Callable[[Path], Settings]


def begin_for(scenario: Scenario, settings: Settings, *, start: bool = True) -> tuple[Check, ...]:
    """Start the check for a scenario's templates, with their parameters; see `check.begin_all`."""
    return begin_all(stacks_of(scenario, settings), settings, start=start)


def check_first(
    scenarios: Sequence[Scenario], settings_of: SettingsOf, *, start: bool = True, installing: bool = True
) -> None:
    """Run all fast template checks before anything is started, and start the slow checks.

    `settings_of` returns the settings for a scenario's file. Without `start`, no check is started. With
    `installing`, the functions' requirements are installed. Omit it if the scenarios do not run.

    Raises:
        ScenarioError: a scenario uses a name that its template does not have, AWS is known to reject a
            template, or a mock configuration file cannot be used.
        SettingsError: a template cannot be packaged.
    """
    for scenario in scenarios:
        stand_ins_of(scenario)  # read mock configuration files
    check_choices(scenarios, settings_of)
    check_existing(scenarios, settings_of)
    if problems := names_problems(scenarios, settings_of):
        # A misspelt type does not define a name of its kind. cfn-lint's message about the type explains that.
        raise ScenarioError([*problems, *_refusals(scenarios, settings_of)])
    if problems := seeds_problems(scenarios, settings_of):
        raise ScenarioError(problems)
    check_templates(scenarios, settings_of, installing=installing)
    check_machines(scenarios, settings_of)
    begin_first(scenarios, settings_of, start=start)


def begin_first(scenarios: Iterable[Scenario], settings_of: SettingsOf, *, start: bool) -> None:
    """Reject templates that are known to be invalid, and start the check for the first unknown template.

    Raises:
        TemplateRefused: AWS rejects one of them.
    """
    problems: list[Problem] = []
    unknown: list[Check] = []
    for scenario in scenarios:
        try:
            checks = begin_for(scenario, settings_of(scenario.path), start=False)
        except TemplateRefused as error:
            problems += error.problems
            continue
        unknown += [check for check in checks if not check.is_known]
    if problems:
        raise TemplateRefused(problems)
    if unknown and start:
        unknown[0].start()


def check_all(scenarios: Sequence[Scenario], settings_of: SettingsOf) -> list[Problem]:
    """Check all scenarios' templates and wait for the results. Return the warnings.

    Raises:
        ScenarioError, SettingsError: see `check_first`.
        TemplateRefused: AWS rejects some of them.
    """
    check_first(scenarios, settings_of, installing=False)
    if problems := _refusals(scenarios, settings_of):
        raise TemplateRefused(problems)
    found: set[Problem] = set()
    for scenario in scenarios:
        settings = settings_of(scenario.path)
        for check in begin_for(scenario, settings):
            found.update(warnings(check, settings))
    return sorted(found)


def _refusals(scenarios: Sequence[Scenario], settings_of: SettingsOf) -> set[Problem]:
    """Wait for all cfn-lint errors in the templates, and yield them."""
    problems: set[Problem] = set()
    for scenario in scenarios:
        settings = settings_of(scenario.path)
        try:
            refuse_all(begin_for(scenario, settings), settings)
        except TemplateRefused as error:
            problems.update(error.problems)
    return problems
