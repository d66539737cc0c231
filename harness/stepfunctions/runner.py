"""Runs a simulation in a separate thread, and decides when its time passes."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Final

from harness.states import (
    DEFAULT_START,
    Clock,
    Execution,
    Livelock,
    RealClock,
    Simulation,
    VirtualClock,
    Waiting,
)
from harness.stepfunctions.outside import Outside
from harness.stepfunctions.task_time import ClockMode

_ERROR: Final = "Harness.Stopped"


class BrokenDown(RuntimeError):
    """An exception in the simulation ended its executions. This is a bug. The message is the traceback."""


class Runner:
    """A simulation's thread, from `start` to `close`.

    An exception in the thread ends all running executions and is passed to `on_bug`. Executions started later
    are not affected.

    Args:
        outside: receives the tasks that stop the virtual time because only an external caller can end them.
    """

    def __init__(
        self,
        simulation: Simulation,
        mode: ClockMode,
        on_bug: Callable[[Exception], object] = traceback.print_exception,
        outside: Outside | None = None,
    ) -> None:
        self._simulation = simulation
        self._mode = mode
        self._on_bug = on_bug
        self._waiting: set[threading.Event] = set()
        self._beside: set[threading.Event] = set()  # callers that wait without making time pass
        self._patient: set[threading.Event] = set()  # callers that continue to wait at a standstill
        self._asking: set[threading.Event] = set()  # callers that let time pass even during a pause
        self._outside = outside or Outside()
        self._outside.begin_anew()
        simulation.outside = self._somebody_is_outside
        simulation.scheduler.on_standstill = self._stand_still
        simulation.pauses.asking = lambda: self._asking
        self._closed = False
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def step(self) -> None:
        """Switch to letting virtual time pass only while a caller waits for it."""
        with self._simulation.scheduler.frozen():
            if self._mode is ClockMode.VIRTUAL:
                self._mode = ClockMode.STEPPED

    @property
    def stepped(self) -> bool:
        """True if time passes only while a caller waits for it."""
        return self._mode is ClockMode.STEPPED

    def close(self) -> None:
        """End the thread and release all waiting callers. External work must already be cancelled."""
        self._closed = True
        self._simulation.pauses.at(())
        with self._simulation.scheduler.frozen():
            self._release_all()
        self._thread.join()

    def wait(self, execution: Execution, timeout_s: float) -> bool:
        """Let time pass until an execution ends. Return whether it ended within `timeout_s` of real time.

        Return earlier if the simulation can never continue because no external caller exists (STEPPED).

        Raises:
            BrokenDown: the simulation has crashed.
        """
        done = threading.Event()
        with self._simulation.scheduler.frozen():
            execution.on_end(lambda _: self._release(done))
            if execution.running:
                self._waiting.add(done)
        self._await(done, timeout_s)
        return not execution.running

    def sleep(self, seconds: float, timeout_s: float) -> bool:
        """Let `seconds` pass on the clock. Return whether they passed within `timeout_s` of real time.

        Work that is scheduled for the end of this period has begun by then, and its functions have run.

        Raises:
            BrokenDown: the simulation has crashed.
        """
        done = threading.Event()
        with self._simulation.scheduler.frozen():
            moment = self._simulation.clock.now() + seconds
            self._waiting.add(done)
            self._simulation.scheduler.at_end_of(moment, lambda: self._release(done))
        self._await(done, timeout_s)
        return self._simulation.clock.now() >= moment

    def until(
        self,
        ends: Callable[[Callable[[], None]], None],
        timeout_s: float | None = None,
        *,
        in_pauses: bool = False,
        patient: bool = False,
    ) -> bool:
        """Let time pass until an event. Return whether it occurred within `timeout_s` of real time.

        Also return False if the simulation is closed first.

        Args:
            ends: takes the callback for the event; it is called while the simulation stands still.
            in_pauses: let time pass even while the simulation is paused; see Pauses.
            patient: continue to wait at a standstill, because another caller may start new work.

        Raises:
            BrokenDown: the simulation has crashed.
        """
        done, ended = threading.Event(), threading.Event()

        def end() -> None:
            ended.set()
            self._release(done)

        with self._simulation.scheduler.frozen():
            (self._waiting if self._mode is ClockMode.STEPPED else self._beside).add(done)
            if in_pauses:
                self._asking.add(done)
            if patient:
                self._patient.add(done)
            ends(end)
            if self._closed:
                self._release(done)
        self._await(done, timeout_s)
        return ended.is_set()

    def standstill(self, execution: Execution, is_of: Callable[[Waiting], bool] | None = None) -> str:
        """Return the reason why a running execution can never continue, or "" if it can.

        Args:
            is_of: returns whether a task belongs to the execution, or to an execution that it started.
                Default: only tasks in the execution itself.
        """
        is_of = is_of or (lambda task: task.execution_arn == execution.arn)
        with self._simulation.scheduler.frozen():
            if (
                self._mode is not ClockMode.STEPPED
                or not execution.running
                or self._simulation.scheduler.busy
            ):
                return ""
            asked = [task for task in self._simulation.tokens.waiting() if is_of(task)]
        if not asked:
            return "nothing is left that can continue it"
        states = ", ".join(dict.fromkeys(task.state for task in asked))
        if all(task.activity_arn for task in asked):
            return f"it waits for a worker to take the task of {states}, and nothing is left that can take it"
        return f"it waits for the task token of {states}, and nothing is left that can return it"

    def _await(self, done: threading.Event, timeout_s: float | None) -> None:
        if not done.wait(timeout_s):
            self._simulation.scheduler.interrupt()
            self._waiting.discard(done)
        with self._simulation.scheduler.frozen():
            self._waiting.discard(done)
            self._beside.discard(done)
            self._asking.discard(done)
            self._patient.discard(done)
        if self._failure:
            raise BrokenDown(self._failure)

    def _release(self, done: threading.Event) -> None:
        self._waiting.discard(done)
        self._beside.discard(done)
        self._asking.discard(done)
        done.set()

    def _release_all(self) -> None:
        for done in (*self._waiting, *self._beside):
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
                self._stop_executions(f"A bug in the harness: {type(error).__name__}: {error}")
                with self._simulation.scheduler.frozen():  # the event that they wait for may never occur
                    for done in list(self._beside):
                        self._release(done)
        with self._simulation.scheduler.frozen():
            self._release_all()

    def _somebody_is_outside(self) -> bool:
        """Return whether a token can be used by an external caller that is not itself waiting for the
        simulation.
        """
        return self._mode is ClockMode.VIRTUAL and not self._waiting

    def _stand_still(self) -> None:
        """Report tasks that only an external caller can end. If no external caller exists, end the waits."""
        self._outside.tell(self._simulation.tokens.waiting(), self._simulation.clock.now())
        if self._mode is ClockMode.STEPPED:
            for done in {*self._waiting, *self._beside} - self._patient:
                self._release(done)

    def _holds(self) -> bool:
        pauses = self._simulation.pauses
        return self._mode is ClockMode.STEPPED and not (pauses.goes_on() if pauses.held else self._waiting)

    def _stop_executions(self, why: str) -> None:
        """Stop all executions, with the given reason as their cause."""
        for execution in list(self._simulation.executions):
            try:
                self._simulation.stop(execution, _ERROR, why)
            except Exception as error:
                self._on_bug(error)


def clock_of(mode: ClockMode, start: float = DEFAULT_START) -> Clock:
    """Return the clock for a mode. Virtual clocks begin at `start`, in seconds since 1970."""
    return RealClock() if mode is ClockMode.REAL else VirtualClock(start)
