"""Runs a simulation in a thread of its own, and decides when its time passes."""

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
    """An exception ended the executions of a simulation: a bug. The message is its traceback."""


class Runner:
    """The thread of one simulation, from `start` to `close`.

    An exception in it ends all executions that run; it goes to `on_bug`, and those that come later run.

    Args:
        outside: is told of the tasks because of which time stands still.
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
        self._beside: set[threading.Event] = set()  # those who wait for what holds no time
        self._patient: set[threading.Event] = set()  # those who wait on though nothing goes on
        self._asking: set[threading.Event] = set()  # those who have time pass also during a pause
        self._outside = outside or Outside()
        self._outside.begin_anew()
        simulation.outside = self._somebody_is_outside
        simulation.scheduler.on_standstill = self._stand_still
        simulation.pauses.asking = lambda: self._asking
        self._closed = False
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def step(self) -> None:
        """Let virtual time pass from now on only while somebody waits for it."""
        with self._simulation.scheduler.frozen():
            if self._mode is ClockMode.VIRTUAL:
                self._mode = ClockMode.STEPPED

    @property
    def stepped(self) -> bool:
        """True while time passes only when somebody waits for it."""
        return self._mode is ClockMode.STEPPED

    def close(self) -> None:
        """End the thread; who waits is told that it is over. The work outside must have been given up."""
        self._closed = True
        self._simulation.pauses.at(())
        with self._simulation.scheduler.frozen():
            self._release_all()
        self._thread.join()

    def wait(self, execution: Execution, timeout_s: float) -> bool:
        """Let time pass until an execution has ended; whether it did within `timeout_s` of real time.

        Returns before that when nothing can ever go on, as nobody outside is there (STEPPED).

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

        What is due at the end of them has begun, and its functions have been run.

        Raises:
            BrokenDown: the simulation has broken down.
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
        """Let time pass until something has ended; whether it did within `timeout_s` of real time.

        It did not, either, when the simulation is closed before.

        Args:
            ends: gets what is to be called at its end; it is called while the simulation stands still.
            in_pauses: time passes for it also while the simulation is paused, see Pauses.
            patient: it waits on when nothing can ever go on: somebody may begin something.

        Raises:
            BrokenDown: the simulation has broken down.
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
        """Say why an execution that runs can never go on; "" when it may.

        Args:
            is_of: tells if a task is of it, or of what it started; without it only its own are looked at.
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
            return "nothing is left that could let it go on"
        states = ", ".join(dict.fromkeys(task.state for task in asked))
        if all(task.activity_arn for task in asked):
            return f"it waits for a worker to take the task of {states}, and nothing is left that could"
        return f"it waits for the task token of {states}, and nothing is left that could send it back"

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
                self._stop_executions(f"A bug of the harness: {type(error).__name__}: {error}")
                with self._simulation.scheduler.frozen():  # what they wait for may never come
                    for done in list(self._beside):
                        self._release(done)
        with self._simulation.scheduler.frozen():
            self._release_all()

    def _somebody_is_outside(self) -> bool:
        """Return whether a caller outside the simulation, who does not wait for it, can answer a token."""
        return self._mode is ClockMode.VIRTUAL and not self._waiting

    def _stand_still(self) -> None:
        """Report the tasks that only somebody outside can end; nobody waits for them when nobody is there."""
        self._outside.tell(self._simulation.tokens.waiting(), self._simulation.clock.now())
        if self._mode is ClockMode.STEPPED:
            for done in {*self._waiting, *self._beside} - self._patient:
                self._release(done)

    def _holds(self) -> bool:
        pauses = self._simulation.pauses
        return self._mode is ClockMode.STEPPED and not (pauses.goes_on() if pauses.held else self._waiting)

    def _stop_executions(self, why: str) -> None:
        """End everything, so that whoever looks finds the reason as the cause."""
        for execution in list(self._simulation.executions):
            try:
                self._simulation.stop(execution, _ERROR, why)
            except Exception as error:
                self._on_bug(error)


def clock_of(mode: ClockMode, start: float = DEFAULT_START) -> Clock:
    """Make a clock of the kind that a mode needs; virtual ones begin at `start`, seconds since 1970."""
    return RealClock() if mode is ClockMode.REAL else VirtualClock(start)
