"""A clock that stands still while code runs, and advances when no thread of the function's process can run.

These functions use virtual time: `time.time()`, `datetime.now()`, `utcnow()` and `today()`, `date.today()`,
and `time.localtime()`, `gmtime()` and `strftime()` when they are called without a time. So do `logging`
records and the context's remaining time. The time-machine library redirects the underlying C functions,
however they were imported. This module replaces `time.monotonic()`, `time.perf_counter()`,
`time.clock_gettime()` and `time.sleep()`. It also replaces threading primitives: locks (and so events,
conditions, queues, executors), `Thread.join()`, timers, `select` and `selectors` (and so asyncio), sockets
within the process, and alarms. The replacements are installed before any other code is loaded, and behave
like the originals until the clock starts.

Threads run one at a time, in a fixed order (`baton`). When no thread can run, the process sends a request to
the virtual time server: `POST sleep_url` with `{"request_id": "...", "seconds": 1.5}`. The response is
`{"now": <Unix time>}`, when that time has come. When threads wait for AWS calls that take time on the clock,
the request lists these `calls`. The server then responds early if one of these calls gets a response, and
lists the calls that were `answered`. The clock counts in whole microseconds; a sleep takes at least one.

After an invocation, no thread gets the baton before the next one: threads are frozen, as on Lambda. Their
timeouts continue to run.

These stay real: `time.process_time()` and `time.thread_time()`; timers for processor time (`ITIMER_VIRTUAL`,
`ITIMER_PROF`); other programs, which see the real date and take no time on the clock (`children`);
`time.sleep()` in forked Python processes; `sigtimedwait()`; and system calls through `ctypes`. The function's
log reports once that it uses the first two, sleeps in a forked process, or has a thread that never waits.
"""

from __future__ import annotations

import _thread
import importlib.util
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..shared.sandbox_protocol import CLOCK_MODULES, ClockReport, ClockSetting, InvocationSetting
from . import alarms, children, thread_starts, waiting
from .baton import BATON, US, deadline_of
from .locks import Lock, RLock
from .posting import post
from .replacements import Replaced, Replacement, Replacements
from .watchdog import Watchdog

if TYPE_CHECKING:
    from .side_channel import SideChannel

_STEADY = ("CLOCK_MONOTONIC", "CLOCK_MONOTONIC_RAW", "CLOCK_MONOTONIC_COARSE", "CLOCK_BOOTTIME")

_real_sleep = time.sleep
_real_texts = time.asctime, time.ctime
_real_time = time.clock_gettime, time.clock_gettime_ns, time.get_clock_info


class VirtualClock:
    """The clock in an environment's process; `library` is the folder that contains time-machine.

    Call order: `load`; `install`, which alone has no visible effect; `start`; then, for each invocation,
    `begin` and `end`.

    Attributes:
        steady_us: `time.monotonic` in microseconds.
        deadline_us: the time of the function's timeout, on the same scale.
        process: the name of this process within its environment, or "" for the first one.
    """

    def __init__(self, library: str) -> None:
        self._library = library
        self._traveller: Any
        self._side: SideChannel
        self._setting: ClockSetting
        self._now_us = 0
        self.deadline_us = 0
        self.steady_us = 0
        self.process = ""
        self._replacements = Replacements()
        self._watchdog = Watchdog(self.note)
        self._noted: set[str] = set()
        self._functions = [
            *(Replacement(real, self._steady_s) for real in (time.monotonic, time.perf_counter)),
            *(Replacement(real, self._steady_ns) for real in (time.monotonic_ns, time.perf_counter_ns)),
            Replacement(time.sleep, self._sleep),
            Replacement(time.clock_gettime, self._clock_gettime),
            Replacement(time.clock_gettime_ns, self._clock_gettime_ns),
            Replacement(time.get_clock_info, self._get_clock_info),
            Replacement(time.asctime, lambda *given: _real_texts[0](*given or (time.localtime(),))),
            Replacement(time.ctime, lambda *given: _real_texts[1](*given or (time.time(),))),
            *(Replacement(real, self._noting(real)) for real in (time.process_time, time.process_time_ns)),
            *(Replacement(real, self._noting(real)) for real in (time.thread_time, time.thread_time_ns)),
        ]
        self._steady_clocks = {getattr(time, name) for name in _STEADY if hasattr(time, name)}

    def load(self) -> None:
        """Import time-machine from its own folder.

        Raises:
            ImportError: it is not installed.
        """
        sys.path.insert(0, self._library)
        try:
            importlib.import_module("time_machine")
        finally:
            sys.path.remove(self._library)

    def install(self) -> None:
        """Install replacements for later imports; they behave like the originals until `start`."""
        simple_queue: Any = queue._PySimpleQueue  # type: ignore[attr-defined]
        wanted: list[Replaced] = [(time, each.real.__name__, each) for each in self._functions]
        wanted += [
            *((_thread, name, Lock) for name in ("allocate_lock", "allocate", "LockType")),
            *((threading, name, Lock) for name in ("Lock", "_allocate_lock")),
            (_thread, "RLock", RLock),
            (threading, "_CRLock", RLock),
            (queue, "SimpleQueue", simple_queue),
            *thread_starts.replacements(),
            *waiting.replacements(),
            *children.replacements(),
            *alarms.replacements(),
        ]
        if hasattr(_thread, "lock"):
            wanted.append((_thread, "lock", Lock))
        self._replacements.install(wanted)

    def uninstall(self) -> None:
        """Undo `install`."""
        self._replacements.uninstall()

    def hide(self) -> None:
        """Remove time-machine from the imported modules, in a process with real time."""
        for name in CLOCK_MODULES:
            sys.modules.pop(name, None)

    def start(self, side: SideChannel, setting: ClockSetting) -> None:
        """Switch to virtual time; `setting` is the next invocation's setting."""
        self._side = side
        self._traveller = sys.modules["time_machine"].travel(0, tick=False).start()
        self._on_time(BATON.read)
        for replacement in self._functions:
            replacement.active = True
        BATON.on_second = self._watchdog.start
        BATON.start(self)
        self._set(setting)
        os.register_at_fork(after_in_child=self._forked)

    def watch(self, on_read: Callable[[], None]) -> Callable[[], None]:
        """Call `on_read` whenever the time is read, until the returned function is called. Needs `start`."""
        undo = self._on_time(on_read)
        for replacement in self._functions:
            replacement.on_call = None if replacement.real is _real_sleep else on_read

        def restore() -> None:
            undo()
            for replacement in self._functions:
                replacement.on_call = None

        return restore

    def _on_time(self, on_read: Callable[[], None]) -> Callable[[], None]:
        """Call `on_read` whenever the date is read, until the returned function is called."""
        traveller: Any = type(self._traveller)
        real = traveller.time_ns

        def time_ns(self: Any) -> int:
            on_read()
            now_ns: int = real(self)
            return now_ns

        traveller.time_ns = time_ns
        return lambda: setattr(traveller, "time_ns", real)

    def begin(self, setting: InvocationSetting) -> None:
        """Begin an invocation of a function that has a virtual clock."""
        if setting["clock"]:
            self._set(setting["clock"])
        BATON.calling = False

    def end(self) -> None:
        """End an invocation: no thread gets the baton before the next one, as on Lambda."""
        BATON.calling = True

    def note(self, what: str) -> None:
        """Log a cause of differences between runs in the function's log, once."""
        if what not in self._noted:
            self._noted.add(what)
            os.write(2, f"[harness] {what}\n".encode())

    def _set(self, setting: ClockSetting) -> None:
        self._setting = setting
        self.move_to(round(setting["now_s"] * US))
        self.deadline_us = self.steady_us + round((setting["deadline_s"] - setting["now_s"]) * US)
        waiting.serve_by(_addresses(setting["sleep_url"]))

    def move_to(self, now_us: int) -> None:
        """Set the Unix time, in microseconds. `steady_us` never goes backwards."""
        passed_us = now_us - self._now_us
        self._traveller.shift(timedelta(microseconds=passed_us))
        self.steady_us += max(passed_us, 0)  # an invocation may begin earlier than the previous one
        self._now_us = now_us

    def rest(self, until_us: int, calls: list[str]) -> list[str]:
        """Advance the clock to a time, or until some AWS calls have responses; return those calls."""
        self._report(asleep=True)
        asked: dict[str, object] = {"request_id": self._setting["request_id"]}
        asked["seconds"] = (until_us - self.steady_us) / US
        if calls:
            asked["calls"] = calls
        answer: dict[str, Any] = {}
        try:
            answer = post(self._setting["sleep_url"], asked)
        finally:
            self.move_to(max(round(answer.get("now", 0) * US), self._now_us))
            expired = self.steady_us >= self.deadline_us
            self._report(expired=expired)
        while expired:  # until the supervisor has stopped this process
            _real_sleep(60)
        answered: list[str] = answer.get("answered", [])
        return answered

    def _sleep(self, seconds: float) -> None:
        _real_sleep(min(seconds, 0))  # raises for an invalid duration
        if BATON.me() is None:
            self._sleep_aside(seconds)
        elif seconds:
            BATON.wait(deadline_of(self, seconds))
        elif BATON.ready:
            BATON.pause()
        else:
            BATON.polled()

    def _sleep_aside(self, seconds: float) -> None:
        if self.process:
            self.note("time.sleep() in a process forked by the function takes real time")
        _real_sleep(seconds)
        if self.process:
            self.move_to(self._now_us + round(seconds * US))

    def _steady_s(self) -> float:
        BATON.read()
        return self.steady_us / US

    def _steady_ns(self) -> int:
        BATON.read()
        return self.steady_us * 1000

    def _clock_gettime(self, clock: int, /) -> float:
        return self._steady_s() if clock in self._steady_clocks else _real_time[0](clock)

    def _clock_gettime_ns(self, clock: int, /) -> int:
        return self._steady_ns() if clock in self._steady_clocks else _real_time[1](clock)

    def _get_clock_info(self, name: str, /) -> Any:
        info: Any = _real_time[2](name)  # type: ignore[arg-type]
        if name in ("monotonic", "perf_counter"):
            info.resolution = 1 / US  # asyncio runs callbacks that are due within the resolution
        return info

    def _noting(self, real: Callable[[], object]) -> Callable[[], object]:
        def noted() -> object:
            self.note(f"time.{real.__name__}() is real processor time: it differs from run to run")
            return real()

        return noted

    def _report(self, *, asleep: bool = False, expired: bool = False) -> None:
        report: ClockReport = {
            "request_id": self._setting["request_id"],
            "now_s": self._now_us / US,
            "asleep": asleep,
            "expired": expired,
        }
        self._side.send("clock", report)

    def set_aside(self) -> None:
        """Switch to waiting in real time, for a template that waits for fork requests."""
        BATON.active = False

    def adopt(self) -> None:
        """Become an environment's first process, as a fork of its template."""
        BATON.active = True
        self.process = ""

    def _forked(self) -> None:
        """Continue in a forked process, which has its own time from now on and sleeps in real time."""
        for member in BATON.forked():
            for callback in member.on_end:
                callback()
        BATON.active = False
        self.process = f"{os.getpid()}."


def _addresses(sleep_url: str) -> list[tuple[str, int]]:
    """Return the addresses that the harness serves: the clock, AWS, and the Runtime API."""
    urls = [os.environ[name] for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]
    urls += [sleep_url, f"http://{os.environ.get('AWS_LAMBDA_RUNTIME_API', '')}"]
    parts = [urlsplit(url) for url in urls]
    return [
        ("127.0.0.1" if each.hostname == "localhost" else each.hostname or "", each.port or 80)
        for each in parts
    ]
