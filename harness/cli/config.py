"""`harness config`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from harness.json_types import JsonObject, as_dict
from harness.printable import one_line, say
from harness.settings import SETTINGS, Settings, SettingsError
from harness.stack.stack_choice import stacks_for
from harness.stack.template import TemplateError, look_at

HIDDEN = "***"
_USER = re.compile(r"(?<=://)[^/@]*(?=@)")
_SECRET = re.compile("password|passwd|secret|token|credential|private|api_?key", re.IGNORECASE)


def show_settings(settings: Settings) -> None:
    """Print a line for each setting, with its name, value and origin.

    Secrets are hidden: parameters that the template declares with NoEcho, parameters whose names suggest a
    password, and user information in URLs.
    """
    hidden = _no_echo(settings)
    rows = []
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        lines = _lines(HIDDEN if setting.secret and value else value, hidden)
        rows += [(setting.name, lines[0], settings.origins[setting.name])]
        rows += [("", line, "") for line in lines[1:]]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, origin in rows:
        say(one_line(f"{name:{widths[0]}}  {value:{widths[1]}}  {origin}".rstrip()))


def _lines(value: object, hidden: frozenset[str]) -> list[str]:
    if isinstance(value, Mapping):
        lines = [
            f"{name} = {HIDDEN if name in hidden or _SECRET.search(name) else entry}"
            for name, entry in value.items()
        ]
    elif isinstance(value, tuple):
        lines = [str(entry) for entry in value]
    else:
        lines = [] if value is None else [_USER.sub(HIDDEN, str(value))]
    return lines or ["-"]


def _no_echo(settings: Settings) -> frozenset[str]:
    """Return the parameters that templates declare with NoEcho. Ignore templates that cannot be read."""
    found: set[str] = set()
    with suppress(SettingsError):
        for stack in stacks_for(settings):
            with suppress(TemplateError):
                declared = as_dict(look_at(stack.template).get("Parameters"))
                found |= {name for name, entry in declared.items() if _is_hidden(as_dict(entry))}
    return frozenset(found)


def _is_hidden(declared: JsonObject) -> bool:
    return str(declared.get("NoEcho", "")).lower() == "true"
