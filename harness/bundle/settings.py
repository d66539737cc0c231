"""The settings from options and variables that are stored in a bundle because histories depend on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.settings import SETTINGS

KEPT: Final = ("world", "region", "account", "partition", "parameters")


def overrides_of(options: Mapping[str, str | None], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each setting that is set outside pyproject.toml, by setting name."""
    found = {s.name: options.get(s.name) or environ.get(s.variable, "") for s in SETTINGS if s.name in KEPT}
    return {name: text for name, text in found.items() if text}


def options_of(kept: Mapping[str, str]) -> dict[str, str | None]:
    """Return the options for running a bundle, by setting. Settings that are not allowed in
    bundles are skipped.
    """
    return {name: text for name, text in kept.items() if name in KEPT}
