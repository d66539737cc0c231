"""The Task state: starts work through the port, and handles its end, its timeouts and its token."""

from __future__ import annotations

from functools import partial

from harness.json_types import Json, JsonObject

from ..asl import Task
from ..errors import HEARTBEAT_TIMEOUT, RUNTIME, TIMEOUT, QueryError, StateFailure
from ..payload import Payload
from ..query.expressions import Expression
from ..query.scope import Scope
from ..resource import Resource
from ..time.completion import Completion
from ..time.fibers import Signal, Steps, Timer
from ..time.work import Outcome, TaskFailed, TaskSubmitted, TaskSucceeded
from .activities import ActivityTask
from .control_flow import Flow, Left
from .data_flow import entered
from .history import failure_details
from .retry_catch import leave, run_attempts
from .task_port import TaskRequest
from .tokens import Ended, Waiting


def run_task(flow: Flow, state: Task, payload: Payload) -> Steps[Left]:
    """Run a Task state."""
    flow.retry_count = 0
    return (yield from run_attempts(flow, state, payload, partial(_attempt, flow, state, payload)))


def _attempt(flow: Flow, state: Task, payload: Payload) -> Steps[Left]:
    resource = Resource.of(state.resource)
    flow.task_token = None
    if resource.waits_for_token or resource.is_activity:
        flow.token()
    result = yield from _Attempt(flow, state, resource, payload).run()
    return leave(flow, state, payload, result)


class _TimedOut(StateFailure):
    """The task exceeded its timeout or its heartbeat interval. AWS calls both States.Timeout."""

    def __init__(self, also: str | None = None) -> None:
        super().__init__(TIMEOUT, None, also=also)


class _NotStarted(Exception):
    """The history has no room for the event that starts the task. `why` is the execution's failure."""

    def __init__(self, why: StateFailure) -> None:
        super().__init__(str(why))
        self.why = why


def _optional_number(expression: Expression[float] | None, scope: Scope) -> int | None:
    return None if expression is None else int(expression.evaluate(scope))


def _credentials(expression: Expression[Json], scope: Scope) -> JsonObject:
    credentials = expression.evaluate(scope)
    if not isinstance(credentials, dict):
        raise QueryError("Credentials is not an object")
    return credentials


class _Attempt:
    """One attempt at a Task: its parameters, its events and its timers."""

    def __init__(self, flow: Flow, state: Task, resource: Resource, payload: Payload) -> None:
        self._flow = flow
        self._state = state
        self._resource = resource
        given, scope = entered(flow, state, payload)
        self._parameters = given if state.parameters is None else Payload(state.parameters.evaluate(scope))
        unfit = state.unfit(self._parameters.value)
        if unfit:
            raise QueryError(
                f"The Parameters '{self._parameters.text}' could not be used to start the Task: "
                f"[{', '.join(unfit)}]"
            )
        self._timeout_s = _optional_number(state.timeout_s, scope)
        self._heartbeat_s = _optional_number(state.heartbeat_s, scope)
        self._credentials = None if state.credentials is None else _credentials(state.credentials, scope)
        self._input = payload
        self._timers: list[Timer] = []
        self._deadline: float | None = None
        self._offered = ""
        self._heart: Timer | None = None

    def run(self) -> Steps[Payload]:
        """Perform the work. The fiber's value is the result.

        Raises:
            StateFailure: the work failed or timed out.
        """
        flow = self._flow
        flow.check_size(self._parameters, self._state.name)
        if self._resource.is_activity and not flow.host.activities.exists(self._resource.arn):
            raise QueryError(f"The activity {self._resource.arn} does not exist.")
        self._record("Scheduled", self._scheduled())
        how: Ended = "aborted"
        try:
            result = yield from self._worked() if self._resource.is_activity else self._result()
            how = "ended"
        except _NotStarted as failure:
            raise failure.why from None
        except StateFailure as failure:
            how = "timed out" if isinstance(failure, _TimedOut) else "ended"
            what = "TimedOut" if isinstance(failure, _TimedOut) else "Failed"
            self._record(what, failure_details(failure.error, failure.cause))
            raise
        finally:
            for timer in self._timers:
                timer.cancel()
            if flow.task_token:
                flow.host.tokens.close(flow.task_token, how)
                flow.host.activities.withdraw(flow.task_token)
        self._record("Succeeded", {"output": result.text})
        return result

    def _result(self) -> Steps[Payload]:
        token = self._flow.task_token
        if self._timeout_s is not None:
            self._deadline = self._flow.host.clock.now() + self._timeout_s
        completion = None
        if token:
            completion = self._flow.host.tokens.open(token, partial(self._waiting, token))
        answered = Signal()
        limit = self._expire(answered, self._deadline)
        outcome = yield from self._call(answered)
        result = self._checked(outcome.output)
        if isinstance(outcome, TaskSubmitted):
            completion = self._either(completion, outcome.completion)
        elif not self._resource.waits_for_token:
            completion = None
        if completion is None:
            return result
        self._record("Submitted", {"output": result.text})
        if limit:
            limit.cancel()
        self._expire(completion.signal, self._deadline)
        self._await_heartbeats(completion)
        return self._checked((yield from self._awaited(completion)))

    def _worked(self) -> Steps[Payload]:
        """Wait for an activity worker and its result, which is the fiber's value.

        Timeouts start when a worker takes the task:
        https://docs.aws.amazon.com/step-functions/latest/dg/troubleshooting-activities.html
        """
        flow, token, taken = self._flow, self._flow.token(), Signal()
        self._offered = self._resource.arn
        completion = flow.host.tokens.open(token, partial(self._waiting, token))
        given, place = self._parameters.text, f"{flow.iterations}{self._state.name}"
        task = ActivityTask(self._resource.arn, token, flow.execution.arn, given, taken, place)
        flow.host.tokens.wait(token)
        flow.host.activities.offer(task)
        flow.execution.awaited[completion] = None
        try:
            worker: str | None = yield taken
        finally:
            del flow.execution.awaited[completion]
        self._offered = ""
        self._record("Started", {} if worker is None else {"workerName": worker})
        if self._timeout_s is not None:
            self._deadline = flow.host.clock.now() + self._timeout_s
        self._expire(completion.signal, self._deadline)
        self._await_heartbeats(completion)
        return self._checked((yield from self._awaited(completion)))

    def _await_heartbeats(self, completion: Completion) -> None:
        if self._heartbeat_s is not None:
            completion.on_heartbeat(partial(self._beat, completion))
            completion.heartbeat()

    def _awaited(self, completion: Completion) -> Steps[Json]:
        """Wait for the end of the task. The fiber's value is the task's output."""
        flow, token = self._flow, self._flow.task_token
        if token and not completion.over:
            flow.host.tokens.wait(token)
        awaited = flow.execution.awaited
        awaited[completion] = None
        try:
            output: Json = yield completion.signal
            return output
        finally:
            del awaited[completion]

    def _either(self, of_token: Completion | None, submitted: Completion) -> Completion:
        """Return the completion of a `.sync` task. As recorded on AWS, the holder of the task's token can
        also end the task.
        """
        token = self._flow.task_token
        if token is None or of_token is None:
            return submitted
        if of_token.over:
            return of_token
        submitted.outside = of_token.outside
        self._flow.host.tokens.replace(token, submitted)
        return submitted

    def _waiting(self, token: str) -> Waiting:
        beat = None if self._heart is None else self._heart.at
        moments = [moment for moment in (self._deadline, beat) if moment is not None]
        return Waiting(
            token,
            self._flow.execution.arn,
            self._state.name,
            self._resource.arn
            if self._resource.is_activity
            else f"{self._resource.type}:{self._resource.name}",
            min(moments, default=None),
            self._heartbeat_s,
            self._offered,
            self._input.value,
            self._parameters.value,
            self._deadline,
            self._flow.iterations,
        )

    def _checked(self, output: Json) -> Payload:
        result = Payload(output)
        # Recorded: States.ALL also catches a task result that is too large.
        self._flow.check_size(result, self._resource.shown_name, beyond_all=False)
        return result

    def _call(self, answered: Signal) -> Steps[TaskSucceeded | TaskSubmitted]:
        """Make the call. The fiber's value is the call's outcome. If the call fails, raise its failure."""
        flow = self._flow
        request = TaskRequest(
            self._state.resource,
            self._parameters.value,
            flow.execution.arn,
            self._state.name,
            flow.retry_count or 0,
            flow.task_token,
            self._timeout_s,
            self._credentials,
            flow.iterations,
        )
        work = flow.host.port.start(request)
        try:
            # The work is fixed from this point on: changes made immediately after this event do not affect
            # it.
            self._record("Started", {})
        except StateFailure as failure:  # the history is full
            flow.host.scheduler.await_work(work, lambda _outcome: None)
            raise _NotStarted(failure) from None
        flow.host.scheduler.await_work(work, answered.set)
        outcome: Outcome = yield answered
        if isinstance(outcome, TaskFailed):
            raise StateFailure(outcome.error, outcome.cause, fatal=outcome.error == RUNTIME)
        return outcome

    def _expire(self, signal: Signal, moment: float | None, also: str | None = None) -> Timer | None:
        if moment is None:
            return None
        expire = partial(signal.fail, _TimedOut(also))
        asked = partial(self._flow.host.may_be_answered, self._flow.execution)
        timer = self._flow.host.scheduler.at(moment, expire, asked)
        self._timers.append(timer)
        return timer

    def _beat(self, completion: Completion) -> None:
        """Restart the heartbeat timer."""
        if self._heart:
            self._heart.cancel()
        moment = self._flow.host.clock.now() + (self._heartbeat_s or 0)
        self._heart = self._expire(completion.signal, moment, HEARTBEAT_TIMEOUT)

    def _scheduled(self) -> JsonObject:
        details: JsonObject = {}
        if self._timeout_s is not None:
            details["timeoutInSeconds"] = self._timeout_s
        if self._heartbeat_s is not None and (self._resource.is_activity or not self._resource.is_function):
            details["heartbeatInSeconds"] = self._heartbeat_s
        if self._credentials is not None:
            details["taskCredentials"] = {"roleArn": self._credentials.get("RoleArn")}
        if self._resource.is_function:
            return {**details, "input": self._parameters.text}
        return {
            **details,
            "parameters": self._parameters.text,
            "region": self._flow.execution.identity.region,
        }

    def _record(self, what: str, details: JsonObject) -> None:
        """Record a task event under the name that matches the task's kind of resource."""
        if self._resource.is_function:
            if what == "Scheduled":
                details = {**details, "resource": self._state.resource}
            if self._resource.is_activity:
                self._flow.record(f"Activity{what}", details)
            else:
                self._flow.record(f"LambdaFunction{what}", details or None)
            return
        names: JsonObject = {"resource": self._resource.name, "resourceType": self._resource.type}
        self._flow.record(f"Task{what}", {**details, **names})
