"""One request at a time: moto reads, decides and writes without a thought of other threads.

A list that grows while moto reads it ends in a 500, and what two threads change at once is partly lost. One
lock for all of moto makes every request atomic. It is one, and not one for each service, because requests
reach across services (CloudFormation into all of them, SNS into SQS and Lambda); in Python they would not
run side by side anyway.

A request must not keep the lock while it waits for somebody who may need it: a function that runs, a URL that
is called, a message that somebody else has to send. `released` gives it away for that time. Whoever holds the
lock may wait for the simulation to stand still (CreateStack makes state machines); the simulation never waits
for the lock.

Patched, so that the lock is given away while they wait:
- `Queue.wait_for_messages` (moto.sqs.models): ReceiveMessage with WaitTimeSeconds.
- `requests.Session.request`: SNS and API destinations that call a URL, which may be this process.
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
    """The state of a thread: how often it has entered, and for which call of which caller."""

    depth = 0
    caller = ""
    call = ""


_LOCK: Final = threading.Lock()
_THREAD: Final = _Thread()


@contextmanager
def atomic(caller: str = "", call: str = "") -> Iterator[None]:
    """Keep all other requests out.

    Args:
        caller: the id of the invocation or task that a request was made for.
        call: the id of a call that may last on the clock, "" for others.
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
    """Let other requests in while this one waits; does nothing in a thread that is in none."""
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
    """Give for whom and for which of its calls this thread's request is, as said to `atomic`."""
    return _THREAD.caller, _THREAD.call


def waiting(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a function that waits for others."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with released():
            return function(*args, **kwargs)

    return wrapper


def install() -> None:
    """Patch what waits, in this process."""
    import requests  # noqa: PLC0415  (with the services that take long to import)
    from moto.sqs.models import Queue  # noqa: PLC0415

    queue: Any = Queue
    queue.wait_for_messages = waiting(queue.wait_for_messages)
    session: Any = requests.Session
    session.request = waiting(session.request)
