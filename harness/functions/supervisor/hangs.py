"""Detects invocations that hang on virtual time by their activity, not by their duration.

A function hangs when it, including its threads and children, has used `hang_s` of processor time within one
invocation. It also hangs when it has been idle for a quarter of that time without a call to the harness:
neither computing nor asleep on the clock. A sample is idle when no part of the function ran or could run.
Each sample counts with its nominal length, so that a slow, busy or paused machine does not affect the result.
A process stopped by a debugger or a signal is not idle. Before the supervisor stops an idle invocation, it
asks the host, which serves the calls. A pending call, or a call since the last query, resets the count.

Where this machine's processes cannot be read (no /proc, as on macOS), hangs are not detected.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .environment import Environment
from .processes import groups, threads_wait
from .work import Work

_SAMPLE_S = 1.0
_IDLE_SHARE = 4
_SAMPLES = 10  # minimum number of samples before an invocation counts as idle for too long


@dataclass
class _Watch:
    """The samples for one invocation."""

    environment: Environment
    cpu_s: float
    used_s: float = 0.0
    idle_s: float = 0.0
    calls: int = 0
    asked: bool = False


class Hangs:
    """Watches a supervisor's environments. `ask` is called with the ID of an idle invocation."""

    def __init__(self, ask: Callable[[str], None]) -> None:
        self._ask = ask
        self._watches: dict[Work, _Watch] = {}
        self._next_at: float | None = None
        self._can_read = sys.platform == "linux" and os.path.exists("/proc/self/stat")

    def check(self, environments: Iterable[Environment], now_s: float) -> float | None:
        """Take a sample if one is due. Return the time of the next sample, or None if nothing is watched."""
        if not self._can_read:
            return None
        watched = {work: each for each in environments if (work := each.watched)}
        if not watched:
            self._watches.clear()
            self._next_at = None
            return None
        period_s = min(_SAMPLE_S, *(_idle_limit_s(work) / _SAMPLES for work in watched))
        if self._next_at is None:  # most invocations end before the first sample
            self._next_at = now_s + period_s
        elif now_s >= self._next_at:
            self._next_at = now_s + period_s
            self._sample(watched, period_s)
        return self._next_at

    def answered(self, request_id: str, open_calls: int, calls: int) -> None:
        """Process the host's reply about an idle invocation: its pending calls, and its number of calls."""
        for work, watch in self._watches.items():
            if work.request_id == request_id and watch.asked:
                watch.asked = False
                if open_calls or calls != watch.calls:
                    watch.idle_s, watch.calls = 0.0, calls
                elif watch.idle_s >= _idle_limit_s(work):
                    watch.environment.hang(
                        f"it has been idle for {_idle_limit_s(work):g} s (a quarter of `hang`), outside of "
                        "any call to AWS and without sleeping on the clock"
                    )

    def _sample(self, watched: dict[Work, Environment], period_s: float) -> None:
        readings = groups({each.pid for each in watched.values()})
        before, self._watches = self._watches, {}
        for work, environment in watched.items():
            group = readings.get(environment.pid)
            if group is None:
                continue
            watch = before.get(work) or _Watch(environment, group.cpu_s)
            self._watches[work] = watch
            used_s = max(group.cpu_s - watch.cpu_s, 0.0)
            watch.cpu_s = group.cpu_s
            watch.used_s += used_s
            if watch.used_s >= work.request["hang_s"]:
                used = f"{work.request['hang_s']:g} s of processor time (`hang`)"
                environment.hang(
                    f"it has used {used} within one invocation (computing takes no time on its clock: "
                    "a loop that waits for something must sleep)"
                )
            elif work in before and not used_s and group.waits and all(map(threads_wait, group.pids)):
                watch.idle_s += period_s
                if watch.idle_s >= _idle_limit_s(work) and not watch.asked:
                    watch.asked = True
                    self._ask(work.request_id)


def _idle_limit_s(work: Work) -> float:
    return work.request["hang_s"] / _IDLE_SHARE
