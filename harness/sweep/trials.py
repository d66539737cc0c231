"""Runs trials, in this process or in several, and judges each by the invariants."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, groupby
from multiprocessing import active_children, get_context, parent_process

from harness.engine import engine_of
from harness.engine.base import Capability, EngineError
from harness.exit_codes import FAILED, PASSED
from harness.functions.shared.lifeline import wake_with_parent
from harness.json_types import Json
from harness.notes import Note
from harness.observe.model import Observation
from harness.report.failure import failure_text
from harness.report.happened import happened
from harness.report.model import Result
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.sweep.invariants import duration_s, load_invariants
from harness.sweep.model import Outcome, Played, Trial, Verdict
from harness.sweep.points import points

NEEDS = frozenset({Capability.FAULTS, Capability.TASK_FAULTS, Capability.VIRTUAL_CLOCK})
SAFE_PATH = "PYTHONSAFEPATH"
NEW_LINE = "\n"
KILLED = ("Sandbox.Timedout", "Runtime.ExitError")


class BaseFailed(Exception):
    """The run without faults is not as the scenario expects, so that nothing can be compared with it."""

    def __init__(self, result: Result):
        super().__init__(failure_text(result))
        self.result = result


class TrialRunner:
    """Runs trials of one scenario on a session.

    Raises EngineError when the engine cannot do what a sweep needs, BaseFailed when the scenario fails
    without any fault.
    """

    notes: tuple[Note, ...] = ()
    """The notes of the run without faults."""

    def __init__(
        self, session: Session, scenario: Scenario, settings: Settings, base: Observation | None = None
    ) -> None:
        self._session = session
        self._scenario = scenario
        self._settings = settings
        self._invariants = load_invariants(settings.invariants)
        self.base = base or self._play_base()

    def run(self, trials: Sequence[Trial]) -> tuple[Verdict, ...]:
        """The verdicts of trials that differ in how often the fault happens only, the least often first.

        When nothing came after the fault that a more frequent one could meet, that one is the same run, event
        for event: time and chance are no part of it. It is judged, and not played again.
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
        if result.broke:  # nothing that was seen counts
            violations: tuple[str, ...] = (f"it could not be judged: {result.reason.partition(NEW_LINE)[0]}",)
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
        )

    def _play_base(self) -> Observation:
        self._session.start()
        if lacking := sorted(NEEDS - self._session.engine.capabilities):
            raise EngineError(
                f"{self._session.engine.name} cannot {', and cannot '.join(lacking)}, which a sweep needs; "
                "use the embedded engine: --engine moto"
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
    """Tell whether the fault of a single trial could have fired again after it did."""
    if seen is None or len(trial.points) != 1:
        return True
    (point,) = trial.points
    # What a process that was killed had under way is in no record.
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
    same = sorted(map(repr, now.messages)) == sorted(map(repr, before.messages))
    return "same" if same else "other"


@dataclass(frozen=True)
class _Setup:
    scenario: Scenario
    settings: Settings
    base: Observation


_runner: TrialRunner


def _begin(setup: _Setup) -> None:
    """Give this process a runner with an engine of its own."""
    global _runner  # noqa: PLW0603  (one for each process of the pool)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's affair: it ends the pool
    engine = engine_of(setup.settings)
    atexit.register(engine.stop)  # the pool lets its processes end by themselves
    threading.Thread(target=_end_with_parent, daemon=True).start()
    wake_with_parent()
    _runner = TrialRunner(Session(engine), setup.scenario, setup.settings, setup.base)


def _end_with_parent() -> None:
    """A pool whose owner was killed would play on; an engine ends with the process that started it."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _run(trials: Sequence[Trial]) -> tuple[Verdict, ...]:
    return _runner.run(trials)


def _what(trial: Trial) -> object:
    return trial.points, [(variant.kind, variant.label) for variant in trial.variants]


def _together(trials: Sequence[Trial]) -> list[tuple[Trial, ...]]:
    """The trials, those next to each other together that differ in how often the fault happens only."""
    return [tuple(group) for _, group in groupby(trials, key=_what)]


def run_all(
    runner: TrialRunner,
    scenario: Scenario,
    settings: Settings,
    trials: Sequence[Trial],
    workers: int,
    on_verdict: Callable[[Verdict], object],
) -> tuple[Verdict, ...]:
    """The verdicts in the order of the trials; `on_verdict` gets each as soon as it is there."""
    units = _together(trials)
    if workers <= 1:
        return tuple(_telling(chain.from_iterable(map(runner.run, units)), on_verdict))
    setup = _Setup(scenario.without_expectations(), settings, runner.base)
    others = set(active_children())
    with _safe_path():
        # Not forked: this process has threads.
        pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (setup,))
    try:
        with _safe_path():  # each starts a process, until all are there
            futures = [pool.submit(_run, unit) for unit in units]
        return tuple(_telling(chain.from_iterable(future.result() for future in futures), on_verdict))
    except BrokenProcessPool:
        raise EngineError("a process that played a part of the sweep was killed; start it again") from None
    except BaseException:
        for process in set(active_children()) - others:
            process.terminate()  # a trial takes seconds, and nobody will see how it ends
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start Pythons that do not import from the working directory, as `-P` does for one."""
    with_it = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if with_it is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = with_it


def _telling(verdicts: Iterable[Verdict], on_verdict: Callable[[Verdict], object]) -> Iterator[Verdict]:
    for verdict in verdicts:
        on_verdict(verdict)
        yield verdict
