"""Engines for commands in this process: a released engine is emptied and serves the next command.

Starting an engine takes two seconds of CPU time. A command uses its engine as usual. Only the exit of its
process and the start of the next one are skipped, like a session skips them between scenarios.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from harness.engine.base import Endpoint, EngineError, scrubbed_environment
from harness.engine.child import Child
from harness.engine.moto.engine import START_TIMEOUT_S, MotoEngine
from harness.hidden import hide
from harness.stepfunctions.task_time import ClockMode

MOST = 2
"""The number of engines to keep. The least recently used is stopped first."""
OF_A_TEST = frozenset({"PYTEST_CURRENT_TEST", "XDG_CACHE_HOME", "PWD", "OLDPWD"})
"""Variables without effect on an engine."""


class Idle(NamedTuple):
    """An unused engine and its start parameters."""

    started_with: object
    child: Child
    endpoint: Endpoint
    control_url: str
    secret: str


class Pool:
    """The unused engines in this process, least recently used first."""

    def __init__(self) -> None:
        self._idle: list[Idle] = []
        self._owner = os.getpid()

    @property
    def is_ours(self) -> bool:
        """Return whether this process has created the engine. A forked process has not."""
        return os.getpid() == self._owner

    def take(self, started_with: object) -> Idle | None:
        """Take an engine that was started with the same parameters and still runs."""
        for idle in self._idle if self.is_ours else ():
            if idle.started_with == started_with:
                self._idle.remove(idle)
                return idle
        return None

    def give(self, idle: Idle) -> None:
        """Keep an engine. Stop surplus engines."""
        self._idle.append(idle)
        while len(self._idle) > MOST:
            self._idle.pop(0).child.stop()


POOL = Pool()


class KeptEngine(MotoEngine):
    """An embedded engine whose process is reused, unless it was changed in a way that a reset cannot undo."""

    _started_with: object = None
    _told = False

    def launch(self) -> None:
        """Take an existing engine, or start one."""
        if self._child.pid is not None:
            return
        env = {k: v for k, v in scrubbed_environment(os.environ).items() if k not in OF_A_TEST}
        self._told = bool(self._port)
        self._started_with = (self._world, self._place.region, self._place.account_id, env)
        if (idle := None if self._told else POOL.take(self._started_with)) is None:
            super().launch()
            return
        _, self._child, self._endpoint, self._control_url, self._secret = idle
        hide(self._secret)

    def stop(self) -> None:
        """Empty and keep the engine. Stop it after an error, or after a change that cannot be undone."""
        endpoint = self._endpoint
        if endpoint is None or self._told or not POOL.is_ours or sys.exc_info()[0] is not None:
            super().stop()
            return
        try:
            self.set_clock_mode(ClockMode.VIRTUAL)
            self.set_network(())
            self.reset()
        except EngineError:
            super().stop()
            return
        POOL.give(Idle(self._started_with, self._child, endpoint, self._control_url, self._secret))
        self._child, self._endpoint = Child("moto", START_TIMEOUT_S), None

    def measure(self, *, arcs: bool) -> bool:
        """Measure permanently from now on."""
        self._told = True
        return super().measure(arcs=arcs)

    def admit(self, *, anybody: bool, origins: Sequence[str]) -> bool:
        """Admit others permanently from now on."""
        self._told = True
        return super().admit(anybody=anybody, origins=origins)

    def set_clock_mode(self, mode: ClockMode, *, people: bool = False) -> None:
        """Set the clock; with people, a reset keeps it."""
        self._told = self._told or people
        super().set_clock_mode(mode, people=people)
