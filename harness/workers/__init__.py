"""Processes that work side by side: each is handed one task after another, and has an engine of its own.

    player   a value that is the same in all processes: it starts, plays tasks, stops
    task     goes to whichever process has nothing to do, in the order of the tasks
    result   comes back as soon as it is the next in that order

A process that is killed loses its task alone, and another takes its place. All end with the one that started
them, however that ends.
"""

from __future__ import annotations

from harness.workers.player import Player, Tell
from harness.workers.pool import WorkerDied, Workers

__all__ = ["Player", "Tell", "WorkerDied", "Workers"]
