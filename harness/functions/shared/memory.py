"""The part of a function's MemorySize that its code may use, and the memory of a process (Linux)."""

from __future__ import annotations

import os

_PAGE = os.sysconf("SC_PAGE_SIZE")
RUNTIME_MIB = 38
"""The memory of Lambda's own Python runtime: functions that do nothing report 30 to 40 MB as used."""


def allowance(memory_mib: int) -> int:
    """Return the bytes that a function's code may use."""
    return (memory_mib - RUNTIME_MIB) << 20


def memory_of(pid: int | str = "self") -> tuple[int, int]:
    """Return a process's reserved data bytes, and its used bytes that are not backed by files.

    Raises:
        OSError, ValueError: it has ended.
    """
    with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
        _, resident, shared, _, _, data, _ = file.read().split()
    return int(data) * _PAGE, (int(resident) - int(shared)) * _PAGE


def used_bytes() -> int:
    """Return the bytes that this process uses."""
    return memory_of()[1]
