"""Runs scenarios on several engines, one engine after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Comparison:
    """The results for all scenarios on all engines, and their differences, scenario by scenario."""

    seen: NormalizedResults
    found: tuple[Difference, ...]


def comparison(
    scenarios: Sequence[Scenario],
    engines: Mapping[str, Callable[[], Engine]],
    settings_of: Callable[[Path], Settings],
    known_in: Callable[[Path], Sequence[Known]],
    on_result: Callable[[str, Result], object],
) -> Comparison:
    """Run all scenarios on all engines, and compare the results.

    An engine that runs in real time does not always behave the same way. A scenario with an unknown
    difference is run on it once more. A difference that does not occur again is marked as `once`.

    Args:
        engines: a function that opens each engine, by its name in the output.
        settings_of: returns the settings for a scenario file.
        known_in: returns the explained differences for a scenario file.
        on_result: receives the engine name and the result of each run.

    Raises:
        EngineError: an engine cannot run on this machine.
    """
    seen: dict[str, dict[str, NormalizedResult]] = {str(s.path): {} for s in scenarios}
    found: dict[str, list[Difference]] = {path: [] for path in seen}

    def play(name: str, session: Session, scenario: Scenario) -> tuple[Difference, ...]:
        settings = settings_of(scenario.path)
        result = session.run(scenario, settings)
        on_result(name, result)
        by_engine = seen[str(scenario.path)]
        by_engine[name] = normalized(result, settings.volatile_attributes)
        two = {each: by_engine[each] for each in (next(iter(by_engine)), name)}
        return differences(scenario.path.name, two, known_in(scenario.path))

    for name, opened in engines.items():
        with Session(opened()) as session:
            for scenario in scenarios:
                first = play(name, session, scenario)
                again = play(name, session, scenario) if unknown(first) else first
                chance = () if unknown(again) else (replace(each, once=True) for each in unknown(first))
                found[str(scenario.path)] += [*again, *chance]
    return Comparison(seen, tuple(each for several in found.values() for each in several))


def unknown(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return the unexplained differences that occurred again."""
    return tuple(each for each in found if not each.reasons and not each.once)


def compared(seen: NormalizedResults) -> bool:
    """Return whether any scenario was compared, that is, run by the first engine and at least one other
    engine.
    """
    for by_engine in seen.values():
        first, *others = (result.verdict for result in by_engine.values())
        if first != "skipped" and any(other != "skipped" for other in others):
            return True
    return False
