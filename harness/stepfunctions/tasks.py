"""The interpreter's port. It turns tasks into function invocations and service calls, each in a separate
thread.

The threads only wait for the function's process or for the endpoint. A function starts immediately in real
time. Its AWS calls are matched to its task by invocation ID, and take effect at that task's virtual time. A
service call is made only when the scheduler waits for it. Calls are therefore made one after another, so
that, for example, the outcome of two conditional writes is deterministic.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Final

from harness.functions.faults.registry import FaultRegistry
from harness.json_types import Json, JsonObject
from harness.states import Clock, Execution, Outcome, TaskFailed, TaskRequest, Work
from harness.states.payload import to_text
from harness.states.randomness import Randomness
from harness.states.resource import Resource
from harness.states.run.nested import NestedExecutions
from harness.states.time.scheduler import Scheduler
from harness.states.time.work import DEFAULT_DURATION_S
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.arns import Caller, machine_of
from harness.stepfunctions.conversion import java_name
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.faults import FaultyTasks, TaskFaults
from harness.stepfunctions.functions import Begun, Functions, begun_of, call_of, is_event, outcome_of
from harness.stepfunctions.http_task import HttpTasks
from harness.stepfunctions.parameters import checked
from harness.stepfunctions.services import Services
from harness.stepfunctions.stand_ins import Chosen, StandIns, work_of
from harness.stepfunctions.starts import Start
from harness.stepfunctions.task_time import TaskDurations

# Lambda's default concurrency. With fewer threads, the simulation would hang when all of them sleep.
MAX_THREADS: Final = 1_000
_ROLE_ARN: Final = re.compile(r"arn:[^:]+:iam::(\d{12}):role/.+")


class Tasks:
    """Starts a simulation's tasks. `connect` must be called first to set the API and the clock.

    Invocation IDs are derived from the seed `world`. `before_call`, if set, is called before a task begins.
    """

    def __init__(
        self,
        functions: Functions,
        services: Services,
        faults: FaultRegistry | None = None,
        world: int = 0,
    ) -> None:
        self._functions = functions
        self._services = services
        self._faults = FaultyTasks(faults or FaultRegistry(), services)
        self._pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="task")
        self._calls = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="call")
        self._ids = Randomness(f"invocations:{world}" if world else "invocations")
        self._works: dict[str, Work] = {}
        self._executions: dict[str, str] = {}
        self._open: dict[str, Future[Outcome]] = {}
        self._order: dict[str, int] = {}
        self._busy = 0
        self._idle = threading.Condition()
        self._closed = False
        self.durations = TaskDurations()
        self.stand_ins = StandIns()
        self.http: HttpTasks | None = None
        self.before_call: Callable[[TaskRequest, Resource], None] | None = None
        self._api: StepFunctions
        self._scheduler: Scheduler
        self._clock: Clock
        self._touch: Callable[[], None]

    def connect(
        self, api: StepFunctions, scheduler: Scheduler, touch: Callable[[], None] = lambda: None
    ) -> None:
        """Connect to the simulation behind this API, with this scheduler. For `touch`, see Pauses."""
        self._api = api
        self._scheduler = scheduler
        self._clock = scheduler.clock
        self._touch = touch

    def start(self, request: TaskRequest) -> Work:
        """Start an attempt of a task."""
        if request.task_token is not None:
            self._api.note_token(request.task_token, request.execution_arn)
        resource = Resource.of(request.resource)
        if self.before_call is not None:
            self.before_call(request, resource)
        request_id = self.new_id()
        within = partial(self._api.is_within, request.execution_arn)
        chosen = self.stand_ins.choose(request, resource, _caller(request), within)
        if chosen:
            return self._stand_in(chosen, request, resource, request_id)
        if (resource.type, resource.name) == ("http", "invoke") and self.http is not None:
            return self._invoke_http(self.http, request, resource, request_id)
        if not self.serves(resource):
            return Work.done(not_served(resource, self.stand_ins.unanswered(request, resource)))
        if resource.is_function or (resource.type == "lambda" and not is_event(request.parameters)):
            return self._start_function(request, resource, request_id)
        nested = _starts_execution(resource)
        faults = self._faults.of(request, resource, request_id)
        if faults.refused:
            return faults.refused
        if nested:
            return faults.work(NestedExecutions(partial(self._start_execution, request)).start(request))
        parameters = from_machine(request) if resource.type == "events" else request.parameters
        call = partial(
            self._services.outcome_of, resource, parameters, _caller(request), request_id, self._clock.now()
        )
        task = f"{resource.type}:{resource.name.partition('.')[0]}"
        takes_s = self._decided_s(request, task)
        return self._submit(request_id, faults.around(call), _duration_s(takes_s, faults))

    def _decided_s(self, request: TaskRequest, task: str, function: str = "") -> float | None:
        """Return a task's duration if a duration entry sets it; see TaskDurations."""
        within = partial(self._api.is_within, request.execution_arn)
        return self.durations.of(request.parameters, within, task=task, function=function)

    def serves(self, resource: Resource) -> bool:
        """Return whether tasks with this Resource are supported."""
        if resource.is_function:
            return True
        return _starts_execution(resource) or self._services.serves(resource)

    def work(self, request_id: str) -> Work | None:
        """Return the work for an invocation that is running."""
        return self._works.get(request_id)

    def execution_of(self, request_id: str) -> str:
        """Return the ARN of the execution that an invocation belongs to, "" if unknown."""
        return self._executions.get(request_id, "")

    def note_caller(self, request_id: str, caller: str) -> None:
        """Record that one invocation started another, for the same execution."""
        self._executions[request_id] = self.execution_of(caller)

    def order(self, request_id: str) -> int:
        """Return an invocation's number, counted from 0 in start order, or -1."""
        return self._order.get(request_id, -1)

    def new_id(self) -> str:
        """Return the next invocation ID in a sequence that is the same in every run."""
        return self._ids.uuid()

    def number(self, request_id: str) -> None:
        """Assign a number to an invocation that starts now. A retried invocation keeps its number."""
        self._order.setdefault(request_id, len(self._order))

    def register(self, request_id: str, future: Future[Outcome], duration_s: float) -> Work:
        """Register the work for an invocation or a call until `future` is done. `work` returns it."""
        work = Work(future, duration_s)
        # a call can arrive before the scheduler has the work
        work.started_at = work.awake_at = self._clock.now()
        self._works[request_id] = work
        self._open[request_id] = future
        if self._closed:
            settle(future, TaskFailed("States.Runtime", "The engine was reset"))
        return work

    @contextmanager
    def under_way(self, request_id: str) -> Iterator[None]:
        """Mark work as running in this thread. Afterwards the work is no longer registered."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            self._works.pop(request_id, None)
            self._open.pop(request_id, None)
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def close(self) -> None:
        """Cancel work that has not begun, and stop waiting for running work."""
        with self._idle:
            self._closed = True
        for pool in (self._pool, self._calls):
            pool.shutdown(wait=False, cancel_futures=True)
        for future in list(self._open.values()):
            settle(future, TaskFailed("States.Runtime", "The engine was reset"))

    def drain(self, stop: Callable[[], None]) -> None:
        """Call `stop`, which ends running functions, until none are left. Call this method after `close`."""
        with self._idle:
            while self._order or self._busy:
                stop()
                if self._idle.wait_for(lambda: not self._busy, 0.05):
                    return

    def _invoke_http(
        self, http: HttpTasks, request: TaskRequest, resource: Resource, request_id: str
    ) -> Work:
        faults = self._faults.of(request, resource, request_id)
        if faults.refused:
            return faults.refused
        outcome, takes_s = http.perform(request, self._clock.now())
        decided_s = self._decided_s(request, "http:invoke")
        return faults.work(Work.done(outcome, takes_s if decided_s is None else decided_s))

    def _stand_in(self, chosen: Chosen, request: TaskRequest, resource: Resource, request_id: str) -> Work:
        faults = self._faults.of(request, resource, request_id, chosen.function)
        if faults.refused:
            return faults.refused
        task = "lambda:invoke" if chosen.function else f"{resource.type}:{resource.action}"
        usual_s = self._decided_s(request, task, chosen.function)
        return faults.work(work_of(chosen, request, resource, request_id, self._scheduler, usual_s))

    def _start_function(self, request: TaskRequest, resource: Resource, request_id: str) -> Work:
        now_s = self._clock.now() if self._clock.virtual else None
        call = call_of(resource, request, _caller(request), request_id, now_s)
        if isinstance(call, TaskFailed):
            return Work.done(call)
        function = call.arn.split(":")[6]
        faults = self._faults.of(request, resource, request_id, function)
        if faults.refused:
            return faults.refused
        takes_s = self._decided_s(request, "lambda:invoke", function)
        self.number(request_id)
        self._executions[request_id] = request.execution_arn
        self._touch()
        begun = begun_of(call, self._functions)
        if isinstance(begun, TaskFailed):
            return faults.work(Work.done(begun, DEFAULT_DURATION_S if takes_s is None else takes_s))
        run = partial(outcome_of, resource, call, begun)
        return self._submit(request_id, faults.around(run), _duration_s(takes_s, faults), begun=begun)

    def _submit(
        self,
        request_id: str,
        call: Callable[[], Outcome],
        duration_s: float,
        *,
        begun: Begun | None = None,
    ) -> Work:
        future: Future[Outcome] = Future()
        work = self.register(request_id, future, duration_s)
        start = Start(self._pool if begun else self._calls, partial(self._run, request_id, future, call))
        work.begin = start.now
        if begun:
            begun.join(work, start.now, self._clock.now)
        if not self._closed and (begun or not self._clock.virtual):
            start.soon()
        return work

    def _run(self, request_id: str, future: Future[Outcome], call: Callable[[], Outcome]) -> None:
        if self._closed:
            return
        with self.under_way(request_id):
            try:
                outcome = call()
            except Exception as error:
                with contextlib.suppress(InvalidStateError):
                    future.set_exception(error)
            else:
                settle(future, outcome)

    def _start_execution(self, request: TaskRequest, parameters: JsonObject) -> Execution | TaskFailed:
        names = {"StateMachineArn": "stateMachineArn", "Input": "input", "Name": "name"}
        given = {names.get(name, name): value for name, value in parameters.items() if value is not None}
        if not isinstance(given.get("input", ""), str):
            given["input"] = to_text(given["input"])
        try:
            to_end = Resource.of(request.resource).pattern.startswith("sync")
            started = self._api.start(_caller(request), checked("StartExecution", given), to_end=to_end)
        except ApiError as error:
            return self._not_started(request, error)
        self._api.note_starter(started.arn, request.execution_arn)
        return started

    @staticmethod
    def _not_started(request: TaskRequest, error: ApiError) -> TaskFailed:
        if ":aws-sdk:" in request.resource:
            service = java_name("SFN")
            cause = f"{error.message} (Service: {service}, Status Code: {error.status}, Request ID: 0)"
            return TaskFailed(f"{service}.{error.code.removesuffix('Exception')}Exception", cause)
        cause = (
            f"{error.message} (Service: AWSStepFunctions; Status Code: {error.status}; "
            f"Error Code: {error.code}; Request ID: 0; Proxy: null)"
        )
        return TaskFailed(f"StepFunctions.{error.code.removesuffix('Exception')}Exception", cause)


def _caller(request: TaskRequest) -> Caller:
    """Return the account for a task's calls: the account of the role in its Credentials, otherwise the
    machine's account.
    """
    _, _, _, region, account_id, *_ = request.execution_arn.split(":")
    credentials = request.credentials
    role = credentials.get("RoleArn") if isinstance(credentials, dict) else None
    assumed = _ROLE_ARN.fullmatch(role) if isinstance(role, str) else None
    return Caller(assumed[1] if assumed else account_id, region)


def _starts_execution(resource: Resource) -> bool:
    return resource.action == "startExecution" and resource.type in ("states", "aws-sdk:sfn")


def not_served(resource: Resource, why: str = "") -> TaskFailed:
    """Return the failure for a task that AWS supports but the harness does not."""
    return TaskFailed("States.Runtime", f"{resource.arn} is not served here{why}")


def from_machine(request: TaskRequest) -> Json:
    """Return the parameters for `events:putEvents`. Like AWS, add the ARNs of the machine and the execution
    to the entries.
    """
    parameters = request.parameters
    entries = parameters.get("Entries") if isinstance(parameters, dict) else None
    if not isinstance(parameters, dict) or not isinstance(entries, list):
        return parameters
    execution = request.execution_arn
    sources: list[Json] = [machine_of(execution), execution]
    sent: list[Json] = []
    for entry in entries:
        named = entry.get("Resources") or [] if isinstance(entry, dict) else []
        if isinstance(entry, dict) and isinstance(named, list):
            sent.append({**entry, "Resources": [*named, *sources]})
        else:
            sent.append(entry)
    return {**parameters, "Entries": sent}


def _duration_s(takes_s: float | None, faults: TaskFaults) -> float:
    return (DEFAULT_DURATION_S if takes_s is None else takes_s) + faults.delay_s


def settle(future: Future[Outcome], outcome: Outcome) -> None:
    """Set an outcome, unless the future was cancelled."""
    with contextlib.suppress(InvalidStateError):
        future.set_result(outcome)
