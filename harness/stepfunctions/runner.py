"""Runs a simulation in a thread of its own, and decides when its time passes."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Final

from harness.states import Clock, Execution, Livelock, RealClock, Simulation, VirtualClock
from harness.stepfunctions.task_time import ClockMode

_ERROR: Final = "Harness.Stopped"


class BrokenDown(RuntimeError):
    """An exception ended the executions of a simulation: a bug. The message is its traceback."""


class Runner:
    """The thread of one simulation, from `start` to `close`.

    An exception in it ends all executions that run; it goes to `on_bug`, and those that come later run.
    """

    def __init__(
        self,
        simulation: Simulation,
        mode: ClockMode,
        on_bug: Callable[[Exception], object] = traceback.print_exception,
    ) -> None:
        self._simulation = simulation
        self._mode = mode
        self._on_bug = on_bug
        self._waiting: set[threading.Event] = set()
        self._closed = False
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End the thread; who waits is told that it is over. The work outside must have been given up."""
        self._closed = True
        with self._simulation.scheduler.frozen():
            self._release_all()
        self._thread.join()

    def wait(self, execution: Execution, timeout_s: float) -> bool:
        """Let time pass until an execution has ended; whether it did within `timeout_s` of real time.

        Raises:
            BrokenDown: the simulation has broken down.
        """
        done = threading.Event()
        with self._simulation.scheduler.frozen():
            execution.on_end(lambda _: self._release(done))
            if execution.running:
                self._waiting.add(done)
        self._await(done, timeout_s)
        return not execution.running

    def sleep(self, seconds: float, timeout_s: float) -> bool:
        """Let `seconds` pass on the clock; whether they did within `timeout_s` of real time.

        Raises:
            BrokenDown: the simulation has broken down.
        """
        done = threading.Event()
        with self._simulation.scheduler.frozen():
            moment = self._simulation.clock.now() + seconds
            self._waiting.add(done)
            self._simulation.scheduler.at(moment, lambda: self._release(done))
        self._await(done, timeout_s)
        return self._simulation.clock.now() >= moment

    def _await(self, done: threading.Event, timeout_s: float) -> None:
        if not done.wait(timeout_s):
            self._simulation.scheduler.interrupt()
            self._waiting.discard(done)
        with self._simulation.scheduler.frozen():
            self._waiting.discard(done)
        if self._failure:
            raise BrokenDown(self._failure)

    def _release(self, done: threading.Event) -> None:
        self._waiting.discard(done)
        done.set()

    def _release_all(self) -> None:
        for done in list(self._waiting):
            self._release(done)

    def _run(self) -> None:
        while not self._closed:
            try:
                self._simulation.scheduler.run(stop=lambda: self._closed, hold=self._holds, serve=True)
            except Livelock as livelock:
                self._stop_executions(str(livelock))
            except Exception as error:
                self._failure = traceback.format_exc()
                self._on_bug(error)
                self._stop_executions(f"A bug of the harness: {type(error).__name__}: {error}")
        with self._simulation.scheduler.frozen():
            self._release_all()

    def _holds(self) -> bool:
        return self._mode is ClockMode.STEPPED and not self._waiting

    def _stop_executions(self, why: str) -> None:
        """End everything, so that whoever looks finds the reason as the cause."""
        for execution in list(self._simulation.executions):
            try:
                self._simulation.stop(execution, _ERROR, why)
            except Exception as error:
                self._on_bug(error)


def clock_of(mode: ClockMode) -> Clock:
    """A new clock of the kind that a mode needs; virtual ones begin at the same time."""
    return RealClock() if mode is ClockMode.REAL else VirtualClock()
