"""A thread that lives as long as this process, for starting processes that are to end with it.

The kernel ends them (`lifeline.end_with_parent`) when the thread that started them ends.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
_asked: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
_begun = threading.Lock()


def in_lasting_thread(call: Callable[[], T]) -> T:
    """Call it in a thread that does not end before this process, and give what it gives, or raise that."""
    if threading.current_thread() is threading.main_thread():
        return call()
    if _begun.acquire(blocking=False):
        threading.Thread(target=_serve, name="lasting", daemon=True).start()
    future: Future[T] = Future()
    _asked.put((future, call))
    return future.result()


def _serve() -> None:
    while True:
        future, call = _asked.get()
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)
