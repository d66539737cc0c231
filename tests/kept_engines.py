"""Engines of commands that run in this process: one that has ended serves the next command, emptied.

A start costs two seconds of processor time. A command does as always what it does with its engine; only the
end of its process and the start of the next one are left out, as a session leaves them out between scenarios.
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
"""So many are kept; the one that was used longest ago goes first."""
OF_A_TEST = frozenset({"PYTEST_CURRENT_TEST", "XDG_CACHE_HOME", "PWD", "OLDPWD"})
"""Variables that decide nothing in an engine."""


class Idle(NamedTuple):
    """An engine that nobody uses, and what it was started with."""

    started_with: object
    child: Child
    endpoint: Endpoint
    control_url: str
    secret: str


class Pool:
    """The engines that nobody uses, those that were used longest ago first; of one process."""

    def __init__(self) -> None:
        self._idle: list[Idle] = []
        self._owner = os.getpid()

    @property
    def is_ours(self) -> bool:
        """Tell whether this process has made it; one that was forked has not."""
        return os.getpid() == self._owner

    def take(self, started_with: object) -> Idle | None:
        """Take one out that was started with the same and is still there."""
        for idle in self._idle if self.is_ours else ():
            if idle.started_with == started_with:
                self._idle.remove(idle)
                return idle
        return None

    def give(self, idle: Idle) -> None:
        """Keep one; end those that are too many."""
        self._idle.append(idle)
        while len(self._idle) > MOST:
            self._idle.pop(0).child.stop()


POOL = Pool()


class KeptEngine(MotoEngine):
    """An embedded engine whose process is given on, unless it was told what a reset does not take back."""

    _started_with: object = None
    _told = False

    def launch(self) -> None:
        """Take one that is there, or start one."""
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
        """Empty and keep it; end it where something went wrong, or where it was told too much."""
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
        """Measure, from then on for ever."""
        self._told = True
        return super().measure(arcs=arcs)

    def admit(self, *, anybody: bool, origins: Sequence[str]) -> bool:
        """Admit others, from then on for ever."""
        self._told = True
        return super().admit(anybody=anybody, origins=origins)

    def set_clock_mode(self, mode: ClockMode, *, people: bool = False) -> None:
        """Set the clock; with people, a reset keeps it."""
        self._told = self._told or people
        super().set_clock_mode(mode, people=people)
