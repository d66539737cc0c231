"""A deterministic interpreter of the Amazon States Language with virtual time.

The way of a definition: `parse` turns its text into a frozen tree (`asl`) or lists every problem. `World`
starts executions of it. Each execution is a fiber (a generator) on the `scheduler`, each branch and iteration
a fiber of its own; a `Flow` writes its events into the `history`. Tasks leave through a `TaskPort`.

What may know what, lowest first: json_value, errors < jsonpath, intrinsics < scope < template, jsonata_bridge
< choice, number_fields < asl < parse | clock, ports < scheduler < history, execution, flow < run_* < world.
"""

from .clock import DEFAULT_START, Clock, RealClock, VirtualClock
from .completion import Completion
from .execution import Execution, Identity, Status
from .history import Event, History
from .limits import Limits
from .parse import parse
from .ports import Outcome, TaskFailed, TaskPort, TaskRequest, TaskSubmitted, TaskSucceeded, Work
from .problems import InvalidDefinition, Problem
from .scheduler import Livelock
from .world import World

__all__ = [
    "DEFAULT_START",
    "Clock",
    "Completion",
    "Event",
    "Execution",
    "History",
    "Identity",
    "InvalidDefinition",
    "Limits",
    "Livelock",
    "Outcome",
    "Problem",
    "RealClock",
    "Status",
    "TaskFailed",
    "TaskPort",
    "TaskRequest",
    "TaskSubmitted",
    "TaskSucceeded",
    "VirtualClock",
    "Work",
    "World",
    "parse",
]
