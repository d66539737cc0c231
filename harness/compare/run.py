"""Runs scenarios on several engines, one engine after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
    settings: Settings,
    told: Callable[[Result], object],
) -> NormalizedResults:
    """Return the results of all scenarios on all engines; `told` gets each one as it comes.

    `engines` has a function that opens each, by the name that it is called in what is shown.

    Raises EngineError when an engine cannot run here.
    """
    seen: dict[str, dict[str, NormalizedResult]] = {str(s.path): {} for s in scenarios}
    for name, opened in engines.items():
        with Session(opened(), settings) as session:
            for scenario in scenarios:
                result = session.run(scenario)
                told(result)
                seen[str(scenario.path)][name] = normalized(result)
    return seen


def compare(seen: NormalizedResults, known: Sequence[Known]) -> tuple[Difference, ...]:
    """All differences, scenario by scenario."""
    return tuple(
        difference
        for path, by_engine in seen.items()
        for difference in differences(path.rsplit("/", 1)[-1], by_engine, known)
    )
