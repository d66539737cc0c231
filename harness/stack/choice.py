"""The template that a scenario deploys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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


def check_templates(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> None:
    """Check that every template can be packaged, before anything is started.

    `settings_of` gives the settings of a scenario's file.

    Raises:
        SettingsError: a template is missing, or cannot be packaged.
    """
    for template in sorted({template_of(each, settings_of(each.path))[0] for each in scenarios}):
        try:
            package(template, "unused")
        except TemplateError as error:
            raise SettingsError(str(error)) from error
