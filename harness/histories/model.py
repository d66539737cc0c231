"""An execution as its history tells it."""

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
"""Types of the events that end an execution, and the status that it has then."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        previous: the id of the event that led to it, 0 for none.
        details: the one `...EventDetails` member of the event, `{}` where it has none.
        time: seconds since 1970.
    """

    id: int
    previous: int
    type: str
    details: Mapping[str, Json]
    time: float

    def text(self, member: str) -> str:
        """The member of `details` of that name, a text; "" where there is none."""
        value = self.details.get(member)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class GivenDefinition:
    """A definition that AWS told.

    Attributes:
        source: where it was told, in words.
        name: of the machine; "" where nothing tells it, and so `machine_arn`.
    """

    definition: JsonObject
    source: str
    name: str = ""
    machine_arn: str = ""
    express: bool = False


@dataclass(frozen=True)
class RecordedExecution:
    """An execution that is over, with all of its events in the order of their ids.

    A history alone names neither the execution nor its machine: `arn`, `name`, `machine_arn` are "" then.

    Attributes:
        file: the first file that it was read from.
        input: JSON text.
        started: seconds since 1970.
        definition: the one that its history, or a file beside it, tells.
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
        """The status at its end: `SUCCEEDED`."""
        return ENDS[self.events[-1].type]

    @property
    def machine_name(self) -> str:
        """The name of its machine; "" where nothing tells it."""
        return self.machine_arn.partition(":stateMachine:")[2].partition(":")[0].partition("/")[0]

    @property
    def of_item(self) -> bool:
        """True for one of an item of a distributed Map."""
        return "/" in self.machine_arn.partition(":stateMachine:")[2]

    @property
    def express(self) -> bool:
        """True for one of an Express machine."""
        return ":express:" in self.arn

    @property
    def role_arn(self) -> str:
        """The role of the execution; "" where nothing tells it."""
        return self.events[0].text("roleArn")

    @property
    def shown(self) -> str:
        """The execution in a sentence: its name, else its file."""
        return self.name or str(self.file)

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states that were entered, each once, in order."""
        entered = (event.text("name") for event in self.events if event.type.endswith("StateEntered"))
        return tuple(dict.fromkeys(entered))
