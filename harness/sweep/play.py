"""Plays trials, in this process or in several, and judges each by the invariants."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

from harness.engine import engine_named
from harness.engine.base import Capability, EngineError, Options
from harness.expect.model import Mismatch
from harness.observe.model import Observation
from harness.report.failure import failure_text
from harness.report.model import Result
from harness.scenario.expect import Expect
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.sweep.invariants import duration_s, load_invariants
from harness.sweep.model import Outcome, Played, Trial, Verdict

NEEDS = frozenset({Capability.FAULTS, Capability.TASK_FAULTS, Capability.VIRTUAL_CLOCK})
NO_FAULTS: tuple[Mapping[str, Any], ...] = ()


class BaseFailed(Exception):
    """The run without faults is not as the scenario expects, so that nothing can be compared with it."""

    def __init__(self, result: Result):
        super().__init__(failure_text(result))
        self.result = result


class Player:
    """Plays trials of one scenario on a session.

    Raises EngineError when the engine cannot do what a sweep needs, BaseFailed when the scenario fails
    without any fault.
    """

    def __init__(self, session: Session, scenario: Scenario, base: Observation | None = None) -> None:
        self._session = session
        self._scenario = scenario
        self._invariants = load_invariants(session.settings.invariants)
        self.base = base or self._play_base()

    def play(self, trial: Trial) -> Verdict:
        """Play a trial and judge it."""
        result = self._session.run(self._with(trial.faults))
        played = Played(trial, self.base, result)
        violations = tuple(text for holds in self._invariants for text in holds(played))
        execution = result.observation.runs[-1].execution if result.observation else None
        return Verdict(
            trial=trial,
            outcome="violation" if violations else _outcome(played),
            violations=violations,
            status=execution.status if execution else "",
            error=(execution.error or "") if execution else "",
            duration_s=_duration_s(played),
            messages=tuple(m.subject or "" for m in result.observation.messages)
            if result.observation
            else (),
            explanation=self._explanation(result, violations) if violations else "",
            real_s=result.duration_s,
        )

    def _play_base(self) -> Observation:
        _ = self._session.endpoint  # started, it knows what it can
        if lacking := sorted(NEEDS - self._session.engine.capabilities):
            raise EngineError(
                f"{self._session.engine.name} cannot {', and cannot '.join(lacking)}, which a sweep needs; "
                "use the embedded engine: --engine moto"
            )
        result = self._session.run(self._scenario)
        if result.outcome != "passed" or result.observation is None:
            raise BaseFailed(result)
        return result.observation

    def _with(self, faults: Iterable[Mapping[str, Any]]) -> Scenario:
        more = tuple(FaultSpec.model_validate(fault) for fault in faults)
        return self._scenario.model_copy(
            update={"faults": (*self._scenario.faults, *more), "expect": Expect.model_construct()}
        )

    def _explanation(self, result: Result, violations: Sequence[str]) -> str:
        where = self._scenario.position("title")
        found = tuple(Mismatch("invariants", where, text) for text in violations)
        return failure_text(replace(result, mismatches=found, outcome="failed", reproduce=""))


def _outcome(played: Played) -> Outcome:
    assert played.seen is not None
    now, before = played.seen, played.base
    if [r.execution.status for r in now.runs] != [r.execution.status for r in before.runs]:
        return "failed"
    same = sorted(map(repr, now.messages)) == sorted(map(repr, before.messages))
    return "same" if same else "other"


def _duration_s(played: Played) -> float | None:
    if played.seen is None:
        return None
    return duration_s(played.seen.runs[-1].execution)


@dataclass(frozen=True)
class _Setup:
    scenario: Scenario
    settings: Settings
    base: Observation


_player: Player
_at_end = ExitStack()


def _begin(setup: _Setup) -> None:
    """Make this process a player of its own."""
    global _player  # noqa: PLW0603  (one for each process of the pool)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's affair: it ends the pool
    options = Options(setup.settings.endpoint_url, setup.settings.localstack_version)
    engine = engine_named(setup.settings.engine).configured(options)
    session = _at_end.enter_context(Session(engine, setup.settings))
    _player = Player(session, setup.scenario, setup.base)


def _play(trial: Trial) -> Verdict:
    return _player.play(trial)


def play_all(
    player: Player,
    scenario: Scenario,
    settings: Settings,
    trials: Sequence[Trial],
    workers: int,
    told: Callable[[Verdict], object],
) -> tuple[Verdict, ...]:
    """The verdicts in the order of the trials; `told` gets each in that order, as soon as it is there."""
    if workers <= 1:
        return tuple(_telling(map(player.play, trials), told))
    setup = _Setup(scenario, settings, player.base)
    # Not forked: this process has threads.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (setup,))
    try:
        futures: list[Future[Verdict]] = [pool.submit(_play, trial) for trial in trials]
        return tuple(_telling((future.result() for future in futures), told))
    finally:
        pool.shutdown(cancel_futures=True)


def _telling(verdicts: Iterable[Verdict], told: Callable[[Verdict], object]) -> Iterator[Verdict]:
    for verdict in verdicts:
        told(verdict)
        yield verdict
