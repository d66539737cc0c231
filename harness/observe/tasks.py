"""Reads an execution's history: the visited states, and the tasks that they ran.

`track` is the only function that follows the links between events. All others build on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.functions.shared.payloads import bucket_of
from harness.json_types import Json
from harness.observe.model import Execution, HistoryEvent, parsed
from harness.service_names import capitalized, lowered

ENTERED = "StateEntered"
EXITED = "StateExited"
# Parallel and Map branches begin with these events. The next event is inside the branch.
STARTED = ("ParallelStateStarted", "MapStateStarted", "MapIterationStarted")
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


@dataclass(eq=False, slots=True)
class Task:
    """One call from a state machine: a service integration, or a function specified by its ARN.

    `visit` is None if the history does not show which visit made the call. `attempt` counts the attempts in
    one visit from 0. `ended` is the event that records its success or failure, or None if it has not ended.
    """

    execution: Execution
    scheduled: HistoryEvent
    visit: Visit | None
    attempt: int = 0
    ended: HistoryEvent | None = None

    @property
    def integration(self) -> str:
        """The service as specified in the state's Resource: `sns`, `aws-sdk:s3`; `lambda` for a function."""
        if self.scheduled.type == "LambdaFunctionScheduled":
            return "lambda"
        return self.scheduled.text("resourceType")

    @property
    def service(self) -> str:
        """The service's name: `sns`, `s3`, `lambda`."""
        return self.integration.removeprefix(SDK)

    @property
    def operation(self) -> str:
        """The operation's name in the API: `Publish` for `publish`, `StartExecution` for
        `startExecution.sync`.
        """
        if self.scheduled.type == "LambdaFunctionScheduled":
            return "Invoke"
        return capitalized(self.scheduled.text("resource").partition(".")[0])

    @property
    def resource(self) -> str:
        """The end of the state's Resource: `sns:publish`, `aws-sdk:s3:listObjectsV2`, `lambda:invoke`."""
        return f"{self.integration}:{lowered(self.operation)}"

    @property
    def params(self) -> Mapping[str, Json]:
        """The call's parameters. For a function specified by its ARN, they have the format of
        `lambda:invoke`.
        """
        if self.scheduled.type == "LambdaFunctionScheduled":
            event = parsed(self.scheduled.text("input"))
            return {"FunctionName": self.scheduled.text("resource"), "Payload": event}
        params = parsed(self.scheduled.text("parameters"))
        return params if isinstance(params, dict) else {}

    @property
    def payload(self) -> Json:
        """A function's event, or the parameters of any other call."""
        return self.params.get("Payload") if self.integration == "lambda" else dict(self.params)

    @property
    def function(self) -> str:
        """The deployed name of the function that it invokes, or ""."""
        name = str(self.params.get("FunctionName", "")) if self.integration == "lambda" else ""
        return (name.partition(":function:")[2] or name).partition(":")[0]

    @property
    def bucket(self) -> str:
        """The bucket that the call uses, or ""."""
        return bucket_of(self.params)

    @property
    def state(self) -> str:
        """The name of its state, or "" if unknown."""
        return self.visit.name if self.visit is not None else ""

    @property
    def succeeded(self) -> bool:
        """True if its last event is a success."""
        return self.ended is not None and self.ended.type in SUCCEEDED

    @property
    def error(self) -> str | None:
        """The name of its error, or None if it did not fail."""
        if self.ended is None or self.succeeded:
            return None
        timed_out = self.ended.type.endswith("TimedOut")
        return self.ended.text("error") or ("States.Timeout" if timed_out else "")

    @property
    def cause(self) -> str:
        """The cause of its error, or ""."""
        return "" if self.ended is None else self.ended.text("cause")


@dataclass(eq=False, slots=True)
class Visit:
    """One visit to a state, with its events in order.

    `last` is the last event before the state was exited, which shows the outcome of its work. `branches` are
    the branches of a Parallel state, or the iterations of a Map state.
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
        return self.entered.text("name")

    @property
    def kind(self) -> str:
        """The state's type, such as `Task` or `Parallel`."""
        return self.entered.type.removesuffix(ENTERED)

    @property
    def inside(self) -> str:
        """The name of the enclosing Parallel or Map state, or ""."""
        return self.branch.inside.name if self.branch.inside is not None else ""


@dataclass(eq=False, slots=True)
class Branch:
    """A sequence of visited states, in an execution or in one branch of the state `inside`."""

    inside: Visit | None = None
    visits: list[Visit] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Track:
    """An execution's visits, nested like its states, and all of its tasks in the order of the history.

    `visits` maps event IDs to the visits that the events belong to. Events between states belong to none.
    `last` is the innermost visit that led to the last event: the current or final position of the execution.
    """

    root: Branch = field(default_factory=Branch)
    tasks: list[Task] = field(default_factory=list)
    visits: dict[int, Visit] = field(default_factory=dict)
    last: Visit | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """The position of an event in its branch: inside a visit, or between two visits (None).

    `latest` is the visit that was most recently entered or exited on the path to the event.
    """

    branch: Branch
    visit: Visit | None
    latest: Visit | None

    def up(self) -> Iterator[Visit]:
        """Yield the visits around this position, innermost first."""
        visit = self.visit or self.branch.inside
        while visit is not None:
            yield visit
            visit = visit.branch.inside


def track(execution: Execution) -> Track:
    """Return the execution's visits and tasks. They are found in a single pass over its events, and
    cached.
    """
    kept = execution.kept.get("track")
    if not isinstance(kept, Track):
        execution.kept["track"] = kept = _track(execution)
    return kept


def _track(execution: Execution) -> Track:
    found = Track()
    start = _Place(found.root, None, None)
    places: dict[int, _Place] = {}
    types = {event.id: event.type for event in execution.events}
    for event in execution.events:
        before = places.get(event.previous_event_id, start)
        place = _place(event, before, types.get(event.previous_event_id, ""))
        places[event.id] = place
        found.last = place.latest
        if event.type.startswith("Execution"):
            continue
        if (visit := place.latest if event.type.endswith(EXITED) else place.visit) is not None:
            found.visits[event.id] = visit
        if place.visit is not None:
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
        return _Place(branch, visit, visit)
    if event.type.endswith(EXITED):
        for visit in before.up():
            if visit.name == event.details.get("name"):
                visit.exited = event
                return _Place(visit.branch, None, visit)
    for kind in ("Parallel", "Map"):  # such as ParallelStateSucceeded, whose cause is the end of a branch
        if event.type.startswith((f"{kind}State", f"{kind}Iteration")):
            for visit in before.up():
                if visit.kind == kind:
                    return _Place(visit.branch, visit, before.latest)
    return before
