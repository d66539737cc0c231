"""Effects of faults on the tasks of state machines: failures, lost responses, and delays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from harness.functions.faults.kind import Answered, Later, Refused
from harness.functions.faults.registry import FaultRegistry, Place
from harness.json_types import Json
from harness.service_names import capitalized
from harness.states import Outcome, TaskFailed, TaskRequest, TaskSucceeded, Work
from harness.states.resource import Resource
from harness.states.time.work import DEFAULT_DURATION_S
from harness.stepfunctions.http_errors import NO_ANSWER, of_status
from harness.stepfunctions.services import Services


@dataclass(frozen=True)
class TaskFaults:
    """The effects of faults on one task attempt.

    Attributes:
        delay_s: the additional time that the task takes.
        failure: the failure that replaces the task's result; None for no failure.
        works: true if the task does its work.
        changes: functions that change the task's result, in order.
    """

    delay_s: float = 0.0
    failure: TaskFailed | None = None
    works: bool = True
    changes: tuple[Callable[[object], object], ...] = ()

    @property
    def refused(self) -> Work | None:
        """The failure of a task that does not do its work. None if it does its work."""
        if self.failure is None or self.works:
            return None
        return Work.done(self.failure, DEFAULT_DURATION_S + self.delay_s)

    def altered(self, outcome: Outcome) -> Outcome:
        """Apply the effects to an outcome."""
        longer_s = None if outcome.duration_s is None else outcome.duration_s + self.delay_s
        if isinstance(outcome, TaskSucceeded):
            for change in self.changes:
                outcome = replace(outcome, output=cast(Json, change(outcome.output)))
        return replace(self.failure or outcome, duration_s=longer_s)

    def around(self, call: Callable[[], Outcome]) -> Callable[[], Outcome]:
        """Wrap a task's work."""
        return (lambda: self.altered(call())) if self != UNTOUCHED else call

    def work(self, work: Work) -> Work:
        """Wrap work whose outcome is already known."""
        if self == UNTOUCHED:
            return work
        return Work.done(self.altered(work.future.result()), work.duration_s + self.delay_s)


UNTOUCHED = TaskFaults()


class FaultyTasks:
    """Decides which faults affect tasks, and applies them."""

    def __init__(self, registry: FaultRegistry, services: Services) -> None:
        self._registry = registry
        self._services = services

    def of(self, request: TaskRequest, resource: Resource, request_id: str, function: str = "") -> TaskFaults:
        """Return the effects on a task attempt that starts now. `function` is the invoked function's name."""
        service, operation, params = _named(resource, request.parameters)
        account_id = request.execution_arn.split(":")[4]
        place = Place(request.lane, account_id, function, request.state_name, params, request.execution_arn)
        delay_s, failure, works = 0.0, None, True
        changes: list[Callable[[object], object]] = []
        for effect in self._registry.on_task(place, service, operation, params):
            if isinstance(effect, Later):
                delay_s += effect.delay_s
            elif isinstance(effect, Answered):
                changes.append(effect.change)
            elif isinstance(effect, Refused):
                works = False
                failure = self._refusal(service, operation, effect, request_id)
            else:
                works = effect.works
                failure = NO_ANSWER if service == "http" else self._services.unanswered(service)
        return TaskFaults(delay_s, failure, works, tuple(changes))

    def _refusal(self, service: str, operation: str, effect: Refused, request_id: str) -> TaskFailed:
        if service == "http":
            return of_status(effect.code, effect.message)
        return self._services.refusal(service, operation, effect.code, effect.message, request_id)


def _named(resource: Resource, parameters: Json) -> tuple[str, str, Json]:
    """Return a task's service, operation and parameters. A function ARN is treated as `lambda:invoke`."""
    if resource.is_function:
        return "lambda", "Invoke", {"FunctionName": resource.arn, "Payload": parameters}
    name = resource.name.partition(".")[0]
    return resource.type, capitalized(name), parameters
