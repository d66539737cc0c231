"""Lets others run beside a thread that computes on and on while they could go on, or that is stuck.

A thread that waits in a loop for a variable which another thread is to set never gives the baton away. After
seconds of processor time it loses it without stopping; the same happens to one that waits really, in a way
that is not known here, while nobody computes. From then on chance decides who is first, and the log says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .baton import BATON, start_really

COMPUTING_S = 5.0
"""The processor time for which a thread may keep the baton while others could go on."""
STUCK_S = 2.0
"""The real time for which it may keep it without computing, outside of calls to the harness."""
_LOOK_S = 0.25

_real_sleep, _processor_s = time.sleep, time.process_time


class Watchdog:
    """A thread that looks at the others; `note` writes to the function's log."""

    def __init__(self, note: Callable[[str], object]) -> None:
        self._note = note
        self._started = False

    def start(self) -> None:
        """Begin to look, once."""
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
                "a thread goes on and on while others wait for their turn: they run beside it from now on, "
                "and the order may differ from run to run; let it wait with a lock, an event or a queue"
            )
