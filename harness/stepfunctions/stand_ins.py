"""Stand-ins: answers to tasks whose services and functions the harness does not run.

An answer has the format of the integration's response. A `.sync` task is first submitted, and ends after the
stand-in's duration. The same applies to a task that waits for its token, unless the stand-in replaces the
function that the task invokes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from harness.functions.shared.matching import fires, is_in, is_like, matches
from harness.json_types import Json
from harness.states import Outcome, TaskFailed, TaskRequest, TaskSucceeded, Work
from harness.states.payload import to_text
from harness.states.resource import Resource
from harness.states.run.service_results import http_metadata, lambda_invoke_result
from harness.states.time.completion import Completion
from harness.states.time.scheduler import Scheduler
from harness.states.time.work import DEFAULT_DURATION_S, TaskSubmitted
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.functions import function_arn, is_event
from harness.task_error import TaskError

if TYPE_CHECKING:
    pass

_JOB_FAILED: Final = "States.TaskFailed"
"""The error for a job that fails after it has been submitted. With any other error, the call itself fails."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: a result, or an error if one is set. `takes_s` is its duration on the clock."""

    result: Json = None
    error: str = ""
    cause: str = ""
    takes_s: float | None = None
    times: int = 1


@dataclass(frozen=True)
class StandIn:
    """An answer, or a sequence of answers, and the tasks that get them.

    Attributes:
        resource: an integration without its ARN, such as `ecs:runTask.sync`, or the ARN of a function.
        function: the name or the ARN of a function.
        matcher: a matcher for all parameters, as in a scenario file; None for any.
        first, last: the range of matching tasks to answer, counted from 1 in each lane.
        python: the path and name of a function in the project, instead of `answers`.
        run: the ARN of an execution: only tasks in it, and in executions that it started.
        iterations: only tasks in these inline Map iterations, by the names of the Maps.
    """

    answers: tuple[Answer, ...] = ()
    state: str = ""
    resource: str = ""
    function: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    matcher: Mapping[str, Any] | None = None
    first: int = 1
    last: int | None = None
    python: tuple[str, str] | None = None
    run: str = ""
    iterations: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> StandIn:
        """Read the format that `dataclasses.asdict` produces."""
        python = fields["python"]
        answers = tuple(Answer(**answer) for answer in fields["answers"])
        return cls(**{**fields, "answers": answers, "python": tuple(python) if python else None})


class Chosen(NamedTuple):
    """A stand-in that answers a task, with the answer. `function` is the name of the replaced function."""

    stand_in: StandIn
    answer: Answer
    function: str = ""


class _Called(NamedTuple):
    """The target of a task. `function` is the ARN of the invoked function, and `given` is its input."""

    resource: Resource
    function: str
    given: Json

    @property
    def name(self) -> str:
        """The name of the function, or "" if there is none."""
        parts = self.function.split(":")
        return parts[6] if len(parts) > 6 else ""


class StandIns:
    """A simulation's stand-ins, each with the numbers of tasks that match it and that it answered."""

    def __init__(self, stand_ins: Sequence[StandIn] = ()) -> None:
        self._stand_ins = tuple(stand_ins)
        self._fitting: Counter[tuple[int, str]] = Counter()
        self._used: Counter[int] = Counter()
        self._functions: dict[tuple[str, str], Callable[[Any], Any]] = {}
        self._lock = threading.Lock()

    def choose(
        self, request: TaskRequest, resource: Resource, caller: Caller, within: Callable[[str], bool]
    ) -> Chosen | None:
        """Return the stand-in and answer for an attempt that starts now, or None. The attempt is counted.

        `within` returns whether the task belongs to a given run.
        """
        if not self._stand_ins:
            return None
        called = _called(request, resource, caller)
        chosen: Chosen | None = None
        with self._lock:
            for number, each in enumerate(self._stand_ins):
                if not self._fits(each, request, called) or (each.run and not within(each.run)):
                    continue
                self._fitting[number, request.lane] += 1
                nth = self._fitting[number, request.lane]
                if chosen is None and fires(each, nth):
                    self._used[number] += 1
                    chosen = Chosen(each, _answer(each, nth), called.name)
        if chosen is not None and chosen.stand_in.python:
            return chosen._replace(answer=self._asked(chosen, called.given))
        return chosen

    def _asked(self, chosen: Chosen, given: Json) -> Answer:
        """Return the answer from a function in the project. An error in the function makes the execution
        fail.
        """
        from harness.stepfunctions import python_answers  # noqa: PLC0415  (start-up)

        assert chosen.stand_in.python is not None
        path, name = chosen.stand_in.python
        takes_s = chosen.answer.takes_s
        try:
            if (path, name) not in self._functions:
                self._functions[path, name] = python_answers.load(path, name)
            return Answer(python_answers.ask(self._functions[path, name], given, path), takes_s=takes_s)
        except TaskError as error:
            return Answer(error=error.error, cause=error.cause, takes_s=takes_s)
        except python_answers.Unusable as error:
            return Answer(error="States.Runtime", cause=f"the stand-in could not answer: {error}")

    def used(self) -> Mapping[int, int]:
        """Return each stand-in's number of answered tasks, by its position. The number can be 0."""
        with self._lock:
            return {number: self._used[number] for number in range(len(self._stand_ins))}

    def unanswered(self, request: TaskRequest, resource: Resource) -> str:
        """Return a message if a task has stand-ins but none matches this attempt. Otherwise return ""."""
        names = (resource.arn, f"{resource.type}:{resource.name}")
        about = [
            each for each in self._stand_ins if each.state == request.state_name or each.resource in names
        ]
        if not about:
            return ""
        given = to_text(request.parameters)
        return (
            f"; none of its stand-ins ({len(about)} in tasks) matches this attempt, whose parameters are "
            f"{given}"
        )

    def _fits(self, stand_in: StandIn, request: TaskRequest, called: _Called) -> bool:
        matcher = stand_in.matcher
        return (
            stand_in.state in ("", request.state_name)
            and stand_in.resource
            in ("", called.resource.arn, f"{called.resource.type}:{called.resource.name}")
            and is_in(stand_in.iterations, request.iterations)
            and _is_of(stand_in.function, called.function)
            and matches(stand_in.params, request.parameters)
            and (matcher is None or _met(matcher, called.given if stand_in.function else request.parameters))
        )


def work_of(
    chosen: Chosen,
    request: TaskRequest,
    resource: Resource,
    request_id: str,
    scheduler: Scheduler,
    usual_s: float | None = None,
) -> Work:
    """Return the work for a task that a stand-in answers. Called when the task starts.

    Args:
        usual_s: its duration, unless the stand-in sets one.
    """
    answer = chosen.answer
    takes_s = next((each for each in (answer.takes_s, usual_s) if each is not None), DEFAULT_DURATION_S)
    if chosen.stand_in.function:
        return Work.done(_function_outcome(answer, request, resource, request_id, scheduler), takes_s)
    failed = TaskFailed(answer.error, answer.cause) if answer.error else None
    submits = resource.pattern.startswith("sync") or resource.waits_for_token
    if not submits or (failed is not None and failed.error != _JOB_FAILED and not resource.waits_for_token):
        return Work.done(failed or TaskSucceeded(answer.result), takes_s)
    completion = Completion()
    submitted_s = min(takes_s, DEFAULT_DURATION_S)
    submitted = TaskSubmitted(_submitted(resource, answer, request_id), completion)
    scheduler.at(scheduler.clock.now() + takes_s, lambda: _end(completion, answer))
    return Work.done(submitted, submitted_s)


def _end(completion: Completion, answer: Answer) -> None:
    if completion.over:
        return
    if answer.error:
        completion.fail(answer.error, answer.cause)
    else:
        completion.succeed(answer.result)


def _submitted(resource: Resource, answer: Answer, request_id: str) -> Json:
    """Return the response to the call that starts a job. The response also contains the members of the job's
    result.
    """
    from harness.scenario.results.models import submitted_model  # noqa: PLC0415  (start-up)
    from harness.scenario.results.sample import sample  # noqa: PLC0415  (start-up)

    model = submitted_model(resource.arn)
    made = sample(model, answer.result if isinstance(answer.result, dict) else ())
    return {**made, **http_metadata({}, request_id)} if isinstance(made, dict) else made


def _function_outcome(
    answer: Answer, request: TaskRequest, resource: Resource, request_id: str, scheduler: Scheduler
) -> Outcome:
    """Return the outcome of a task whose function returns this answer."""
    if answer.error:
        cause = to_text({"errorMessage": answer.cause, "errorType": answer.error})
        return TaskFailed(answer.error, cause)
    if resource.is_function:
        return TaskSucceeded(answer.result)
    if is_event(request.parameters):
        return TaskSucceeded({**http_metadata({}, request_id, 202), "StatusCode": 202})
    now = scheduler.clock.now()
    return TaskSucceeded(lambda_invoke_result(to_text(answer.result), request_id=request_id, now=now))


def _answer(stand_in: StandIn, nth: int) -> Answer:
    """Return a stand-in's answer to the nth task that it matches."""
    number = nth
    for answer in stand_in.answers:
        if number <= answer.times or len(stand_in.answers) == 1:
            return answer
        number -= answer.times
    raise AssertionError(f"the stand-in has no answer number {nth}")


def _called(request: TaskRequest, resource: Resource, caller: Caller) -> _Called:
    parameters = request.parameters
    if resource.is_function:
        return _Called(resource, resource.arn, parameters)
    name = parameters.get("FunctionName") if isinstance(parameters, dict) else None
    if resource.type != "lambda" or not isinstance(parameters, dict) or not isinstance(name, str):
        return _Called(resource, "", parameters)
    try:
        arn = function_arn(name, caller)
    except ValueError:  # the task reports this
        return _Called(resource, "", parameters)
    return _Called(resource, arn, parameters.get("Payload"))


def _is_of(wanted: str, arn: str) -> bool:
    """Return whether a function's ARN, with or without a qualifier, is the expected ARN or has that name."""
    if not wanted:
        return True
    parts = arn.split(":")
    return len(parts) > 6 and wanted in (parts[6], ":".join(parts[:7]), arn)


def _met(matcher: Mapping[str, Any], value: Json) -> bool:
    """Return whether a value satisfies a matcher. Strings are searched in its compact JSON."""
    if "equals" in matcher and matcher["equals"] != value:
        return False
    return is_like({key: clause for key, clause in matcher.items() if key != "equals"}, to_text(value))
