"""A deterministic interpreter for the Amazon States Language with virtual time.

Each folder is a stage that a definition passes through. `asl` is the tree that they share:

- `parse` turns the text into that tree, or lists every problem.
- `query` compiles and evaluates the expressions in its fields.
- `time` runs fibers (generators) in a fixed order on one clock.
- `run` executes the tree, with a fiber for each execution, branch and iteration. Tasks run through a
  `TaskPort`.

Allowed imports, lowest layer first: the files in this folder < query | time < asl < parse < run.
"""

from .parse.machine import parse
from .parse.problems import InvalidDefinition, Problem
from .run.activities import ActivityTask, ActivityTasks
from .run.execution import Execution, Identity, Status
from .run.history import Event, History
from .run.limits import Limits
from .run.simulation import Simulation
from .run.task_port import TaskPort, TaskRequest
from .run.tokens import Waiting
from .time.clock import DEFAULT_START, Clock, RealClock, VirtualClock
from .time.completion import Completion
from .time.scheduler import Livelock
from .time.work import Outcome, TaskFailed, TaskSubmitted, TaskSucceeded, Work

__all__ = [
    "DEFAULT_START",
    "ActivityTask",
    "ActivityTasks",
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
    "Simulation",
    "Status",
    "TaskFailed",
    "TaskPort",
    "TaskRequest",
    "TaskSubmitted",
    "TaskSucceeded",
    "VirtualClock",
    "Waiting",
    "Work",
    "parse",
]
