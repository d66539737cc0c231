"""Limits on the CPU time and memory of fuzzed calls."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

MEMORY_BYTES = 4 << 30


class WithoutEnd(BaseException):
    """A call exceeded its CPU time and might never end. Not caught by `except Exception`."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise WithoutEnd


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise WithoutEnd if the block exceeds its CPU time, and MemoryError if it allocates 4 GiB more."""
    before, limits = signal.signal(signal.SIGPROF, _stop), resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_used_bytes() + MEMORY_BYTES, limits[1]))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, limits)


def _used_bytes() -> int:
    """The address space of this process, which may have run other tests before."""
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()


def limit_child(cpu_s: int) -> None:
    """In a child process, before it starts a program: end it with SIGXCPU after this CPU time."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
