"""Runs rebuilt environments on an engine, and reads their histories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from harness.engine.base import PassedEvent
from harness.histories import Event, RecordedExecution
from harness.lint.scenarios import check_first
from harness.observe.model import Execution, Observation
from harness.rebuilt.world import World
from harness.replay.attempts import Visits, attempts_of
from harness.replay.stubs import NotReplayable
from harness.scenario.position import ScenarioError
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.stack.model import Stack


@dataclass(frozen=True)
class Played:
    """A completed run.

    Attributes:
        ours: the execution in the harness.
        stuck: the reason why it did not finish; "" if it finished.
        passed: the events from all histories, in order.
    """

    world: World
    ours: RecordedExecution
    stack: Stack
    observation: Observation
    stuck: str = ""
    passed: Sequence[PassedEvent] = ()

    @cached_property
    def attempts(self) -> Mapping[str, Visits]:
        """The attempts in our execution, by position."""
        return attempts_of(self.ours, {})

    def number_of(self, id: int) -> int:
        """Return the position, from 1, of our event with this ID among all events; 0 if it is missing."""
        for number, each in enumerate(self.passed, 1):
            if each.execution_arn == self.ours.arn and each.id == id:
                return number
        return 0


@dataclass
class WorldPlayer:
    """Runs environments on a session, one after another."""

    session: Session
    _stack: Stack | None = field(default=None, init=False)
    _passed: list[PassedEvent] = field(default_factory=list, init=False)

    def play(self, world: World, settings: Settings) -> Played:
        """Run an execution in its environment to its end.

        Raises:
            NotReplayable: it cannot be run; the message says why.
        """
        self._stack, self._passed = None, []
        settings = replace(settings, lint=False)
        try:
            check_first([world.scenario], lambda _: settings, start=False)
        except (ScenarioError, SettingsError) as error:
            raise NotReplayable(f"it cannot be run: {error}") from error
        result = self.session.run(world.scenario, settings, self._recording)
        seen = result.observation
        if self._stack is None or seen is None or not seen.runs:
            raise NotReplayable(f"it cannot be run: {result.reason}")
        if result.broke:
            raise NotReplayable(f"an error occurred during the run: {result.reason}")
        ours = recorded(seen.runs[0].execution, world.execution)
        stuck = result.reason if result.outcome == "error" else ""
        return Played(world, ours, self._stack, seen, stuck, tuple(self._passed))

    @contextmanager
    def _recording(self, stack: Stack) -> Iterator[Callable[[], Stack]]:
        self._stack = stack
        self.session.engine.pause_at((), record=True)
        yield lambda: stack
        self._passed.extend(self.session.engine.passed())


def recorded(seen: Execution, of: RecordedExecution) -> RecordedExecution:
    """Return one of our executions in the format of a recorded execution."""
    events = tuple(
        Event(each.id, each.previous_event_id, each.type, each.details, each.timestamp.timestamp())
        for each in seen.events
    )
    return RecordedExecution(
        of.file, events, seen.input, seen.started_at.timestamp(), seen.arn, seen.name, seen.machine_arn
    )
