"""Scenario files as text, read with the expectations of this project."""

from __future__ import annotations

from pathlib import Path

from harness.expect.project import expectations_of
from harness.scenario import load
from harness.scenario.model import Scenario
from harness.settings_reading import load_settings

EXPECTATIONS = expectations_of(load_settings(Path(__file__).parents[2], {}))


def parse(text: str, path: Path = Path("scenario.yaml")) -> Scenario:
    return load.parse(text, EXPECTATIONS, path)
