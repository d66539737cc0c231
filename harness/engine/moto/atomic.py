"""Serialises requests, because moto is not thread-safe.

If a list grows while moto reads it, the request fails with status 500. If two threads change the
same data, some changes are lost. A single lock for all of moto makes every request atomic. Separate
locks for each service would not work, because requests reach across services (from CloudFormation
into all of them, from SNS into SQS and Lambda). In Python, the requests would not run in parallel
anyway.

A request must not hold the lock while it waits for a different thread that may need it, such as a
running function, a call to a URL, or a different message sender. `released` releases the lock for
that time. The lock holder may wait for the simulation to stand still (CreateStack creates state
machines). The simulation never waits for the lock.

Patched to release the lock while waiting:
- `requests.Session.request`: SNS and API destinations call URLs, which may belong to this process.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Thread(threading.local):
    """The state of a thread: its nesting depth, and the caller and call whose request it handles."""

    depth = 0
    caller = ""
    call = ""


_LOCK: Final = threading.Lock()
_THREAD: Final = _Thread()


@contextmanager
def atomic(caller: str = "", call: str = "") -> Iterator[None]:
    """Block all other requests during the `with` block.

    Args:
        caller: the ID of the invocation or task that sent the request.
        call: the ID of a call that may take time on the clock, or "" for other calls.
    """
    if _THREAD.depth == 0:
        _LOCK.acquire()
        _THREAD.caller, _THREAD.call = caller, call
    _THREAD.depth += 1
    try:
        yield
    finally:
        _THREAD.depth -= 1
        if _THREAD.depth == 0:
            _LOCK.release()


@contextmanager
def released() -> Iterator[None]:
    """Allow other requests while this one waits. Does nothing in a thread that is not handling a request."""
    depth, caller, call = _THREAD.depth, _THREAD.caller, _THREAD.call
    if not depth:
        yield
        return
    _THREAD.depth = 0
    _LOCK.release()
    try:
        yield
    finally:
        _LOCK.acquire()
        _THREAD.depth, _THREAD.caller, _THREAD.call = depth, caller, call


def current_call() -> tuple[str, str]:
    """Return the caller and the call of this thread's request, as passed to `atomic`."""
    return _THREAD.caller, _THREAD.call


def waiting(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a function that waits for other threads."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with released():
            return function(*args, **kwargs)

    return wrapper


def install() -> None:
    """Patch the functions in this process that wait for other threads."""
    import requests  # noqa: PLC0415  (with the services that take a long time to import)

    session: Any = requests.Session
    session.request = waiting(session.request)
