"""The part of a function's MemorySize that its code may use, and a process's memory usage (Linux)."""

from __future__ import annotations

import os

_PAGE = os.sysconf("SC_PAGE_SIZE")
RUNTIME_MIB = 38
"""Memory used by Lambda's own Python runtime: functions that do nothing report 30 to 40 MB as used."""


def allowance(memory_mib: int) -> int:
    """Return how many bytes a function's code may use."""
    return (memory_mib - RUNTIME_MIB) << 20


def memory_of(pid: int | str = "self") -> tuple[int, int]:
    """Return how many data bytes a process has reserved, and how many bytes not backed by files it uses.

    Raises:
        OSError, ValueError: it has exited.
    """
    with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
        _, resident, shared, _, _, data, _ = file.read().split()
    return int(data) * _PAGE, (int(resident) - int(shared)) * _PAGE


def used_bytes() -> int:
    """Return how many bytes this process uses."""
    return memory_of()[1]
