"""Measures the processor time and memory of a process and its descendants, from /proc (Linux)."""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
EVERY_S = 0.05


class Usage:
    """The resource usage of a command, by part: `run`, `engine`, `supervisor` and `functions`.

    `cpu_s` is the processor time of each. `peak_mb` is the memory of each at the total peak; shared memory
    counts once.
    """

    def __init__(self) -> None:
        self.cpu_s: Counter[str] = Counter()
        self.peak_mb: Counter[str] = Counter()
        self._seen: dict[int, tuple[str, float]] = {}

    def watch(self, pid: int) -> None:
        """Watch a child process until it exits."""
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            memory: Counter[str] = Counter()
            for each, part in _parts(pid):
                before = self._seen.get(each, (part, 0.0))[1]
                self._seen[each] = part, max(before, cpu_s(each))
                memory[part] += memory_mb(each)
            if memory.total() > self.peak_mb.total():
                self.peak_mb = memory
            time.sleep(EVERY_S)
        for part, seconds in self._seen.values():
            self.cpu_s[part] += seconds


def ended_s() -> float:
    """Return the processor time in seconds of all child processes that have exited."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def children(pid: int) -> list[int]:
    """Return the children of a process; none if it has exited."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(each) for task in tasks for each in (task / "children").read_text().split()]
    except OSError:
        return []


def cpu_s(pid: int) -> float:
    """Return the processor time of a process in seconds; 0 if it has exited."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> float:
    """Return the memory of a process in MB, with its share of shared memory; 0 if it has exited."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _parts(pid: int) -> Iterator[tuple[int, str]]:
    yield pid, "run"
    for engine in children(pid):
        yield engine, "engine"
        for supervisor in children(engine):
            yield supervisor, "supervisor"
            pending = children(supervisor)
            while pending:
                function = pending.pop()
                yield function, "functions"
                pending += children(function)
