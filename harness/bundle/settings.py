"""The settings that options and variables give, and that a bundle keeps: those that a history depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.settings import SETTINGS

KEPT: Final = ("world", "region", "account", "partition", "parameters")


def overrides_of(options: Mapping[str, str | None], environ: Mapping[str, str]) -> dict[str, str]:
    """The text of each that is given outside of pyproject.toml, by the name of the setting."""
    found = {s.name: options.get(s.name) or environ.get(s.variable, "") for s in SETTINGS if s.name in KEPT}
    return {name: text for name, text in found.items() if text}


def options_of(kept: Mapping[str, str]) -> dict[str, str | None]:
    """The options of a play, by the name of the setting; what no bundle has of itself is passed over."""
    return {name: text for name, text in kept.items() if name in KEPT}
