"""The secrets that scenarios, settings and templates name as such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from harness.bundle.secrets import Secret
from harness.hidden import given_secrets
from harness.json_types import as_dict
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.settings import Settings, SettingsError
from harness.stack.given_values import given_by
from harness.stack.nested import with_nested
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError, look_at


def secrets_of(played: Iterable[tuple[Scenario, Settings]]) -> tuple[Secret, ...]:
    """The secrets that are given, those that are expected, and parameters with NoEcho; each text once."""
    found: dict[str, Secret] = {}
    for scenario, settings in played:
        for secret in _of(scenario, settings):
            found.setdefault(secret.text, secret)
    for text in given_secrets():
        found.setdefault(text, Secret("a secret that is expected", text))
    return tuple(sorted(found.values(), key=lambda each: (each.name, each.text)))


def _of(scenario: Scenario, settings: Settings) -> Iterator[Secret]:
    given = given_by(scenario, settings)
    for name, secret in given.secrets.items():
        yield Secret(f"secret {name}", secret.text)
    for name, parameter in given.ssm.items():
        if parameter.type == "SecureString":
            yield Secret(f"SecureString {name}", parameter.value)
    with suppress(ScenarioError, SettingsError, TemplateError):
        for stack in with_nested(stacks_of(scenario, settings, settings.real_time_parameters)):
            yield from _of_stack(stack)
        for stack in stacks_of(scenario, settings):
            yield from _of_stack(stack)


def _of_stack(stack: Planned) -> Iterator[Secret]:
    """The values of parameters with NoEcho, and their defaults."""
    if isinstance(stack.template, DefinitionPath):
        return
    for name, declared in as_dict(look_at(stack.template).get("Parameters")).items():
        entry = as_dict(declared)
        if str(entry.get("NoEcho", "")).lower() == "true":
            for value in (stack.parameters.get(name), entry.get("Default")):
                if isinstance(value, str | int) and value != "":
                    yield Secret(f"parameter {name}", str(value))
