"""Runs a scenario on one stack, and updates that stack to another one at events in its histories."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from harness.engine.base import Capability, EngineError, PassedEvent
from harness.observe.access import Access
from harness.observe.policies import read_access
from harness.report.model import Result
from harness.scenario.position import ScenarioError
from harness.session import Session
from harness.settings import SettingsError
from harness.stack.model import DeployError, Stack
from harness.stack.plan import Plan
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError
from harness.sweep.updates.model import Side, Sides, Trial, UpdateRefused

FUNCTION = "AWS::Lambda::Function"
PATIENCE_S = 3600.0
"""Timeout for an event, in real time. The runs' own timeouts are shorter."""


@contextmanager
def playable(ref: str) -> Iterator[None]:
    """Convert errors in the `with` block that prevent deploying a commit's stack to UpdateRefused."""
    try:
        yield
    except (ScenarioError, SettingsError, TemplateError) as error:
        raise UpdateRefused(f"{ref}: its stack cannot be deployed: {error}") from error


@dataclass(frozen=True)
class Change:
    """A completed change to the stack: the number of the event after which it was made, and the permissions
    from then on.
    """

    number: int
    access: Access


@dataclass(frozen=True)
class PlayedTrial:
    """A completed trial. `passed` contains all events.

    `problem` is the reason if the stack could not be changed.
    """

    result: Result
    passed: Sequence[PassedEvent]
    changes: tuple[Change, ...]
    problem: str = ""


@dataclass(frozen=True)
class _Planned:
    """The stacks on one side."""

    plan: Plan
    side: Side

    @classmethod
    def of(cls, side: Side, session: Session) -> _Planned:
        planned = stacks_of(side.scenario, side.settings, session.more_parameters(side.settings))
        return cls(Plan.of(planned, side.scenario, side.settings, session.engine.name), side)


class UpdatePlayer:
    """Runs trials for a scenario on a session.

    Raises EngineError if the engine has no virtual clock, which is required to wait for an event. Raises
    UpdateRefused if the old stack cannot be deployed.
    """

    def __init__(self, session: Session, sides: Sides) -> None:
        session.start()
        if Capability.VIRTUAL_CLOCK not in session.engine.capabilities:
            raise EngineError(
                f"{session.engine.name} cannot {Capability.VIRTUAL_CLOCK} or pause at an event, and "
                "a sweep of updates requires both; use the embedded engine: --engine moto"
            )
        self._session = session
        self._sides = sides
        with playable(sides.ref):
            self._old = _Planned.of(sides.old, session)
        self._new = _Planned.of(sides.new, session)
        self._read: dict[str, tuple[Stack, Access]] = {}

    def alone(self, side: Side) -> tuple[Result, Sequence[PassedEvent], str]:
        """Run the scenario on one stack.

        Return all events, and the values by which this stack differs from others.
        """
        fingerprints: list[str] = []
        passed: list[PassedEvent] = []

        @contextmanager
        def recording(stack: Stack) -> Iterator[Callable[[], Stack]]:
            fingerprints.append(stack.fingerprint)
            self._session.engine.pause_at((), record=True)
            yield lambda: stack
            passed.extend(self._session.engine.passed())

        result = self._session.run(side.scenario, side.settings, recording)
        return result, passed, "".join(fingerprints)

    def play(self, trial: Trial) -> PlayedTrial:
        """Run a trial."""
        changing = _Changing(self._session, trial, self._old, self._new, self._access_of)
        old = self._sides.old
        result = self._session.run(old.scenario, old.settings, changing.during)
        return PlayedTrial(result, changing.passed, tuple(changing.changes), changing.problem)

    def in_halves(self) -> bool:
        """Return whether both the code and the settings of functions change.

        Call it right after a run on the new stack.
        """
        engine = self._session.engine
        engine.hold_back("code")
        try:
            self._old.plan.update(self._session.clients, self._new.plan.planned)
        except (DeployError, TemplateError):
            return False  # trials report a failed rollback
        return engine.hold_back("") > 0

    def _access_of(self, stack: Stack, of: _Planned) -> Access:
        """Read the permissions for a stack. Permissions of an identical stack are cached."""
        kept = self._read.get(of.side.name)
        if kept is None or kept[0] != stack:
            settings = of.side.settings
            known = replace(stack, scp=settings.scp or (), accept=settings.accept)
            kept = self._read[of.side.name] = (stack, read_access(self._session.clients, known))
        return kept[1]


class _Changing:
    """Changes the stack during one trial, in a separate thread, while the executions are paused."""

    def __init__(
        self,
        session: Session,
        trial: Trial,
        old: _Planned,
        new: _Planned,
        access_of: Callable[[Stack, _Planned], Access],
    ) -> None:
        self._session = session
        self._numbers = trial.numbers
        self._held = trial.held
        self._steps = [(old, new), (new, old)][: len(trial.numbers)]
        self._access_of = access_of
        self._stack: Stack
        self.changes: list[Change] = []
        self.passed: Sequence[PassedEvent] = ()
        self.problem = ""
        self._bug: BaseException | None = None

    @contextmanager
    def during(self, stack: Stack) -> Iterator[Callable[[], Stack]]:
        """Change the stack during the runs; see `Session.run`."""
        self._stack = self._first = stack
        engine = self._session.engine
        engine.pause_at(self._numbers, record=True)
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        try:
            yield self._seen
            self.passed = engine.passed()
        finally:
            engine.pause_at(())
            thread.join()
        if self._bug is not None:
            raise self._bug

    def _seen(self) -> Stack:
        """Return the current stack including deleted functions, so that their actions keep their names."""
        gone = {
            name: resource
            for name, resource in self._first.resources.items()
            if resource.type == FUNCTION and name not in self._stack.resources
        }
        return replace(
            self._stack,
            resources={**gone, **self._stack.resources},
            default_machine=self._first.default_machine,
            scp=self._first.scp,
            accept=self._first.accept,
        )

    def _work(self) -> None:
        engine = self._session.engine
        try:
            for before, after in self._steps:
                number = engine.paused(PATIENCE_S)
                if not number:
                    return
                try:
                    self._change(before, after, number)
                finally:
                    engine.go_on()
                if self.problem:
                    return
        except BaseException as error:  # the waiting thread raises it
            self._bug = error

    def _change(self, before: _Planned, after: _Planned, number: int) -> None:
        engine = self._session.engine
        if self._held and self.changes:
            engine.hold_back("")
            self.changes.append(Change(number, self.changes[-1].access))
            return
        try:
            engine.hold_back(self._held)
            self._stack = after.plan.update(self._session.clients, before.plan.planned)
        except (DeployError, TemplateError) as error:
            back = "rolled back" if self.changes else f"updated to that of {after.side.name}"
            self.problem = f"the stack cannot be {back}: {error}"
            return
        self.changes.append(Change(number, self._access_of(self._stack, after)))
