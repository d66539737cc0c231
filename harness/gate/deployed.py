"""The definitions of head and of base, as far as they can be read without deploying anything."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from harness.gate.base import Base, BaseError
from harness.gate.part import Context
from harness.json_types import Json
from harness.lint.machines import definitions_of
from harness.projects import Projects
from harness.settings import Settings, SettingsError
from harness.stack.stack_choice import stacks_for, stacks_of


def definitions_of_head(context: Context) -> Mapping[str, Json]:
    """The definitions of the project's state machines by their logical ids."""
    found = _of_settings(context.settings)
    for scenario in () if found else context.scenarios:
        for stack in stacks_of(scenario, context.settings_of(scenario.path)):
            found |= definitions_of(stack.template)
    return found


def definitions_of_base(context: Context) -> Mapping[str, Json] | None:
    """Those of the base; None without a base, or where its settings cannot be read."""
    if context.base_template is not None:
        return definitions_of(context.base_template)
    if context.base is None:
        return None
    try:
        return _of_settings(settings_of_base(context.base))
    except BaseError:
        return None


def settings_of_base(base: Base) -> Settings:
    """The settings of the project as the base has them.

    Raises:
        BaseError: it has none, or they are wrong.
    """
    label = f"{base.ref} ({base.commit[:9]})"
    try:
        settings = Projects(dict(os.environ)).above(base.project)
    except SettingsError as error:
        text = str(error).replace(f"{base.folder}/", "")
        raise BaseError(f"the settings of {label} are wrong: {text}") from error
    if settings is None:
        raise BaseError(
            f"{label} has no pyproject.toml with a [tool.harness] table; compare with a later commit, or "
            "with a file: --base-template FILE"
        )
    return settings


def _of_settings(settings: Settings) -> dict[str, Json]:
    found: dict[str, Json] = {}
    with suppress(SettingsError):  # parts say what is wrong with what is deployed
        for stack in stacks_for(settings):
            found |= definitions_of(stack.template)
    return found
