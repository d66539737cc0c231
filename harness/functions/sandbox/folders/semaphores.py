"""Named semaphores and shared memory, which a function has not: on Lambda there is no /dev/shm.

So `multiprocessing` has no Lock, Queue or Pool, and `concurrent.futures` no ProcessPoolExecutor; Process and
Pipe work.
"""

from __future__ import annotations

import errno
import os
from typing import Any, NoReturn


def remove() -> None:
    """Let this process and its forks have neither."""
    try:
        import _multiprocessing  # noqa: PLC0415
    except ImportError:
        return
    module: Any = _multiprocessing

    class SemLock(module.SemLock):  # type: ignore[misc]
        def __new__(cls, *_args: object) -> NoReturn:  # type: ignore[misc]
            _refuse()

    SemLock.__module__ = module.SemLock.__module__
    module.SemLock = SemLock
    try:
        import _posixshmem  # noqa: PLC0415
    except ImportError:
        return
    shared: Any = _posixshmem
    shared.shm_open = _refuse


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
