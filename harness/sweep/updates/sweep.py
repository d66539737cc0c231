"""Runs a scenario on the old stack, on the new stack, and with an update at every event in its histories."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.engine import engine_of
from harness.engine.base import Engine, EngineError
from harness.expect.project import load_scenarios
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.sweep.invariants import load_invariants
from harness.sweep.network import refuse_network
from harness.sweep.sweep import TRIALS_PER_START
from harness.sweep.trials import BaseFailed
from harness.sweep.updates.judge import judged
from harness.sweep.updates.model import Alone, Side, Sides, Swept, Trial, UpdateRefused, Verdict
from harness.sweep.updates.play import UpdatePlayer, playable
from harness.sweep.updates.points import distinct, events, trials
from harness.workers import Player, Tell, Workers


def sides_of(scenario: Scenario, new: Settings, old: Settings, ref: str) -> Sides:
    """Return both sides for a scenario, with the project's settings in each of the two commits.

    Settings for the machine and the verdict come from the new side. Settings for the deployment come from
    each side.
    """
    inside = scenario.path.resolve()
    below = inside.relative_to(new.root) if inside.is_relative_to(new.root) else None
    path = old.root / below if below is not None else scenario.path
    shared = {
        name: getattr(new, name) for name in ("engine", "world", "region", "account", "network", "hang")
    }
    settings = replace(old, **shared)
    moved = scenario.at(replace(scenario.source, path=path))
    return Sides(ref, scenario.path, Side(ref, moved, settings), Side("the working tree", scenario, new))


@dataclass(frozen=True)
class Selection:
    """The selection of trials: the trial with the label `point`, or all trials whose labels contain it."""

    point: str = ""
    allow_network: bool = False


def sweep_updates(
    session: Session,
    sides: Sides,
    selection: Selection,
    *,
    workers: int = 1,
    on_start: Callable[[Swept, Sequence[Trial]], object] = lambda _, __: None,
    on_verdict: Callable[[Verdict], object] = lambda _: None,
) -> Swept:
    """Run the scenario on both stacks, then with updates and rollbacks at every event.

    `on_start` receives a sweep without verdicts, and the trials. `on_verdict` receives each verdict. If both
    stacks are the same, there are no trials.

    Raises:
        SelectionError: no event matches.
        SettingsError: functions can connect to the network, and the sweep does not allow it.
        UpdateRefused: the old stack cannot be deployed, or the scenario does not finish on it.
        BaseFailed: the scenario fails on the new stack alone.
        EngineError: the engine does not support this, or has failed.
    """
    refuse_network(sides.new.settings, allowed=selection.allow_network)
    begin = time.monotonic()
    player = UpdatePlayer(session, sides)
    alone = alone_on(player, sides)
    chosen = () if alone.is_same else trials(alone.events, selection.point, in_halves=alone.in_halves)
    started = Swept(
        str(sides.path),
        sides.ref,
        len(alone.events),
        len(alone.events) - len(distinct(alone.events)),
        alone.is_same,
        (),
        0.0,
        notes=alone.new.notes,
    )
    on_start(started, chosen)
    worth = 1 + len(chosen) // TRIALS_PER_START
    found = tuple(_telling(each_verdict(player, sides, alone, chosen, min(workers, worth)), on_verdict))
    return replace(started, verdicts=found, real_s=time.monotonic() - begin)


def alone_on(player: UpdatePlayer, sides: Sides) -> Alone:
    """Run the scenario on either stack alone. Raises UpdateRefused or BaseFailed; see `sweep_updates`."""
    with playable(sides.ref):
        old, passed, was = player.alone(sides.old)
    if old.observation is None or old.outcome == "error":
        raise UpdateRefused(f"{sides.ref}: its stack cannot be run: {old.reason or 'it does not end'}")
    new, _, now = player.alone(sides.new)
    if new.outcome != "passed" or new.observation is None:
        raise BaseFailed(new)
    found = events(old.observation, passed)
    return Alone(old, new, found, was == now, in_halves=was != now and player.in_halves())


def each_verdict(
    player: UpdatePlayer, sides: Sides, alone: Alone, chosen: Sequence[Trial], workers: int
) -> Iterator[Verdict]:
    """Yield the verdicts in the order of the trials, as soon as they are available.

    The caller may stop at any time.
    """
    if workers <= 1:
        invariants = load_invariants(sides.new.settings.invariants)
        for trial in chosen:
            yield judged(trial, player.play(trial), alone, sides, invariants)
        return
    with Workers(_Part(sides, alone), workers, _lost) as processes:
        yield from processes.results(chosen)


class _Part(Player[None, Trial, Verdict]):
    """Runs trials in its own process, and compares them with the runs on either stack alone."""

    def __init__(self, sides: Sides, alone: Alone) -> None:
        self._sides = sides
        self._alone = alone
        self._engine: Engine | None = None

    def __reduce__(self) -> tuple[Callable[..., _Part], tuple[object, ...]]:
        """Make another process read the scenario again: its model depends on the project's expectations."""
        sides, alone = self._sides, self._alone
        bare = replace(alone, old=_without_scenario(alone.old), new=_without_scenario(alone.new))
        new, old = sides.new, sides.old
        return _read, (sides.path, new.settings, old.settings, sides.ref, bare)

    def start(self, tell: Tell) -> None:
        self._engine = engine_of(self._sides.new.settings)
        self._invariants = load_invariants(self._sides.new.settings.invariants)
        self._player = UpdatePlayer(Session(self._engine), self._sides)

    def play(self, task: Trial) -> Verdict:
        return judged(task, self._player.play(task), self._alone, self._sides, self._invariants)

    def stop(self) -> None:
        if self._engine is not None:
            self._engine.stop()


def _read(path: Path, new: Settings, old: Settings, ref: str, alone: Alone) -> _Part:
    (scenario,) = load_scenarios([path], lambda _: new)
    return _Part(sides_of(scenario, new, old, ref), alone)


def _without_scenario(result: Result) -> Result:
    return replace(result, scenario=result.scenario.without_expectations())


def _lost(_trial: Trial, how: str) -> Verdict:
    raise EngineError(f"a process that ran part of the sweep was killed {how}; run the sweep again")


def _telling(verdicts: Iterable[Verdict], on_verdict: Callable[[Verdict], object]) -> Iterator[Verdict]:
    for verdict in verdicts:
        on_verdict(verdict)
        yield verdict
