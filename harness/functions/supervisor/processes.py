"""Readings of a process, from Linux's /proc; elsewhere they are 0."""

from __future__ import annotations

import os


def cpu_s(pid: int) -> float:
    """The processor time that a process has used."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def max_memory_mib(pid: int) -> int:
    """The most memory that a process has had, in MiB."""
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) // 1024
    except OSError:
        pass
    return 0
