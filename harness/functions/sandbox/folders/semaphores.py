"""Removes named semaphores and shared memory, because Lambda has no /dev/shm.

As a result, Lock, Queue and Pool in `multiprocessing` and ProcessPoolExecutor in `concurrent.futures` do not
work. Process and Pipe work.
"""

from __future__ import annotations

import errno
import importlib
import os
from typing import Any, NoReturn


def remove() -> None:
    """Remove both from this process and its forks."""
    try:
        module: Any = importlib.import_module("_multiprocessing")
        shared: Any = importlib.import_module("_posixshmem")
    except ImportError:
        return

    class SemLock(module.SemLock):  # type: ignore[misc]
        def __new__(cls, *_args: object) -> NoReturn:
            _refuse()

    SemLock.__module__ = module.SemLock.__module__
    module.SemLock = SemLock
    shared.shm_open = _refuse


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
