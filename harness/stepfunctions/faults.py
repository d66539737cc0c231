"""What faults make of the tasks of state machines: they fail, their answers are lost, they take longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.functions.faults.book import FaultBook, Place
from harness.functions.model import Fault
from harness.json_types import Json
from harness.service_names import capitalized
from harness.states import Outcome, TaskFailed, TaskRequest, Work
from harness.states.resource import Resource
from harness.states.time.work import DEFAULT_DURATION_S
from harness.stepfunctions.services import Services


@dataclass(frozen=True)
class TaskFaults:
    """What is made of one attempt of a task.

    Attributes:
        delay_s: how much longer it takes.
        failure: how it fails whatever becomes of its work; None if it does not.
        works: whether it does its work.
    """

    delay_s: float = 0.0
    failure: TaskFailed | None = None
    works: bool = True

    @property
    def refused(self) -> Work | None:
        """What is left of a task that does not do its work; None if it does."""
        if self.failure is None or self.works:
            return None
        return Work.done(self.failure, DEFAULT_DURATION_S + self.delay_s)

    def altered(self, outcome: Outcome) -> Outcome:
        """What is seen of an outcome."""
        longer_s = None if outcome.duration_s is None else outcome.duration_s + self.delay_s
        return replace(self.failure or outcome, duration_s=longer_s)

    def around(self, call: Callable[[], Outcome]) -> Callable[[], Outcome]:
        """The work of a task with this around it."""
        return (lambda: self.altered(call())) if self != UNTOUCHED else call

    def work(self, work: Work) -> Work:
        """Work whose outcome is known with this around it."""
        if self == UNTOUCHED:
            return work
        return Work.done(self.altered(work.future.result()), work.duration_s + self.delay_s)


UNTOUCHED = TaskFaults()


class FaultyTasks:
    """Decides what happens to tasks."""

    def __init__(self, book: FaultBook, services: Services) -> None:
        self._book = book
        self._services = services

    def of(self, request: TaskRequest, resource: Resource, request_id: str, function: str = "") -> TaskFaults:
        """What happens to an attempt that starts now; `function` is the name of the one that it invokes."""
        service, operation, params = _named(resource, request.parameters)
        account_id = request.execution_arn.split(":")[4]
        place = Place(request.lane, account_id, function, request.state_name, params)
        fired = self._book.of_task(place, service, operation, params)
        delay_s = sum(fault.arguments["seconds"] for fault in fired if fault.kind == "delay")
        for fault in fired:
            if fault.kind in ("error", "cut"):
                works = fault.kind == "cut" and fault.arguments["when"] == "after"
                return TaskFaults(delay_s, self._failure(fault, request_id), works)
        return TaskFaults(delay_s)

    def _failure(self, fault: Fault, request_id: str) -> TaskFailed:
        if fault.kind == "cut":
            return self._services.unanswered(fault.service)
        code, message = fault.arguments["code"], fault.arguments.get("message", "")
        return self._services.refusal(fault.service, fault.operation, code, message, request_id)


def _named(resource: Resource, parameters: Json) -> tuple[str, str, Json]:
    """Service, operation and parameters of a task; one that has a function's own ARN is `lambda:invoke`."""
    if resource.is_function:
        return "lambda", "Invoke", {"FunctionName": resource.arn, "Payload": parameters}
    name = resource.name.partition(".")[0]
    return resource.type, capitalized(name), parameters
