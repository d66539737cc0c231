"""A task that a test waited for, or the reason why none was found. Passed between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from harness.stepfunctions.waiting_task import WaitingTask


@dataclass(frozen=True, slots=True)
class AwaitedTask:
    """An execution's next task that waits for a callback.

    Attributes:
        task: None if there was no such task.
        status: the execution's status, RUNNING if it did not end.
        error: together with `cause`, the reason why it ended; "" for none.
        standstill: the reason why the execution can never continue; "" if it can.
        entered: the states that it has entered, in order.
        states: maps every state in the deployed machines to its kind, as in AnswersSeen.
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
        """Read the format that `dataclasses.asdict` and JSON produce."""
        task = data["task"] and WaitingTask(**data["task"])
        return cls(**{**data, "task": task, "entered": tuple(data["entered"])})
