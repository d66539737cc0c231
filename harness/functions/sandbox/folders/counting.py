"""The `os` functions that write to a descriptor. Their writes to /tmp are counted; see `quota`."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

from .quota import QUOTA

Function = Callable[..., Any]


def replacements() -> dict[str, Function]:
    """Return the counting `os` functions by name."""
    makers = {
        **dict.fromkeys(("write", "writev", "pwrite", "pwritev"), _counted),
        "close": _close,
        "copy_file_range": _copy_file_range,
        "sendfile": _sendfile,
    }
    return {name: make(getattr(os, name)) for name, make in makers.items() if hasattr(os, name)}


def _close(real: Function) -> Function:
    @functools.wraps(real)
    def close(fd: int) -> None:
        QUOTA.files.discard(fd)
        real(fd)

    return close


def _counted(real: Function) -> Function:
    @functools.wraps(real)
    def counted(fd: int, data: Any, *args: Any) -> Any:
        if fd in QUOTA.files:
            buffers = [data] if real.__name__ in ("write", "pwrite") else data
            QUOTA.take(fd, sum(memoryview(buffer).nbytes for buffer in buffers))
        return real(fd, data, *args)

    return counted


def _sendfile(real: Function) -> Function:
    @functools.wraps(real)
    def sendfile(out_fd: int, in_fd: int, offset: int | None, count: int, *args: Any, **kwargs: Any) -> Any:
        if out_fd in QUOTA.files:
            left = max(os.fstat(in_fd).st_size - (offset or 0), 0)
            QUOTA.take(out_fd, min(left, count or left))
        return real(out_fd, in_fd, offset, count, *args, **kwargs)

    return sendfile


def _copy_file_range(real: Function) -> Function:
    @functools.wraps(real)
    def copy_file_range(src: int, dst: int, count: int, *args: Any, **kwargs: Any) -> Any:
        if dst in QUOTA.files:
            QUOTA.take(dst, min(count, os.fstat(src).st_size))
        return real(src, dst, count, *args, **kwargs)

    return copy_file_range
