"""Data about a process, from Linux's /proc. On other systems, all values are 0."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass
class Group:
    """A process group: the processor time it has used, and whether all of its threads are waiting."""

    cpu_s: float = 0.0
    waits: bool = True
    pids: list[int] = field(default_factory=list)


def groups(wanted: Collection[int]) -> dict[int, Group]:
    """Return the process groups with these IDs, including reaped children of their processes."""
    found: dict[int, Group] = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        fields = _stat(f"/proc/{name}/stat")
        if fields and (id := int(fields[2])) in wanted and fields[0] not in "ZX":
            group = found.setdefault(id, Group())
            group.cpu_s += sum(int(each) for each in fields[11:15]) / ticks
            group.waits = group.waits and fields[0] == "S"
            group.pids.append(int(name))
    return found


def threads_wait(pid: int) -> bool:
    """Return whether all threads in a process are waiting: none is running, runnable, stopped or traced."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return True
    states = [_stat(f"/proc/{pid}/task/{thread}/stat") for thread in threads]
    return all(fields[0] == "S" for fields in states if fields)


def _stat(path: str) -> list[str]:
    """Return the fields in a stat file, starting with the state, or no fields if the process has exited.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        with open(path) as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def max_memory_mib(pid: int) -> int:
    """Return a process's peak memory usage, in MiB."""
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) // 1024
    except OSError:
        pass
    return 0
