"""The share of a function's MemorySize that is left for its code, and what a process has of it (Linux)."""

from __future__ import annotations

import os

_PAGE = os.sysconf("SC_PAGE_SIZE")
RUNTIME_MIB = 38
"""The share of Lambda's own Python runtime: functions that do nothing report 30 to 40 MB as used."""


def allowance(memory_mib: int) -> int:
    """Give the bytes that a function's code may use."""
    return (memory_mib - RUNTIME_MIB) << 20


def memory_of(pid: int | str = "self") -> tuple[int, int]:
    """Give the bytes of data that a process has reserved, and of those in use that no file is behind.

    Raises:
        OSError, ValueError: it has ended.
    """
    with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
        _, resident, shared, _, _, data, _ = file.read().split()
    return int(data) * _PAGE, (int(resident) - int(shared)) * _PAGE


def used_bytes() -> int:
    """Give the bytes that this process uses."""
    return memory_of()[1]
