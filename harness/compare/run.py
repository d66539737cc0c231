"""Runs scenarios on several engines, one engine after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.compare.differences import Difference, differences
from harness.compare.known import Known
from harness.compare.picture import Picture, picture
from harness.engine.base import Engine
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings

Pictures = Mapping[str, Mapping[str, Picture]]
"""Scenario file -> engine -> picture."""


def pictures(
    scenarios: Sequence[Scenario],
    engines: Mapping[str, Callable[[], Engine]],
    settings: Settings,
    told: Callable[[Result], object],
) -> Pictures:
    """Return the pictures of all scenarios on all engines; `told` gets each result as it comes.

    `engines` has a function that opens each, by the name that it is called in what is shown.

    Raises EngineError when an engine cannot run here.
    """
    seen: dict[str, dict[str, Picture]] = {str(s.path): {} for s in scenarios}
    for name, opened in engines.items():
        with Session(opened(), settings) as session:
            for scenario in scenarios:
                result = session.run(scenario)
                told(result)
                seen[str(scenario.path)][name] = picture(result)
    return seen


def compare(seen: Pictures, known: Sequence[Known]) -> tuple[Difference, ...]:
    """All differences, scenario by scenario."""
    return tuple(
        difference
        for path, by_engine in seen.items()
        for difference in differences(path.rsplit("/", 1)[-1], by_engine, known)
    )
