"""Secrets declared as such in scenarios, settings and templates, and AWS access keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from harness.bundle.secrets import LEAST, Secret
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

_KEY: Final = re.compile(rb"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])")
_EXAMPLE: Final = b"EXAMPLE"
"""Suffix of the example keys in AWS's documentation."""
_GIVES: Final = re.compile(r"(?:samconfig|pyproject)\.\w+|.*\.(?:ya?ml|json)")
"""Names of files that may set parameters."""


def secrets_of(played: Iterable[tuple[Scenario, Settings]], files: Mapping[str, bytes]) -> tuple[Secret, ...]:
    """Return seeded secrets, expected secrets, parameters with NoEcho, and AWS access keys.

    Each string occurs once. `files` are the project's files, by name. They may also set values that are
    overridden elsewhere.
    """
    found: dict[str, Secret] = {}
    hidden: dict[str, None] = {}
    for scenario, settings in played:
        for secret in _given(scenario, settings):
            found.setdefault(secret.text, secret)
        for stack in _stacks(scenario, settings):
            for secret in _of_stack(stack):
                hidden[secret.name] = None
                if secret.text:
                    found.setdefault(secret.text, Secret(f"parameter {secret.name}", secret.text))
    for secret in (*_named(hidden, files), *_keys(files)):
        found.setdefault(secret.text, secret)
    for text in given_secrets():
        found.setdefault(text, Secret("an expected secret", text))
    return tuple(sorted(found.values(), key=lambda each: (each.name, each.text)))


def _given(scenario: Scenario, settings: Settings) -> Iterator[Secret]:
    given = given_by(scenario, settings)
    for name, secret in given.secrets.items():
        yield Secret(f"secret {name}", secret.text)
    for name, parameter in given.ssm.items():
        if parameter.type == "SecureString":
            yield Secret(f"SecureString {name}", parameter.value)


def _stacks(scenario: Scenario, settings: Settings) -> Iterator[Planned]:
    with suppress(ScenarioError, SettingsError, TemplateError):
        yield from with_nested(stacks_of(scenario, settings))


def _of_stack(stack: Planned) -> Iterator[Secret]:
    """Return the values and defaults of parameters with NoEcho, by parameter name; "" without a value."""
    if isinstance(stack.template, DefinitionPath):
        return
    for name, declared in as_dict(look_at(stack.template).get("Parameters")).items():
        entry = as_dict(declared)
        if str(entry.get("NoEcho", "")).lower() == "true":
            for value in (stack.parameters.get(name), entry.get("Default")):
                yield Secret(name, str(value) if isinstance(value, str | int) else "")


def _named(names: Iterable[str], files: Mapping[str, bytes]) -> Iterator[Secret]:
    """Yield the values that files set for these parameters: `Key: value`, `Key = "value"`, `Key=value`."""
    texts = [
        content.decode("utf-8", "replace")
        for name, content in files.items()
        if _GIVES.fullmatch(name.rpartition("/")[2])
    ]
    for name in names:
        given = re.compile(
            rf"(?<![\w-]){re.escape(name)}[\"']?[ \t]*[:=][ \t]*\\?[\"']?([^\s\"'\\,;{{}}\[\]!]+)"
        )
        for text in texts:
            values = (found[1] for found in given.finditer(text))
            yield from (Secret(f"parameter {name}", value) for value in values if len(value) >= LEAST)


def _keys(files: Mapping[str, bytes]) -> Iterator[Secret]:
    for name, content in files.items():
        for found in _KEY.finditer(content):
            if not found[0].endswith(_EXAMPLE):
                yield Secret(f"the access key in {name}", found[0].decode())
