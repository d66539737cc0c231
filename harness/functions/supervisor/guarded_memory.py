"""Allows or denies memory requests: a request beyond a function's MemorySize ends the function, as on Lambda.

Each process has a limit, RLIMIT_DATA, set by `sandbox.memory`. A request that the kernel would deny because
of that limit ends the function instead, so that no code can catch the error. A request that would make the
function's processes together exceed its memory also ends the function.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal

from ..shared import seccomp
from ..shared.memory import memory_of
from .guarded import Guarded, Memory, Question, Verdict


def decide_memory(question: Question, guarded: Guarded, began_with: int) -> Verdict:
    """Decide whether to allow a large mmap or mremap call.

    `began_with` is the first process's initial memory use.
    """
    assert seccomp.NUMBERS is not None
    _, first, second, *_ = question.arguments
    asked = first if question.number == seccomp.NUMBERS.mmap else second - first
    try:
        process = question.pid if question.pid == guarded.pid else _process_of(question.pid)
        data, used = memory_of(process)
        limit, _ = resource.prlimit(process, resource.RLIMIT_DATA)
    except (OSError, ValueError):  # it has exited
        return Verdict.CONTINUES
    guarded.memory.setdefault(guarded.pid, Memory(began_with))
    own = _begin(process, used, guarded)
    own.granted = 0  # its earlier request was granted, or the memory was freed
    beyond = limit != resource.RLIM_INFINITY and data + asked > limit
    if not beyond and _used_by_all(guarded) + asked <= guarded.allowed_bytes:
        own.granted, own.reserved, own.is_there = used + asked, data + asked, False
        return Verdict.CONTINUES
    for pid in (guarded.pid, *guarded.memory):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return Verdict.KILLED


def _begin(process: int, used: int, guarded: Guarded) -> Memory:
    """Record a process. A fork shares its parent's memory, and a different program starts with none."""
    if process not in guarded.memory:
        is_fork = _command(process) == _command(guarded.pid)
        guarded.memory[process] = Memory(used if is_fork else 0)
    return guarded.memory[process]


def _used_by_all(guarded: Guarded) -> int:
    """Return how many bytes the processes use or were granted; discard processes that have exited."""
    total = 0
    for pid, each in list(guarded.memory.items()):
        try:
            data, used = memory_of(pid)
        except (OSError, ValueError):
            del guarded.memory[pid]
            continue
        each.is_there = each.is_there or data >= each.reserved
        if not each.is_there or data >= each.reserved:  # it is about to use it, or has not freed it yet
            used = max(used, each.granted)
        total += max(used - each.before, 0)
    return total


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Tgid:"))


def _command(pid: int) -> bytes:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read()
