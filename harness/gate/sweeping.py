"""The `sweep` part: single faults, the most valuable first, within the time budget."""

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

VIOLATED: Final = Rule("sweep-invariant", "An invariant is violated after a single fault.", "0.1")
UNITS_PER_START: Final = 10
"""Minimum number of trials that justifies starting another engine."""
Place = tuple[str, str, str, str]
_NUMBER: Final = re.compile(r"\d+")


def sweep(context: Context) -> Iterator[Finding]:
    """Sweep the scenarios that passed, each only at points that earlier scenarios do not contain."""
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
        if settings.network:  # a sweep repeats the allowed requests hundreds of times
            context.leave_out(name, "its functions can connect to the network", f"{again} --allow-network")
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
    """Yield the results in the order in which their scenarios are swept.

    The first scenario has the most places that can fail, relative to its length. Each of the following
    scenarios has the most places that earlier scenarios do not have. Long scenarios add few places and take
    much longer. The number of places is therefore divided by the square root of the number of points.
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
    """Return a point's place without numbers in the state, so that lanes and repetitions are equal."""
    return point.target, point.what, point.function, _NUMBER.sub("<n>", point.state)


def ordered(units: Sequence[tuple[Trial, ...]]) -> list[tuple[Trial, ...]]:
    """Return the trials, most valuable first: each kind of fault once at each place before any repetition."""
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
        # the capabilities of a remote engine are known only after it starts
        if not session.engine.capabilities >= NEEDS:
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
    details = (*verdict.violations[1:], "to reproduce it in a copy of the scenario:", *block)
    yield Finding(
        VIOLATED,
        f"{name}: {verdict.trial.label}",
        f"{verdict.trial.label}: {verdict.violations[0]}",
        command(shown_path(path), verdict.trial),
        path,
        details=details,
    )


SWEEP: Final = Part("sweep", sweep, (VIOLATED,), frozenset({"scenarios"}), command="harness sweep SCENARIO")
