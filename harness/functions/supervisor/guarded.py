"""The guard's data classes: an environment, a pending system call, and its outcome."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ..shared import seccomp
from ..shared.guard_protocol import Registration
from ..shared.memory import allowance
from ..shared.reach import Reach, addresses_of


class Verdict(Enum):
    """The outcome of a system call: allow it, deny it, report success without it, or kill its process."""

    CONTINUES = "continues"
    PRETENDED = "pretended"
    REFUSED = "refused"
    KILLED = "killed"


@dataclass(frozen=True)
class Question:
    """A pending system call: `id` identifies it to its listener, `pid` is the calling thread."""

    listener: int
    id: int
    pid: int
    number: int
    arguments: tuple[int, ...]

    @property
    def is_of_memory(self) -> bool:
        """Return whether it requests memory."""
        assert seccomp.NUMBERS is not None
        return self.number in {seccomp.NUMBERS.mmap, seccomp.NUMBERS.mremap}


@dataclass
class Memory:
    """A process's memory in bytes: at its start, then used and reserved after its last request.

    `is_there` is true if the process has been observed with that memory.
    """

    before: int
    granted: int = 0
    reserved: int = 0
    is_there: bool = True


@dataclass
class Guarded:
    """An environment: its bounds, its log's descriptor, and its processes' memory."""

    bounds: Registration
    log: int
    memory: dict[int, Memory] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)
    _addresses: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Return its first process."""
        return self.bounds.pid

    @cached_property
    def reach(self) -> Reach:
        """Return its allowed addresses."""
        return Reach.of(self.bounds.reach, self.bounds.network)

    @property
    def allowed_bytes(self) -> int:
        """Return how much memory its code may use."""
        return allowance(self.bounds.memory_mib)

    def resolve(self, name: str) -> frozenset[str]:
        """Return the addresses for a name, including those from earlier lookups."""
        self._addresses[name] = self._addresses.get(name, frozenset()) | addresses_of(name)
        return self._addresses[name]

    def say(self, text: str) -> None:
        """Write a line to its log. Each line is written only once."""
        if text not in self._said:
            self._said.add(text)
            with contextlib.suppress(OSError):
                os.write(self.log, f"[harness] {text}\n".encode())
