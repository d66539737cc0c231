"""Parallel worker processes. Each one gets one task at a time, and has its own engine.

    player   a value that is the same in all processes: it starts, runs tasks, stops
    task     goes to the next idle process, in the order of the tasks
    result   is returned as soon as it is the next in that order

A killed process loses only its current task, and another process replaces it. All processes end together with
their parent, however it ends.
"""

from __future__ import annotations

from harness.workers.player import Player, Tell
from harness.workers.pool import WorkerDied, Workers

__all__ = ["Player", "Tell", "WorkerDied", "Workers"]
