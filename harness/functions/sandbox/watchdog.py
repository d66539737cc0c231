"""Lets other threads run in parallel with a thread that keeps computing or is stuck.

A thread that polls a variable in a loop, and relies on another thread to set it, never passes the baton on.
After several seconds of processor time, it loses the baton but continues to run. The same happens to a thread
that is blocked in an unknown real wait while no thread computes. From then on, the order of threads is not
deterministic, and a line in the log reports this.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .baton import BATON, start_really

COMPUTING_S = 5.0
"""The processor time during which a thread may keep the baton while other threads are runnable."""
STUCK_S = 2.0
"""The real time during which it may keep the baton without computing, outside calls to the harness."""
_LOOK_S = 0.25

_real_sleep, _processor_s = time.sleep, time.process_time


class Watchdog:
    """A thread that watches the other threads; `note` writes to the function's log."""

    def __init__(self, note: Callable[[str], object]) -> None:
        self._note = note
        self._started = False

    def start(self) -> None:
        """Start watching, once."""
        if not self._started:
            self._started = True
            start_really(self._watch, ())

    def _watch(self) -> None:
        seen, since_s, idle_s = -1, 0.0, 0.0
        last_s = 0.0
        while True:
            _real_sleep(_LOOK_S)
            used_s = _processor_s()
            if BATON.handed_over != seen or BATON.calling or BATON.idle:
                seen, since_s, idle_s = BATON.handed_over, used_s, 0.0
            idle_s = idle_s + _LOOK_S if used_s - last_s < _LOOK_S / 10 else 0.0
            last_s = used_s
            if used_s - since_s >= COMPUTING_S or idle_s >= STUCK_S:
                self._let_others_run()
                idle_s, since_s = 0.0, used_s

    def _let_others_run(self) -> None:
        if BATON.set_aside():
            self._note(
                "a thread keeps running while others wait for their turn: they now run in parallel, "
                "and the order may differ from run to run; make the thread wait with a lock, an event or a "
                "queue"
            )
