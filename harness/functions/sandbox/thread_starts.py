"""Scheduling of threads that a function starts. Without a virtual clock, they start as usual."""

from __future__ import annotations

import _thread
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from .baton import BATON
from .locks import Lock

_real_start = _thread.start_new_thread
_real_sentinel: Any = getattr(_thread, "_set_sentinel", None)  # up to Python 3.12
_real_start_joinable: Any = getattr(_thread, "start_joinable_thread", None)  # from 3.13 on
_RealHandle: Any = getattr(_thread, "_ThreadHandle", None)


def start_new_thread(
    function: Callable[..., object], args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None
) -> int:
    """Replace `_thread.start_new_thread`."""
    given = (function, args) if kwargs is None else (function, args, kwargs)
    return _start(lambda run: _real_start(*(given if run is None else (run, ()))), *given)


def start_joinable_thread(
    function: Callable[[], object], handle: Handle | None = None, daemon: bool = True
) -> Handle:
    """Replace `_thread.start_joinable_thread`."""
    own = handle if isinstance(handle, Handle) else Handle()

    def start(run: Callable[[], object] | None) -> int:
        _real_start_joinable(run or function, handle=own.real, daemon=daemon)
        ident: int = own.real.ident
        return ident

    ended = Lock()
    ended.acquire()
    if BATON.me() is not None:
        own.ended = ended
    _start(start, function, (), ended=ended)
    return own


def set_sentinel() -> Any:
    """Replace `_thread._set_sentinel`: return a lock that is released when this thread ends."""
    me = BATON.me()
    if me is None:
        return _real_sentinel()
    lock = Lock()
    me.on_end.append(lambda: lock.release() if lock.locked() else None)
    return lock


class Handle:
    """A replacement for `_thread._ThreadHandle`; `ended` is released when a scheduled thread ends."""

    __slots__ = ("ended", "real")

    def __init__(self) -> None:
        self.real: Any = _RealHandle()
        self.ended: Lock | None = None

    @property
    def ident(self) -> int:
        """Return the thread's identifier."""
        ident: int = self.real.ident
        return ident

    def is_done(self) -> bool:
        """Return whether the thread has ended."""
        done: bool = self.real.is_done() if self.ended is None else not self.ended.locked()
        return done

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread ends."""
        if self.ended is None:
            self.real.join(timeout)
        elif self.ended.acquire(True, -1 if timeout is None else max(timeout, 0)):
            self.ended.release()

    def _set_done(self) -> None:
        self.real._set_done()


def _start(
    start: Callable[[Callable[[], None] | None], int],
    function: Callable[..., object],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None = None,
    *,
    ended: Lock | None = None,
) -> int:
    if BATON.me() is None:
        return start(None)
    member = BATON.add()
    if ended is not None:
        member.on_end.append(ended.release)

    def run() -> None:
        BATON.begin(member)
        try:
            function(*args, **kwargs or {})
        except SystemExit:
            pass
        except BaseException as error:
            _report(error, function)
        finally:
            BATON.end(member)

    ident = start(run)
    BATON.began(member, ident)
    return ident


def _report(error: BaseException, function: object) -> None:
    """Report an exception that ends a thread not started by `threading`, as Python does."""
    print(f"Exception ignored in thread started by: {function!r}", file=sys.stderr)
    traceback.print_exception(type(error), error, error.__traceback__ and error.__traceback__.tb_next)


def replacements() -> list[tuple[object, str, object]]:
    """Return the replacements: module, name and replacement."""
    found: list[tuple[object, str, object]] = [
        (_thread, "start_new_thread", start_new_thread),
        (_thread, "start_new", start_new_thread),
    ]
    if _real_start_joinable:
        found += [
            (_thread, "start_joinable_thread", start_joinable_thread),
            (threading, "_ThreadHandle", Handle),
        ]
    if _real_sentinel:
        found.append((threading, "_set_sentinel", set_sentinel))
    return found
