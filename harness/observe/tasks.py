"""What an execution did, from its history: the states that it visited, and what it called from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.observe.history import ENTERED, EXITED, STARTED, function_of, parsed, payload_of
from harness.observe.model import Execution, HistoryEvent
from harness.service_names import capitalized, lowered

SCHEDULED = ("LambdaFunctionScheduled", "TaskScheduled")
SUCCEEDED = ("LambdaFunctionSucceeded", "TaskSucceeded")
FAILED = (
    "LambdaFunctionFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
    "LambdaFunctionTimedOut",
    "TaskFailed",
    "TaskStartFailed",
    "TaskSubmitFailed",
    "TaskTimedOut",
)
SDK = "aws-sdk:"


@dataclass(eq=False)
class Task:
    """One call of a state machine: a service integration, or a function named by its ARN.

    `visit` is None when the history does not say where it belongs. `attempt` counts the tries of one visit
    from 0. `ended` is the event of its success or failure, None when there is none (yet).
    """

    execution: Execution
    scheduled: HistoryEvent
    visit: Visit | None
    attempt: int = 0
    ended: HistoryEvent | None = None

    @property
    def integration(self) -> str:
        """The service as the state's Resource has it: `sns`, `aws-sdk:s3`; `lambda` for a function."""
        if self.scheduled.type == "LambdaFunctionScheduled":
            return "lambda"
        return str(self.scheduled.details["resourceType"])

    @property
    def service(self) -> str:
        """The service's name: `sns`, `s3`, `lambda`."""
        return self.integration.removeprefix(SDK)

    @property
    def operation(self) -> str:
        """The API's own name of the operation: `Publish` for `publish`, `StartExecution` for its .sync."""
        if self.scheduled.type == "LambdaFunctionScheduled":
            return "Invoke"
        return capitalized(str(self.scheduled.details["resource"]).partition(".")[0])

    @property
    def resource(self) -> str:
        """What the state's Resource names: `sns:publish`, `aws-sdk:s3:listObjectsV2`, `lambda:invoke`."""
        return f"{self.integration}:{lowered(self.operation)}"

    @property
    def params(self) -> Mapping[str, Any]:
        """What the call was made with; a function that is named by its ARN as in `lambda:invoke`."""
        if self.scheduled.type == "LambdaFunctionScheduled":
            return {"FunctionName": self.scheduled.details["resource"], "Payload": self.payload}
        params = parsed(self.scheduled.details.get("parameters"))
        return params if isinstance(params, Mapping) else {}

    @property
    def payload(self) -> Any:
        """A function's event, or the parameters of another call."""
        return payload_of(self.scheduled)

    @property
    def function(self) -> str:
        """The deployed name of the function that it invokes, or ""."""
        return function_of(self.scheduled)

    @property
    def state(self) -> str:
        """The name of its state, or "" if that is not known."""
        return self.visit.name if self.visit is not None else ""

    @property
    def succeeded(self) -> bool:
        """Whether it came to a good end."""
        return self.ended is not None and self.ended.type in SUCCEEDED

    @property
    def error(self) -> str | None:
        """The name of its error, None if it has not failed."""
        if self.ended is None or self.succeeded:
            return None
        timed_out = self.ended.type.endswith("TimedOut")
        return str(self.ended.details.get("error") or ("States.Timeout" if timed_out else ""))

    @property
    def cause(self) -> str:
        """The cause of its error, or ""."""
        return "" if self.ended is None else str(self.ended.details.get("cause") or "")


@dataclass(eq=False)
class Visit:
    """One time that a state was entered, with what happened in it, in order.

    `last` is the last event of it before it was left: how its work ended. `branches` are those of a Parallel
    state, or the iterations of a Map state.
    """

    entered: HistoryEvent
    branch: Branch
    last: HistoryEvent
    exited: HistoryEvent | None = None
    tasks: list[Task] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The state's name."""
        return str(self.entered.details["name"])

    @property
    def kind(self) -> str:
        """The state's type: `Task`, `Parallel`."""
        return self.entered.type.removesuffix(ENTERED)


@dataclass(eq=False)
class Branch:
    """States that follow each other: those of an execution, or of one branch inside the state `inside`."""

    inside: Visit | None = None
    visits: list[Visit] = field(default_factory=list)


@dataclass(eq=False)
class Track:
    """An execution's visits, nested as its states are, and all of its tasks in the order of the history."""

    root: Branch = field(default_factory=Branch)
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    """Where an event leaves its branch: inside a visit, or between two (None)."""

    branch: Branch
    visit: Visit | None

    def up(self) -> Iterator[Visit]:
        """The visits around this place, the innermost first."""
        visit = self.visit or self.branch.inside
        while visit is not None:
            yield visit
            visit = visit.branch.inside


def track(execution: Execution) -> Track:
    """What the execution's history tells, in one pass over its events."""
    found = Track()
    start = _Place(found.root, None)
    places: dict[int, _Place] = {}
    types = {event.id: event.type for event in execution.events}
    for event in execution.events:
        before = places.get(event.previous_event_id, start)
        place = _place(event, before, types.get(event.previous_event_id, ""))
        places[event.id] = place
        if place.visit is not None and not event.type.startswith("Execution"):
            place.visit.last = event
        if event.type in SCHEDULED:
            tries = place.visit.tasks if place.visit is not None else []
            task = Task(execution, event, place.visit, len(tries))
            tries.append(task)
            found.tasks.append(task)
        elif event.type in (*SUCCEEDED, *FAILED) and place.visit is not None and place.visit.tasks:
            place.visit.tasks[-1].ended = event
    return found


def _place(event: HistoryEvent, before: _Place, previous_type: str) -> _Place:
    if event.type.endswith(ENTERED):
        branch = before.branch
        if previous_type in STARTED and before.visit is not None:
            branch = Branch(before.visit)
            before.visit.branches.append(branch)
        visit = Visit(event, branch, event)
        branch.visits.append(visit)
        return _Place(branch, visit)
    if event.type.endswith(EXITED):
        for visit in before.up():
            if visit.name == event.details.get("name"):
                visit.exited = event
                return _Place(visit.branch, None)
    for kind in ("Parallel", "Map"):  # such as ParallelStateSucceeded, whose cause is the end of a branch
        if event.type.startswith((f"{kind}State", f"{kind}Iteration")):
            for visit in before.up():
                if visit.kind == kind:
                    return _Place(visit.branch, visit)
    return before
