"""One execution: its identity, status and history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ..asl import Machine
from ..payload import Payload
from ..randomness import Randomness
from ..time.completion import Completion
from ..time.fibers import Fiber, Timer
from .history import History


class Status(Enum):
    """AWS's names for execution statuses."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of a machine.

    Attributes:
        machine_arn: e.g. `arn:aws:states:eu-west-1:111111111111:stateMachine:report`.
        role_arn: the role that is shown for executions.
    """

    machine_arn: str
    role_arn: str

    @property
    def machine_name(self) -> str:
        """The last part of the ARN."""
        return self.machine_arn.rpartition(":")[2]

    @property
    def region(self) -> str:
        """The Region in the ARN."""
        return self.machine_arn.split(":")[3]

    def execution_arn(self, name: str) -> str:
        """The ARN for an execution of the machine."""
        return self.machine_arn.replace(":stateMachine:", ":execution:", 1) + f":{name}"

    def express_arn(self, name: str, id: str) -> str:
        """The ARN for an Express execution. Several executions can have the same name."""
        return self.machine_arn.replace(":stateMachine:", ":express:", 1) + f":{name}:{id}"


class Execution:
    """A running or finished execution.

    Attributes:
        express: true for an Express execution, which ends after five minutes at the latest.
        started_at: seconds since 1970.
        ended_at: seconds since 1970; None while the execution runs.
        output: the result after it has succeeded.
        error: together with `cause`, the reason why it failed, timed out or was stopped.
        ending: true if it will be stopped at its next transition.
        awaited: the pending completions of tasks whose calls have already returned.
        fiber: the fiber that runs the execution; owned by the simulation.
    """

    __slots__ = (
        "_on_end",
        "arn",
        "awaited",
        "cause",
        "ended_at",
        "ending",
        "error",
        "express",
        "fiber",
        "history",
        "identity",
        "input",
        "machine",
        "name",
        "output",
        "randomness",
        "started_at",
        "status",
        "timer",
    )

    def __init__(
        self,
        machine: Machine,
        identity: Identity,
        name: str,
        payload: Payload,
        *,
        history: History,
        started_at: float,
        arn: str | None = None,
        seed: int = 0,
        express: bool = False,
    ) -> None:
        self.machine = machine
        self.express = express
        self.identity = identity
        self.name = name
        self.arn = arn or identity.execution_arn(name)
        self.input = payload
        self.history = history
        self.randomness = Randomness(f"{seed}:{self.arn}")
        self.started_at = started_at
        self.ended_at: float | None = None
        self.status = Status.RUNNING
        self.ending = False
        self.awaited: dict[Completion, None] = {}
        self.output: Payload | None = None
        self.error: str | None = None
        self.cause: str | None = None
        self.fiber: Fiber[None] | None = None
        self.timer: Timer | None = None
        self._on_end: list[Callable[[Execution], None]] = []

    @property
    def running(self) -> bool:
        """True until the execution has ended."""
        return self.status is Status.RUNNING

    @property
    def waits_outside(self) -> bool:
        """True while an external caller can complete a task in this execution or in a nested one."""
        return any(completion.outside() for completion in self.awaited)

    def on_end(self, callback: Callable[[Execution], None]) -> None:
        """Call `callback` when the execution ends, or immediately if it has already ended."""
        if self.running:
            self._on_end.append(callback)
        else:
            callback(self)

    def end(
        self,
        status: Status,
        now: float,
        *,
        output: Payload | None = None,
        error: str | None = None,
        cause: str | None = None,
    ) -> None:
        """Record that the execution has ended, and run the callbacks."""
        self.status, self.ended_at = status, now
        self.output, self.error, self.cause = output, error, cause
        callbacks, self._on_end = self._on_end, []
        for callback in callbacks:
            callback(self)
