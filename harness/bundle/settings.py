"""The settings from options and variables that a bundle keeps, because a history depends on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.settings import SETTINGS

KEPT: Final = ("world", "region", "account", "partition", "parameters")


def overrides_of(options: Mapping[str, str | None], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each setting that is set outside of pyproject.toml, by the name of the setting."""
    found = {s.name: options.get(s.name) or environ.get(s.variable, "") for s in SETTINGS if s.name in KEPT}
    return {name: text for name, text in found.items() if text}


def options_of(kept: Mapping[str, str]) -> dict[str, str | None]:
    """Return the options to run a bundle, by setting; settings that a bundle cannot have are skipped."""
    return {name: text for name, text in kept.items() if name in KEPT}
