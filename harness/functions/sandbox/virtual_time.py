"""A clock that stands still while code runs, and moves when the function sleeps.

Virtual are `time.time()`, `datetime.now()`, `utcnow()` and `today()`, `date.today()`, `time.localtime()`,
`gmtime()` and `strftime()` without a time, and so the records of `logging` and the context's remaining time:
the library time-machine redirects the C functions behind them, whoever imported them and when. It leaves
`time.monotonic()`, `time.perf_counter()` and `time.sleep()` alone, for good reasons where others share the
process; here they are replaced in the `time` module, before any other code is loaded.

A sleep is a request to whoever holds the virtual time: `POST sleep_url` with
`{"request_id": "...", "seconds": 1.5}`, answered with `{"now": <Unix time>}` when that time has come.
Every sleeping thread makes its own. Time passes as soon as one thread sleeps, whatever the others do.
The clock counts in whole microseconds; a sleep is one at least.

So that pauses of a random length are the same on every run, also those of botocore, each invocation begins
with the module `random` seeded by its request id. `secrets`, `uuid4()` and `os.urandom()` stay as they are.

Real stays whatever waits for something outside of Python: time-outs of locks, `threading.Event.wait()`,
`select`, sockets, and so asyncio (`asyncio.sleep()` too), `queue`, `subprocess`, `concurrent.futures` and
`multiprocessing`, which count such waits with `time.monotonic()`: called from there it gives the real time,
or their loops would never end. Real are also `time.process_time()`, `time.thread_time()`,
`time.clock_gettime()` of clocks other than CLOCK_REALTIME, and other programs that a function starts.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..shared.sandbox_protocol import CLOCK_MODULES, ClockReport, ClockSetting, InvocationSetting

if TYPE_CHECKING:
    from .side_channel import SideChannel

_WAITS_IN_REAL_TIME = frozenset(
    {"asyncio", "concurrent", "multiprocessing", "queue", "socketserver", "subprocess", "threading"}
)
_SLEEPS_IN_REAL_TIME = frozenset({"subprocess"})  # Popen.wait with a time-out
_US = 1_000_000

_real_sleep = time.sleep


class VirtualClock:
    """The clock of an environment's process; `library` is the folder that has time-machine.

    In its order: `load`; `install`, which alone changes nothing that can be seen; `start`; then, for each
    invocation, `begin` and `end`.
    """

    def __init__(self, library: str) -> None:
        self._library = library
        self._http: Any
        self._traveller: Any
        self._side: SideChannel
        self._setting: ClockSetting
        self._now_us = 0
        self._deadline_us = 0
        self._monotonic_us = 0
        self._asleep = 0
        self._lock = threading.Lock()
        self._running = threading.Event()
        self._replacements = {
            "monotonic": _Replacement(time.monotonic, self._monotonic, _WAITS_IN_REAL_TIME),
            "monotonic_ns": _Replacement(time.monotonic_ns, self._monotonic_ns, _WAITS_IN_REAL_TIME),
            "perf_counter": _Replacement(time.perf_counter, self._monotonic, _WAITS_IN_REAL_TIME),
            "perf_counter_ns": _Replacement(time.perf_counter_ns, self._monotonic_ns, _WAITS_IN_REAL_TIME),
            "sleep": _Replacement(time.sleep, self._sleep, _SLEEPS_IN_REAL_TIME),
        }

    def load(self) -> None:
        """Import time-machine, from its own folder.

        Raises:
            ImportError: it is not there.
        """
        sys.path.insert(0, self._library)
        try:
            importlib.import_module("time_machine")
        finally:
            sys.path.remove(self._library)
        self._http = _private_copy("http.client")  # functions may well patch the public one, for tracing

    def install(self) -> None:
        """Have what is imported from now on use replacements, which do what they replace until `start`."""
        for name, replacement in self._replacements.items():
            setattr(time, name, replacement)

    def uninstall(self) -> None:
        """Undo `install`."""
        for name, replacement in self._replacements.items():
            setattr(time, name, replacement.real)

    def hide(self) -> None:
        """Leave nothing of time-machine to be imported, in a process that keeps the real time."""
        for name in CLOCK_MODULES:
            sys.modules.pop(name, None)

    def start(self, side: SideChannel, setting: ClockSetting) -> None:
        """From now on the time is virtual; `setting` is that of the invocation that is to come."""
        self._side = side
        self._traveller = sys.modules["time_machine"].travel(0, tick=False).start()
        for replacement in self._replacements.values():
            replacement.active = True
        self._set(setting)
        self._sleep_in_adaptive_retries()

    def watch(self, on_read: Callable[[], None]) -> Callable[[], None]:
        """Call `on_read` whenever the time is read, until what this gives is called. After `start`."""
        traveller: Any = type(self._traveller)
        real = traveller.time_ns

        def time_ns(self: Any) -> int:
            on_read()
            now_ns: int = real(self)
            return now_ns

        traveller.time_ns = time_ns
        for name, replacement in self._replacements.items():
            replacement.on_call = None if name == "sleep" else on_read

        def restore() -> None:
            traveller.time_ns = real
            for replacement in self._replacements.values():
                replacement.on_call = None

        return restore

    def begin(self, setting: InvocationSetting) -> None:
        """Begin an invocation of a function whose clock is virtual."""
        if setting["clock"]:
            self._set(setting["clock"])

    def end(self) -> None:
        """An invocation has ended: threads that sleep from now on do so until the next one, as on Lambda."""
        self._running.clear()

    def _set(self, setting: ClockSetting) -> None:
        with self._lock:
            self._setting = setting
            self._deadline_us = round(setting["deadline_s"] * _US)
            self._asleep = 0
            self._move_to(round(setting["now_s"] * _US))
        random.seed(setting["request_id"])
        self._running.set()

    def _move_to(self, now_us: int) -> None:
        passed_us = now_us - self._now_us
        self._traveller.shift(timedelta(microseconds=passed_us))
        self._monotonic_us += max(passed_us, 0)  # never backwards, if an invocation is before the last
        self._now_us = now_us

    def _monotonic(self) -> float:
        return self._monotonic_us / _US

    def _monotonic_ns(self) -> int:
        return self._monotonic_us * 1000

    def _sleep(self, seconds: float) -> None:
        _real_sleep(min(seconds, 0))  # which raises for what is not a length of time
        if not seconds:
            return
        self._running.wait()
        with self._lock:
            setting = self._setting
            left_us = max(self._deadline_us - self._now_us, 0)
            length_us = min(max(round(min(seconds, left_us / _US) * _US), 1), left_us)
            self._asleep += 1
            self._report()
        failure = None
        try:
            now_us = self._ask(setting, length_us / _US)
        except Exception as error:
            now_us, failure = 0, error
        self._running.wait()
        with self._lock:
            if self._setting is not setting:  # that invocation is over, and nobody cares for its sleeps
                return
            self._asleep -= 1
            self._move_to(max(now_us, self._now_us))
            expired = self._now_us >= self._deadline_us
            self._report(expired=expired)
        while expired:  # until the supervisor has stopped this process
            _real_sleep(60)
        if failure:
            raise failure

    def _ask(self, setting: ClockSetting, seconds: float) -> int:
        """Sleep; the time afterwards, in microseconds."""
        url = urlsplit(setting["sleep_url"])
        connection = self._http.HTTPConnection(url.hostname, url.port, timeout=None)
        try:
            body = json.dumps({"request_id": setting["request_id"], "seconds": seconds})
            target = url._replace(scheme="", netloc="").geturl() or "/"
            connection.request("POST", target, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise RuntimeError(
                f"The virtual clock answered {response.status}: {answer.decode(errors='replace')}"
            )
        now_s: float = json.loads(answer)["now"]
        return round(now_s * _US)

    def _report(self, *, expired: bool = False) -> None:
        report: ClockReport = {
            "request_id": self._setting["request_id"],
            "now_s": self._now_us / _US,
            "asleep": self._asleep > 0,
            "expired": expired,
        }
        self._side.send("clock", report)

    def _sleep_in_adaptive_retries(self) -> None:
        """Let botocore's retry mode `adaptive`, which waits with a condition's time-out, sleep instead."""
        try:
            bucket: Any = importlib.import_module("botocore.retries.bucket")
        except ImportError:  # an old one that the function brings
            return
        condition = functools.partial(_SleepingCondition, self._sleep)
        bucket.threading = SimpleNamespace(Lock=threading.Lock, Condition=condition)


class _Replacement:
    """Stands where a function of the `time` module stood: an object, as those are no methods in a class.

    Once `active` it calls `virtual`, except for callers in the packages `real_for`.
    """

    active = False
    on_call: Callable[[], None] | None = None

    def __init__(
        self, real: Callable[..., object], virtual: Callable[..., object], real_for: frozenset[str]
    ) -> None:
        functools.update_wrapper(self, real)
        self.real = real
        self._virtual = virtual
        self._real_for = real_for

    def __call__(self, *args: object) -> object:
        if not self.active:
            return self.real(*args)
        if self.on_call:
            self.on_call()
        caller: str = sys._getframe(1).f_globals.get("__name__") or ""
        chosen = self.real if caller.partition(".")[0] in self._real_for else self._virtual
        return chosen(*args)

    def __reduce__(self) -> str:
        return self.real.__name__  # pickled, and copied, by its name in `time`, like what it replaces

    def __repr__(self) -> str:
        return repr(self.real)


class _SleepingCondition(threading.Condition):
    def __init__(self, sleep: Callable[[float], None], lock: Any) -> None:
        super().__init__(lock)
        self._sleep = sleep

    def wait(self, timeout: float | None = None) -> bool:
        self.release()
        try:
            self._sleep(timeout or 0)
        finally:
            self.acquire()
        return False


def _private_copy(name: str) -> ModuleType:
    """Another instance of a module, which nobody else has."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
