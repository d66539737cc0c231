"""Alarms on the clock: `signal.alarm`, `signal.setitimer(ITIMER_REAL)` and `signal.pause`.

An alarm goes off when its time comes and no thread can run before it. The main thread then interrupts its
wait to run the handler. The wait continues afterwards, unless the handler raises an exception.
"""

from __future__ import annotations

import math
import signal

from .baton import BATON, US

_real_alarm, _real_setitimer, _real_getitimer = signal.alarm, signal.setitimer, signal.getitimer
_real_pause = signal.pause


def alarm(seconds: int, /) -> int:
    """Replace `signal.alarm`."""
    if BATON.me() is None:
        return _real_alarm(seconds)
    return math.ceil(_set(int(seconds), 0.0)[0])


def setitimer(which: int, seconds: float, interval: float = 0.0, /) -> tuple[float, float]:
    """Replace `signal.setitimer`. Timers for processor time stay real."""
    if which != signal.ITIMER_REAL or BATON.me() is None:
        return _real_setitimer(which, seconds, interval)
    if seconds < 0 or interval < 0:
        raise signal.ItimerError(22, "Invalid argument")
    return _set(seconds, interval)


def getitimer(which: int, /) -> tuple[float, float]:
    """Replace `signal.getitimer`."""
    if which != signal.ITIMER_REAL or BATON.me() is None:
        return _real_getitimer(which)
    return _left()


def pause() -> None:
    """Replace `signal.pause`. On the virtual clock, only alarms end it."""
    if BATON.me() is None:
        _real_pause()
        return
    gone_off = BATON.alarms
    BATON.watch(lambda: True if BATON.alarms > gone_off else None, None)


def _set(seconds: float, interval: float) -> tuple[float, float]:
    before = _left()
    BATON.alarm_every_us = round(interval * US)
    BATON.alarm_us = BATON.clock.steady_us + max(round(seconds * US), 1) if seconds else 0
    return before


def _left() -> tuple[float, float]:
    left_us = max(BATON.alarm_us - BATON.clock.steady_us, 1) if BATON.alarm_us else 0
    return left_us / US, BATON.alarm_every_us / US


def replacements() -> list[tuple[object, str, object]]:
    """Return the replacements: module, name, and replacement."""
    return [(signal, each.__name__, each) for each in (alarm, setitimer, getitimer, pause)]
