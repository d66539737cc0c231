"""Chooses the template that a scenario deploys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from harness.scenario.model import Scenario
from harness.settings import Settings, SettingsError
from harness.stack.template import TemplateError, package


def template_of(
    scenario: Scenario, settings: Settings, more: Mapping[str, str] = MappingProxyType({})
) -> tuple[Path, dict[str, str]]:
    """The template that a scenario deploys, and its parameters; `more` come before the scenario's own.

    Raises SettingsError when no template is named.
    """
    template = settings.template
    if scenario.stack.template is not None:
        template = scenario.path.parent / scenario.stack.template
    if template is None:
        raise SettingsError(
            f"{scenario.path}: no template; name one under stack: in the scenario, "
            "or as template in [tool.harness] of pyproject.toml"
        )
    return template, {**settings.parameters, **more, **scenario.stack.parameters}


def check_templates(scenarios: Iterable[Scenario], settings: Settings) -> None:
    """Raise SettingsError when a template cannot be packaged, before anything is started."""
    for template in sorted({template_of(scenario, settings)[0] for scenario in scenarios}):
        try:
            package(template, "unused")
        except TemplateError as error:
            raise SettingsError(str(error)) from error
