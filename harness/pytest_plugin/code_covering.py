"""Function code coverage in pytest: add it to pytest-cov's measurement in each process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.code_coverage.joining import join, measures_of, running
from harness.pytest_plugin.state import LEFT_ALONE, SESSION, own_path

if TYPE_CHECKING:
    from harness.code_coverage.collected import Collected
    from harness.observe.model import Observation

COLLECTED = pytest.StashKey["Collected"]()


def record_lines(config: pytest.Config, seen: Observation | None) -> None:
    """Record the lines executed by a run, if they are counted."""
    if running() is None or SESSION not in config.stash:
        return
    session = config.stash[SESSION]
    if not session.engine.measures_code:
        sentence = (
            f"lines of function code are not counted on {session.engine.name}; --engine moto counts them"
        )
        config.stash.setdefault(LEFT_ALONE, {})[sentence] = None
    if seen is None or not session.measures:
        return
    _collected(config).add(seen)
    config.stash.setdefault(LEFT_ALONE, {}).update(dict.fromkeys(seen.not_measured))


def join_lines(config: pytest.Config) -> None:
    """Add the recorded lines before the measurement ends."""
    coverage = running()
    if coverage is not None and COLLECTED in config.stash and measures_of(coverage):
        with own_path():
            join(coverage, config.stash[COLLECTED])


def _collected(config: pytest.Config) -> Collected:
    if COLLECTED not in config.stash:
        with own_path():
            from harness.code_coverage.collected import Collected  # noqa: PLC0415  (when it is used)

        config.stash[COLLECTED] = Collected()
    return config.stash[COLLECTED]
