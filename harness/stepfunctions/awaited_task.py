"""A task for which a test has waited, or the reason why none came, as a value that processes exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from harness.stepfunctions.waiting_task import WaitingTask


@dataclass(frozen=True, slots=True)
class AwaitedTask:
    """The next task of an execution that waits for somebody outside.

    Attributes:
        task: None when none came.
        status: that of the execution, RUNNING when it did not end.
        error: with `cause`, the reason for which it ended; "" for none.
        standstill: the reason for which it can never go on; "" when it may.
        entered: the states that it has entered, in their order.
        states: every state of the machines that there are -> what it is, as in AnswersSeen.
    """

    task: WaitingTask | None
    status: str
    error: str = ""
    cause: str = ""
    standstill: str = ""
    entered: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` and JSON have made of it."""
        task = data["task"] and WaitingTask(**data["task"])
        return cls(**{**data, "task": task, "entered": tuple(data["entered"])})
