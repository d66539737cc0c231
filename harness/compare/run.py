"""Runs scenarios on several engines, one engine after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.compare.differences import Difference, differences
from harness.compare.known import Known
from harness.compare.normalized import NormalizedResult, normalized
from harness.engine.base import Engine
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings

NormalizedResults = Mapping[str, Mapping[str, NormalizedResult]]
"""Scenario file -> engine -> normalized result."""


def normalized_results(
    scenarios: Sequence[Scenario],
    engines: Mapping[str, Callable[[], Engine]],
    settings_of: Callable[[Path], Settings],
    on_result: Callable[[Result], object],
) -> NormalizedResults:
    """Return the results of all scenarios on all engines; `on_result` gets each one as it comes.

    `engines` has a function that opens each, by the name that it is called in what is shown.

    `settings_of` gives the settings of a scenario's file.

    Raises:
        EngineError: an engine cannot run here.
    """
    seen: dict[str, dict[str, NormalizedResult]] = {str(s.path): {} for s in scenarios}
    for name, opened in engines.items():
        with Session(opened()) as session:
            for scenario in scenarios:
                settings = settings_of(scenario.path)
                result = session.run(scenario, settings)
                on_result(result)
                seen[str(scenario.path)][name] = normalized(result, settings.volatile_attributes)
    return seen


def compare(seen: NormalizedResults, known_in: Callable[[Path], Sequence[Known]]) -> tuple[Difference, ...]:
    """All differences, scenario by scenario; `known_in` gives those that are explained for its file."""
    return tuple(
        difference
        for path, by_engine in seen.items()
        for difference in differences(Path(path).name, by_engine, known_in(Path(path)))
    )


def compared(seen: NormalizedResults) -> bool:
    """Say whether any scenario was compared: it was not skipped by the first engine and by another one."""
    for by_engine in seen.values():
        first, *others = (result.verdict for result in by_engine.values())
        if first != "skipped" and any(other != "skipped" for other in others):
            return True
    return False
