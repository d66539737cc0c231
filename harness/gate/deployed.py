"""Head and base definitions that can be read without a deployment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from harness.gate.base import Base, BaseError
from harness.gate.part import Context
from harness.json_types import Json
from harness.lint.machines import definitions_of
from harness.settings import Settings, SettingsError
from harness.settings_reading import Table, nearest_table, resolve
from harness.stack.stack_choice import stacks_for, stacks_of

NO_OPTIONS: Final[Mapping[str, str | None]] = {}


def definitions_of_head(context: Context) -> Mapping[str, Json]:
    """Map the logical IDs of the project's state machines to their definitions."""
    found = _of_settings(context.settings)
    for scenario in () if found else context.scenarios:
        for stack in stacks_of(scenario, context.settings_of(scenario.path)):
            found |= definitions_of(stack.template)
    return found


def definitions_of_base(context: Context) -> Mapping[str, Json] | None:
    """Return the definitions in the base. None if there is no base, or its settings cannot be read."""
    if context.base_template is not None:
        return definitions_of(context.base_template)
    if context.base is None:
        return None
    try:
        return _of_settings(settings_of_base(context.base, context.project))
    except BaseError:
        return None


def settings_of_base(base: Base, project: Path, options: Mapping[str, str | None] = NO_OPTIONS) -> Settings:
    """Return the settings in the base, or the settings of `project` if the base has none.

    `options` are the command-line options.

    Raises:
        BaseError: the settings in the base are invalid.
    """
    try:
        table = nearest_table(base.project)
        if table is None or not table.file.is_relative_to(base.folder.resolve()):
            now = nearest_table(project)
            table = Table(base.project.resolve() / "pyproject.toml", now.entries if now else {})
        return resolve(table, os.environ, options)
    except SettingsError as error:
        text = str(error).replace(f"{base.folder.resolve()}/", "")
        raise BaseError(f"invalid settings of {base.ref} ({base.commit[:9]}): {text}") from error


def _of_settings(settings: Settings) -> dict[str, Json]:
    found: dict[str, Json] = {}
    with suppress(SettingsError):  # other parts report the errors in the deployed files
        for stack in stacks_for(settings):
            found |= definitions_of(stack.template)
    return found
