"""An execution, from its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.json_types import Json, JsonObject

ENDS: Final[Mapping[str, str]] = {
    "ExecutionAborted": "ABORTED",
    "ExecutionFailed": "FAILED",
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionTimedOut": "TIMED_OUT",
}
"""Types of the events that end an execution, and the resulting status."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        previous: the ID of the event that led to it, 0 for none.
        details: the event's `...EventDetails` member, or `{}` if it has none.
        time: seconds since 1970.
    """

    id: int
    previous: int
    type: str
    details: Mapping[str, Json]
    time: float

    def text(self, member: str) -> str:
        """Return the value of the member of `details` with that name; "" if it does not exist."""
        value = self.details.get(member)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class GivenDefinition:
    """A definition from AWS data.

    Attributes:
        source: a description of its source.
        name: the name of the machine, or "" if unknown; likewise `machine_arn`.
    """

    definition: JsonObject
    source: str
    name: str = ""
    machine_arn: str = ""
    express: bool = False


@dataclass(frozen=True)
class RecordedExecution:
    """An execution that has ended, with all of its events sorted by ID.

    A history alone contains neither the execution's name nor its machine: `arn`, `name`, `machine_arn` are
    then "".

    Attributes:
        file: the first file that it was read from.
        input: JSON text.
        started: seconds since 1970.
        definition: the definition in its history, or in a file next to it.
    """

    file: Path
    events: tuple[Event, ...]
    input: str
    started: float
    arn: str = ""
    name: str = ""
    machine_arn: str = ""
    definition: GivenDefinition | None = None

    @property
    def status(self) -> str:
        """The final status: `SUCCEEDED`."""
        return ENDS[self.events[-1].type]

    @property
    def machine_name(self) -> str:
        """The name of its machine; "" if unknown."""
        return self.machine_arn.partition(":stateMachine:")[2].partition(":")[0].partition("/")[0]

    @property
    def of_item(self) -> bool:
        """True for an item of a distributed Map."""
        return "/" in self.machine_arn.partition(":stateMachine:")[2]

    @property
    def express(self) -> bool:
        """True for an execution of an Express machine."""
        return ":express:" in self.arn

    @property
    def role_arn(self) -> str:
        """The role of the execution; "" if unknown."""
        return self.events[0].text("roleArn")

    @property
    def shown(self) -> str:
        """The execution as messages refer to it: by its name, or else by its file."""
        return self.name or str(self.file)

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states that were entered, in order and without duplicates."""
        entered = (event.text("name") for event in self.events if event.type.endswith("StateEntered"))
        return tuple(dict.fromkeys(entered))
