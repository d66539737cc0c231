"""Parallel worker processes. Each one gets one task at a time and has its own engine.

    player   a value that is the same in all processes: it starts, runs tasks, stops
    task     is sent to the next idle process, in task order
    result   is returned as soon as it is the next one in that order

A killed process loses only its current task, and a new process replaces it. All processes exit together with
their parent, however it exits.
"""

from __future__ import annotations

from harness.workers.player import Player, Tell
from harness.workers.pool import WorkerDied, Workers

__all__ = ["Player", "Tell", "WorkerDied", "Workers"]
