"""Runs a complete sweep of a scenario."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, combinations

from harness.choosing.expressions import Expression
from harness.choosing.shard import Shard
from harness.coverage.record import Recorder
from harness.functions.faults import KINDS
from harness.scenario.model import Scenario
from harness.scenario.wording import nearest
from harness.session import Session
from harness.settings import Settings
from harness.sweep.model import Point, SelectionError, Swept, Times, Trial, Variant, Verdict
from harness.sweep.network import refuse_network
from harness.sweep.points import points
from harness.sweep.trials import TrialRunner, run_all, together
from harness.sweep.variants import fault, variants

TIMES: tuple[Times, ...] = ("once", "ever")
TRIALS_PER_START = 20
"""The minimum number of trials for which starting another engine is worthwhile."""


@dataclass(frozen=True)
class Selection:
    """The selected trials: their kinds, and the points whose label equals or contains `point`.

    `pairs` is the number of fault pairs, chosen with `seed`; 0 selects single faults. `allow_network` permits
    a sweep with the setting `network`. `keywords` match parts of a point's label, or a fault's kind. `shard`
    is the portion of the trials to run; it may be empty.
    """

    point: str = ""
    kinds: tuple[str, ...] = ()
    pairs: int = 0
    seed: int = 0
    allow_network: bool = False
    keywords: Expression | None = None
    shard: Shard | None = None

    def check(self) -> None:
        """Raise SelectionError for an unknown kind."""
        known = [kind.key for kind in KINDS]
        for kind in self.kinds:
            if kind not in known:
                raise SelectionError(f"unknown kind of fault {kind!r}; known: {', '.join(known)}")

    def part(self, trials: tuple[Trial, ...]) -> tuple[Trial, ...]:
        """Return the trials that match the keywords and are in the shard.

        Raises SelectionError if none match.
        """
        keywords = self.keywords
        if keywords is not None:
            every, trials = trials, tuple(each for each in trials if keywords.matches(partial(_has, each)))
            if not trials:
                known = sorted({text for each in every for text in _texts(each)})
                remedy = nearest(keywords.names[0] if keywords.names else "", known)
                raise SelectionError(f"-k {keywords.text!r}: no point or kind of fault matches; {remedy}")
        if self.shard is None:
            return trials
        # Trials for one fault stay together, because they often result in the same run.
        return tuple(chain.from_iterable(self.shard.part(together(trials))))


def _has(trial: Trial, word: str) -> bool:
    return any(word.lower() in text.lower() for text in _texts(trial))


def _texts(trial: Trial) -> tuple[str, ...]:
    return (*(point.label for point in trial.points), *(variant.kind for variant in trial.variants))


def trials_of(found: Sequence[Point], selection: Selection) -> tuple[Trial, ...]:
    """Return all trials for these points, or pairs of them, in the order of the points.

    Raises SelectionError if nothing is selected.
    """
    chosen = [point for point in found if selection.point == point.label]
    chosen = chosen or [point for point in found if selection.point in point.label]
    if not chosen:
        labels = "\n".join(f"  {point.label}" for point in found)
        raise SelectionError(f"point {selection.point!r} not found; use one of:\n{labels}")
    singles = [
        (point, variant, times)
        for point in chosen
        for variant in variants(point, selection.kinds)
        for times in TIMES
    ]
    if not singles:
        raise SelectionError("none of these kinds of faults applies to any of these points")
    if selection.pairs:
        trials = tuple(_pairs(singles, selection))
    else:
        trials = tuple(Trial((p,), (v,), t, (fault(p, v, t),)) for p, v, t in singles)
    return selection.part(trials)


def _pairs(singles: Sequence[tuple[Point, Variant, Times]], selection: Selection) -> Iterator[Trial]:
    # Both once or both permanent: a permanent fault blocks any other fault at the same point.
    pairs = [(one, two) for one, two in combinations(singles, 2) if one[2] == two[2] and one[0] != two[0]]
    chosen = random.Random(selection.seed).sample(range(len(pairs)), min(selection.pairs, len(pairs)))  # noqa: S311
    for number in sorted(chosen):
        (p1, v1, times), (p2, v2, _) = pairs[number]
        yield Trial((p1, p2), (v1, v2), times, (fault(p1, v1, times), fault(p2, v2, times)))


def sweep(
    session: Session,
    scenario: Scenario,
    settings: Settings,
    selection: Selection,
    *,
    workers: int = 1,
    on_start: Callable[[Swept, Sequence[Trial]], object] = lambda _, __: None,
    on_verdict: Callable[[Verdict], object] = lambda _: None,
    recorder: Recorder | None = None,
) -> Swept:
    """Run the scenario without faults, then with every fault at every point.

    `on_start` receives a sweep without verdicts, and the trials. `on_verdict` receives each verdict.
    `recorder` collects the coverage of the run without faults and of all trials.

    Raises:
        SelectionError: nothing is selected.
        SettingsError: functions can connect to the network, and the sweep does not allow it.
        BaseFailed: the scenario fails without a fault.
        EngineError: the engine does not support this, or has failed.
    """
    selection.check()
    refuse_network(settings, allowed=selection.allow_network)
    begin = time.monotonic()
    runner = TrialRunner(session, scenario, settings, covers=recorder is not None)
    if recorder is not None:
        recorder.add(runner.base, str(scenario.path))
    found = points(runner.base)
    trials = trials_of(found, selection)
    started = Swept(str(scenario.path), found, (), 0.0, notes=runner.notes)
    on_start(started, trials)
    worth = 1 + len(trials) // TRIALS_PER_START

    def tell(verdict: Verdict) -> None:
        if recorder is not None and verdict.coverage is not None:
            recorder.merge(verdict.coverage)
        on_verdict(verdict)

    verdicts = run_all(runner, scenario, settings, trials, min(workers, worth), tell)
    return replace(started, verdicts=verdicts, real_s=time.monotonic() - begin)
