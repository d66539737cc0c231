"""The part `sweep`: single faults, the most valuable first, as long as there is time."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from harness.engine import engine_of
from harness.gate.finding import Finding, Rule
from harness.gate.part import NO_TIME, Context, Part
from harness.observe.model import Observation
from harness.report.layout import shown_path
from harness.report.model import Result
from harness.session import Session
from harness.settings import Settings
from harness.sweep.model import Point, Trial, Verdict
from harness.sweep.points import points
from harness.sweep.show import command, faults_block
from harness.sweep.sweep import Selection, trials_of
from harness.sweep.trials import NEEDS, TrialRunner, each_verdict, together

VIOLATED: Final = Rule("sweep-invariant", "An invariant does not hold when one thing fails.", "0.1")
UNITS_PER_START: Final = 10
"""For fewer it takes longer to start another engine than it saves."""
Place = tuple[str, str, str, str]
_NUMBER: Final = re.compile(r"\d+")


def sweep(context: Context) -> Iterator[Finding]:
    """Sweep the scenarios that passed, each at the points that those before it have not."""
    swept: set[Place] = set()
    for result in by_value([each for each in context.results if _fits(each)]):
        settings = context.settings_of(result.scenario.path)
        assert result.observation is not None, "it fits"
        new = [point for point in points(result.observation) if _place(point) not in swept]
        if not new:
            continue
        swept.update(map(_place, new))
        units = ordered(together(trials_of(new, Selection())))
        name = shown_path(result.scenario.path)
        again = shlex.join(["harness", "sweep", name])
        if settings.network:  # hundreds of times the requests that it lets through
            context.leave_out(name, "its functions may connect to the world", f"{again} --allow-network")
            continue
        if context.budget.over:
            context.leave_out(name, f"{sum(map(len, units))} faults, {NO_TIME}", again)
            continue
        tried = 0
        for verdict in context.budget.within(_played(context, result, settings, units)):
            tried += 1
            yield from _of_verdict(verdict, result, context.name(result.scenario.path))
        if left := sum(map(len, units)) - tried:
            context.leave_out(name, f"{left} of {left + tried} faults, {NO_TIME}", again)


def _fits(result: Result) -> bool:
    return result.outcome == "passed" and result.observation is not None and not result.scenario.faults


def by_value(results: Sequence[Result]) -> Iterator[Result]:
    """The results in the order in which their scenarios are swept.

    The first is that of the scenario with the most places at which something can fail, for as long as it is;
    each further one has the most that those before it have not. Long ones have little more than others, and
    take much longer: the places count for the square root of the points.
    """
    left = [(result, _points(result)) for result in sorted(results, key=_path)]
    seen: set[Place] = set()
    while left:
        best = max(left, key=lambda each: len(set(map(_place, each[1])) - seen) / (len(each[1]) or 1) ** 0.5)
        left.remove(best)
        seen.update(map(_place, best[1]))
        yield best[0]


def _path(result: Result) -> str:
    return str(result.scenario.path)


def _points(result: Result) -> tuple[Point, ...]:
    return points(result.observation) if result.observation else ()


def _place(point: Point) -> Place:
    """The place of a point without its number: lanes and repetitions of one place are alike."""
    return point.target, point.what, point.function, _NUMBER.sub("<n>", point.state)


def ordered(units: Sequence[tuple[Trial, ...]]) -> list[tuple[Trial, ...]]:
    """The trials with the most valuable first: each kind of fault at each place once before any again."""
    met: Counter[tuple[Place, str]] = Counter()
    ranked = []
    for number, unit in enumerate(units):
        (point,), (variant,) = unit[0].points, unit[0].variants
        key = (_place(point), variant.kind)
        ranked.append((met[key], number, unit))
        met[key] += 1
    return [unit for _, _, unit in sorted(ranked, key=lambda each: each[:2])]


def _played(
    context: Context, result: Result, settings: Settings, units: Sequence[tuple[Trial, ...]]
) -> Iterator[Verdict]:
    base: Observation | None = result.observation
    workers = min(context.workers, 1 + len(units) // UNITS_PER_START)
    with Session(engine_of(settings)) as session:
        if not session.engine.capabilities >= NEEDS:  # those of a remote engine are known when it is started
            session.start()
        if lacking := sorted(NEEDS - session.engine.capabilities):
            why = f"{session.engine.name} cannot {', and cannot '.join(lacking)}"
            context.leave_out(shown_path(result.scenario.path), why, "harness sweep --engine moto")
            return
        runner = TrialRunner(session, result.scenario, settings, base)
        yield from each_verdict(runner, result.scenario, settings, units, workers)


def _of_verdict(verdict: Verdict, result: Result, name: str) -> Iterator[Finding]:
    if not verdict.violations:
        return
    path = result.scenario.path
    block = faults_block(verdict.trial.faults).splitlines()
    details = (*verdict.violations[1:], "to see it again, in a copy of the scenario:", *block)
    yield Finding(
        VIOLATED,
        f"{name}: {verdict.trial.label}",
        f"{verdict.trial.label}: {verdict.violations[0]}",
        command(shown_path(path), verdict.trial),
        path,
        details=details,
    )


SWEEP: Final = Part("sweep", sweep, (VIOLATED,), frozenset({"scenarios"}), command="harness sweep SCENARIO")
