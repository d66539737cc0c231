"""Runs trials in one or several processes, and checks each against the invariants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import Any

from harness.coverage.record import Recorder
from harness.engine import engine_of
from harness.engine.base import Capability, Engine, EngineError
from harness.exit_codes import FAILED, PASSED
from harness.json_types import Json
from harness.notes import Note
from harness.observe.model import Observation
from harness.observe.texts import without_times
from harness.report.failure import failure_text
from harness.report.happened import happened
from harness.report.model import Result
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.sweep.invariants import duration_s, load_invariants
from harness.sweep.model import Outcome, Played, Trial, Verdict, not_evaluated
from harness.sweep.points import points
from harness.workers import Player, Tell, Workers

NEEDS = frozenset({Capability.FAULTS, Capability.TASK_FAULTS, Capability.VIRTUAL_CLOCK})
KILLED = ("Sandbox.Timedout", "Runtime.ExitError")


class BaseFailed(Exception):
    """The run without faults does not meet the expectations, so trials cannot be compared with it."""

    def __init__(self, result: Result):
        super().__init__(failure_text(result))
        self.result = result


class TrialRunner:
    """Runs trials for one scenario on a session.

    Raises EngineError if the engine lacks a capability that a sweep requires, and BaseFailed if the scenario
    fails without a fault. With `covers`, the verdicts contain state machine coverage.
    """

    notes: tuple[Note, ...] = ()
    """Return the notes from the run without faults."""

    def __init__(
        self,
        session: Session,
        scenario: Scenario,
        settings: Settings,
        base: Observation | None = None,
        *,
        covers: bool = False,
    ) -> None:
        self._session = session
        self._covers = covers
        session.definitions = session.definitions or covers
        self._scenario = scenario
        self._settings = settings
        self._invariants = load_invariants(settings.invariants)
        self.base = base or self._play_base()

    @property
    def covers(self) -> bool:
        """Return whether the verdicts contain coverage."""
        return self._covers

    def run(self, trials: Sequence[Trial]) -> tuple[Verdict, ...]:
        """Return the verdicts for trials that differ only in the fault's frequency, lowest frequency first.

        If the fault has no later opportunity to fire, a trial with a higher frequency would be the same run,
        event for event, because time and randomness do not influence it. Such a trial is judged, but not run
        again.
        """
        verdicts: list[Verdict] = []
        result: Result | None = None
        for trial in trials:
            again = result is None or met_again(verdicts[-1].trial, result.observation)
            if result is None or again:
                result = self._session.run(self._with(trial.faults), self._settings)
            verdicts.append(self._judge(trial, result, again))
        return tuple(verdicts)

    def _judge(self, trial: Trial, result: Result, played_itself: bool) -> Verdict:
        played = Played(trial, self.base, result)
        if result.broke:  # an observation of such a run does not count
            violations: tuple[str, ...] = (not_evaluated(result),)
        else:
            violations = tuple(text for holds in self._invariants for text in holds(played))
        execution = result.observation.runs[-1].execution if result.observation else None
        return Verdict(
            trial=trial,
            outcome="violation" if violations else _outcome(played),
            violations=violations,
            status=execution.status if execution else "",
            error=(execution.error or "") if execution else "",
            duration_s=duration_s(execution) if execution else None,
            messages=tuple(m.subject or "" for m in result.observation.messages)
            if result.observation
            else (),
            explanation=_happened(result) if violations else "",
            real_s=result.duration_s if played_itself else 0.0,
            played=played_itself,
            exit_code=result.exit_code if result.broke else FAILED if violations else PASSED,
            coverage=self._reached(result) if played_itself else None,
        )

    def _reached(self, result: Result) -> Mapping[str, Any] | None:
        if not self._covers or result.observation is None:
            return None
        recorder = Recorder()
        recorder.add(result.observation, str(self._scenario.path))
        return recorder.data()

    def _play_base(self) -> Observation:
        self._session.start()
        if lacking := sorted(NEEDS - self._session.engine.capabilities):
            raise EngineError(
                f"{self._session.engine.name} cannot {', and cannot '.join(lacking)}, which a sweep "
                "requires; use the embedded engine: --engine moto"
            )
        result = self._session.run(self._scenario, self._settings)
        if result.outcome != "passed" or result.observation is None:
            raise BaseFailed(result)
        self.notes = result.notes
        return result.observation

    def _with(self, faults: Iterable[Mapping[str, Json]]) -> Scenario:
        more = tuple(FaultSpec.model_validate(fault) for fault in faults)
        bare = self._scenario.without_expectations()
        return bare.model_copy(update={"faults": (*self._scenario.faults, *more)})


def _happened(result: Result) -> str:
    return "\n".join(text.plain for text in happened(result)).strip("\n")


def met_again(trial: Trial, seen: Observation | None) -> bool:
    """Return whether the fault in a single trial could fire again after the first time."""
    if seen is None or len(trial.points) != 1:
        return True
    (point,) = trial.points
    # Unfinished work in a killed process is not recorded.
    killed = any(i.error and i.error.type in KILLED and i.state == point.state for i in seen.invocations)
    if killed and point.target == "call":
        return True
    like = (p for p in points(seen) if replace(p, number=point.number) == point)
    return any(other.number > point.number for other in like)


def _outcome(played: Played) -> Outcome:
    assert played.seen is not None
    now, before = played.seen, played.base
    if [r.execution.status for r in now.runs] != [r.execution.status for r in before.runs]:
        return "failed"
    sent, usual = (sorted(repr(without_times(m)) for m in seen.messages) for seen in (now, before))
    return "same" if sent == usual else "other"


class _Part(Player[None, Sequence[Trial], tuple[Verdict, ...]]):
    """Runs trials in its own process, and compares them with the observation of the run without faults."""

    def __init__(self, scenario: Scenario, settings: Settings, base: Observation, covers: bool) -> None:
        self._scenario = scenario
        self._covers = covers
        self._settings = settings
        self._base = base
        self._engine: Engine | None = None

    def start(self, tell: Tell) -> None:
        self._engine = engine_of(self._settings)
        session = Session(self._engine)
        self._runner = TrialRunner(session, self._scenario, self._settings, self._base, covers=self._covers)

    def play(self, task: Sequence[Trial]) -> tuple[Verdict, ...]:
        return self._runner.run(task)

    def stop(self) -> None:
        if self._engine is not None:
            self._engine.stop()


def _lost(_trials: Sequence[Trial], _how: str) -> tuple[Verdict, ...]:
    raise EngineError("a process that ran part of the sweep was killed; run the sweep again")


def _what(trial: Trial) -> object:
    return trial.points, [(variant.kind, variant.label) for variant in trial.variants]


def together(trials: Sequence[Trial]) -> list[tuple[Trial, ...]]:
    """Group the trials: adjacent trials that differ only in the fault's frequency are grouped together."""
    return [tuple(group) for _, group in groupby(trials, key=_what)]


def run_all(
    runner: TrialRunner,
    scenario: Scenario,
    settings: Settings,
    trials: Sequence[Trial],
    workers: int,
    on_verdict: Callable[[Verdict], object],
) -> tuple[Verdict, ...]:
    """Return the verdicts in the order of the trials. `on_verdict` receives each verdict immediately."""
    verdicts = each_verdict(runner, scenario, settings, together(trials), workers)
    return tuple(_telling(verdicts, on_verdict))


def each_verdict(
    runner: TrialRunner,
    scenario: Scenario,
    settings: Settings,
    units: Sequence[Sequence[Trial]],
    workers: int,
) -> Iterator[Verdict]:
    """Yield the verdicts for trials in order, each as soon as it is available. For `units`, see
    `together`.
    """
    if workers <= 1:
        yield from chain.from_iterable(map(runner.run, units))
        return
    part = _Part(scenario.without_expectations(), settings, runner.base, runner.covers)
    with Workers(part, workers, _lost) as processes:
        yield from chain.from_iterable(processes.results(units))


def _telling(verdicts: Iterable[Verdict], on_verdict: Callable[[Verdict], object]) -> Iterator[Verdict]:
    for verdict in verdicts:
        on_verdict(verdict)
        yield replace(verdict, coverage=None)
