"""The application in front of moto: serves Step Functions and the harness's control requests.

Control requests are JSON over HTTP under /_harness/, with the session token (`doors`) in the header
SECRET_HEADER or as the parameter X-Amz-Security-Token. In addition to `functions.host.control_server`:

POST /_harness/buckets       one JSON array per line: [bucket, [[key, size, base64 body or null, count or
                             null], ...]]; other lines and requests may add objects to the same bucket
POST /_harness/reset         delete everything
POST /_harness/clock         {"mode": "real" | "virtual" | "stepped"}; stops all executions. With
                             "people": true, virtual time begins now, and a reset keeps the mode
POST /_harness/durations     [{"function": ..., "takes_s": ...}, ...] (TaskDuration), until the clock is set
POST /_harness/hang          seconds of processor time after which a function hangs, until the next reset
POST /_harness/debugger      {"setting": {...DebugSetting}, "breaks": {...Breaks}}: enable debugging of
                             functions, and of everything specified in the breaks, from now on
POST /_harness/measure       true: count the arcs between lines that functions run; false: count the lines
GET  /_harness/measured      {function name: {its path for a file: [line or arc, ...]}} since the last reset
GET  /_harness/durations     {entry number: number of tasks whose duration it set}
POST /_harness/answers       {"answers": [{...Answer}, ...], "own": [execution ARN, ...]}, until the clock
                             is set
GET  /_harness/answers       {...AnswersSeen}
GET  /_harness/invocations   [{...Invocation}, ...]
GET  /_harness/ended         ?seen=N&timeout=S: invocations sorted by end time, without the first N;
                             waits for one
GET  /_harness/bugs          [{...Bug}, ...]: the exceptions since the last reset
GET  /_harness/tokens        {task token: execution ARN}
GET  /_harness/wait?execution=ARN&timeout=SECONDS   true once the execution has ended
GET  /_harness/express?execution=ARN                {...}: an Express execution with its events, or null
GET  /_harness/standstill?execution=ARN             the reason why it can never continue, or ""
GET  /_harness/unanswered?execution=ARN             [{...WaitingTask}, ...]: its waiting tasks,
                             including those in child executions
GET  /_harness/waiting?seen=NUMBER&timeout=SECONDS  [{...WaitingTask}, ...]: the tasks after the first
                             NUMBER that only an external answer can end; waits for one
POST /_harness/next-task     {"execution": ARN, "state": NAME, "seen": [TOKEN, ...], "worker": NAME,
                             "timeout": SECONDS} -> {...AwaitedTask}; waits until a task of the execution
                             waits for an external answer, except for the tasks in "seen"
GET  /_harness/token-end?token=TOKEN   "ended", "timed out" or "aborted"; "" before that
POST /_harness/step          let virtual time pass only while a caller waits for it, until the clock is set
GET  /_harness/pass?seconds=SECONDS&timeout=SECONDS   true once the seconds have passed on the clock
GET  /_harness/settle?timeout=SECONDS   true once no event is in progress
GET  /_harness/now           seconds since 1970 on the clock
GET  /_harness/under-way     [AWS calls since the last reset, seconds since 1970 on the clock]
POST /_harness/pauses        {"at": [NUMBER, ...], "record": ...}: pause the executions right after these
                             events, counted from 1 across all histories, until the clock is set (Pauses)
GET  /_harness/paused?timeout=SECONDS   the event number of the current pause; 0 for none
POST /_harness/go-on         end the pause
GET  /_harness/passed        recorded [[execution ARN, event ID, number of accesses to anything outside], ...]
POST /_harness/halves        "code", "settings" or "": the part of function updates to delay from now on
                             (Halves); returns the number of delayed parts, which are now applied
PUT  /_harness/stack-answer?request=ID   a custom resource's response, from within its function
POST /_harness/doors         {"anybody": ..., "origins": [...]}: additional callers to serve (Doors.admit)
POST /_harness/unserved      [state machine ARN, ...] -> {ARN: [[state, unsupported feature], ...]}
POST /_harness/hosts         [{...HostEntry}, ...]: the responses that hosts return, until the next reset
GET  /_harness/hosts         {entry number: number of requests that it answered}
GET  /_harness/requests      [{...SeenRequest}, ...]: the requests to hosts
POST /_harness/host          {...HostAsked}, from within a function -> {...HostAnswered}
...                          observer requests: see `looks`
POST /_harness/sleep         {"request_id": ..., "seconds": ...}, from within a function -> {"now": ...}.
                             No thread of the function can continue before that, or before a response to one
                             of the AWS calls with the IDs in `calls`; the response lists them as `answered`
"""

from __future__ import annotations

import base64
import http
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from moto.moto_api._internal.models import moto_api_backend

from harness.buckets import SeededObject
from harness.engine.moto import layers, objects
from harness.engine.moto.atomic import atomic
from harness.engine.moto.bugs import Bugs, answering, call_of
from harness.engine.moto.connections import MOMENT
from harness.engine.moto.doors import Doors
from harness.engine.moto.ended import EndedInvocations
from harness.engine.moto.hosts import Hosts
from harness.engine.moto.ids import Ids
from harness.engine.moto.looks import LOOKER, Looks
from harness.engine.moto.published import PUBLISHED
from harness.engine.moto.resources.halves import HALVES
from harness.engine.moto.stepfunctions import StateMachines
from harness.engine.moto.world_time import at
from harness.functions.host.control_server import (
    ControlServer,
    Query,
    Routes,
    fault_routes,
    network_routes,
    seconds_of,
)
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.control_protocol import LOOK_HEADER, PREFIX
from harness.functions.shared.hosts import HostAnswered, HostAsked, HostEntry
from harness.functions.shared.model import (
    AFTER_HEADER,
    CALL_HEADER,
    DEFAULT_HANG_S,
    INVOCATION_HEADER,
    NOW_HEADER,
)
from harness.given import Given
from harness.regions import Place
from harness.stepfunctions.answer import Answer
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.protocol import TARGET
from harness.stepfunctions.runner import BrokenDown
from harness.stepfunctions.stand_ins import StandIn, StandIns
from harness.stepfunctions.task_time import ClockMode, TaskDuration, TaskDurations

CALLER, CALL, AFTER, LOOK = (
    "HTTP_" + name.upper().replace("-", "_")
    for name in (INVOCATION_HEADER, CALL_HEADER, AFTER_HEADER, LOOK_HEADER)
)
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Control:
    """The WSGI application in front of moto's application.

    It passes requests that it does not handle itself to moto's application.
    """

    def __init__(
        self,
        app: WsgiApp,
        runtime: FunctionRuntime,
        machines: StateMachines,
        hosts: Hosts,
        invocations: EndedInvocations,
        bugs: Bugs,
        ids: Ids,
        doors: Doors,
        account_id: str,
        region: str,
    ):
        self._app = app
        self._bugs = bugs
        self._ids = ids
        self._doors = doors
        self._runtime = runtime
        self._machines = machines
        self._hosts = hosts
        self._account_id = account_id
        self._region = region
        self._invocations_seen = invocations
        self._calls = 0
        self._answering = answering(bugs, self._answered)
        network = network_routes(lambda _, addresses: runtime.set_network(addresses))
        looks = Looks(machines, invocations, lambda: self._calls).routes()
        self._server = ControlServer({**fault_routes(runtime.faults), **network, **looks, **self._routes()})

    def _routes(self) -> Routes:
        return {
            ("POST", "buckets"): self._seed_buckets,
            ("POST", "reset"): self._reset,
            ("POST", "clock"): self._set_clock,
            ("POST", "doors"): lambda _query, body: self._doors.admit(**json.loads(body)),
            ("POST", "durations"): self._set_durations,
            ("POST", "answers"): self._set_answers,
            ("GET", "answers"): lambda _query, _body: self._machines.answers_seen(),
            ("POST", "given"): self._give,
            ("POST", "hang"): self._set_hang,
            ("POST", "layer"): lambda query, body: layers.lend(query["pattern"], body),
            ("GET", "durations"): lambda _query, _body: dict(self._machines.tasks.durations.matched()),
            ("POST", "stand-ins"): self._set_stand_ins,
            ("GET", "stand-ins"): lambda _query, _body: dict(self._machines.tasks.stand_ins.used()),
            ("POST", "hosts"): self._set_hosts,
            ("GET", "hosts"): lambda _query, _body: dict(self._hosts.book.used()),
            ("GET", "requests"): lambda _query, _body: self._hosts.seen(),
            ("POST", "host"): self._answer_host,
            ("GET", "invocations"): self._invocations,
            ("GET", "ended"): self._ended,
            ("POST", "debugger"): self._set_debugger,
            ("POST", "measure"): lambda _query, body: self._runtime.measured.begin(arcs=json.loads(body)),
            ("GET", "measured"): lambda _query, _body: self._runtime.measured.all(),
            ("GET", "bugs"): lambda _query, _body: [asdict(bug) for bug in self._bugs.seen()],
            ("GET", "tokens"): lambda _query, _body: dict(self._machines.api.task_tokens),
            ("GET", "wait"): self._wait,
            ("GET", "express"): lambda query, _body: self._machines.express(query["execution"]),
            ("GET", "standstill"): lambda query, _body: self._machines.standstill(query["execution"]),
            ("GET", "unanswered"): lambda query, _body: self._machines.unanswered(query["execution"]),
            ("POST", "next-task"): self._next_task,
            ("GET", "token-end"): lambda query, _body: self._machines.token_end(query["token"]),
            ("POST", "step"): lambda _query, _body: self._machines.runner.step(),
            ("GET", "waiting"): lambda query, _body: self._machines.waiting(
                int(query["seen"]), seconds_of(query["timeout"])
            ),
            ("POST", "pauses"): self._set_pauses,
            ("GET", "paused"): lambda query, _body: self._machines.simulation.pauses.wait(
                seconds_of(query["timeout"])
            ),
            ("POST", "go-on"): lambda _query, _body: self._machines.simulation.pauses.go_on(),
            ("POST", "halves"): self._hold_back,
            ("GET", "passed"): lambda _query, _body: self._machines.simulation.pauses.passed(),
            ("GET", "pass"): self._pass,
            ("GET", "settle"): self._settle,
            ("GET", "under-way"): lambda _query, _body: [self._calls, self._machines.simulation.clock.now()],
            ("GET", "now"): lambda _query, _body: self._machines.simulation.clock.now(),
            ("POST", "sleep"): self._sleep,
            ("PUT", "stack-answer"): self._take_stack_answer,
            ("POST", "unserved"): lambda _query, body: self._machines.unserved(json.loads(body)),
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request. Exceptions are converted to responses, too."""
        caller = environ.get(CALLER, "")
        with self._runtime.schedule.calling(caller), at(self._machines.time_of(caller)):
            answered = self._answering(environ, start_response)
            environ[MOMENT] = time.time()
        return answered

    def _answered(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(PREFIX):
            return self._control(environ, start_response)
        looks = LOOK in environ
        self._calls += not looks
        caller, call = environ.get(CALLER, ""), environ.get(CALL, "")
        work = self._machines.admit(caller, environ.get(AFTER, "").split()) if caller else None
        of_machines = environ.get("HTTP_X_AMZ_TARGET", "").startswith(TARGET)
        if of_machines and (work is None or not call):
            return self._state_machines(environ, start_response)
        operation = call_of(environ, environ["wsgi.input"].getvalue())
        if work is None or not call:
            with atomic(caller), self._ids.of_call(caller or LOOKER * looks, operation):
                answered = list(self._app(environ, start_response))
            if not caller and self._machines.events.sent_here() and self._machines.simulation.clock.virtual:
                self._machines.settle()
            return answered
        began_s = work.awake_at

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            moved = [(NOW_HEADER, repr(work.awake_at))] if work.awake_at > began_s else []
            return start_response(status, [*headers, *moved], *rest)

        try:
            if of_machines:  # state machines are not part of moto, and are ordered separately
                return self._state_machines(environ, start)
            with atomic(caller, call), self._ids.of_call(caller, operation):
                return list(self._app(environ, start))
        finally:
            self._machines.simulation.scheduler.note_answer(work, call)

    def _control(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
        reply = self._server.reply(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, _body(environ))
        answer = reply.text.encode()
        headers = [("Content-Type", reply.content_type), ("Content-Length", str(len(answer)))]
        start_response(_status(reply.status), headers)
        return [answer]

    def _state_machines(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reply = self._machines.answer(
            environ["HTTP_X_AMZ_TARGET"],
            _body(environ),
            environ.get("HTTP_AUTHORIZATION", ""),
            environ.get(CALLER, ""),
            environ.get(CALL, ""),
        )
        headers = [*reply.headers.items(), ("Content-Length", str(len(reply.body)))]
        start_response(_status(reply.status), headers)
        return [reply.body]

    def _seed_buckets(self, _: Query, body: bytes) -> None:
        for line in body.splitlines():
            bucket, listed = json.loads(line)
            content = (
                SeededObject(key, size, None if body is None else base64.b64decode(body), count)
                for key, size, body, count in listed
            )
            with atomic():
                objects.put(self._account_id, self._region, bucket, content)

    def _give(self, _: Query, body: bytes) -> None:
        from harness.engine.moto import given  # noqa: PLC0415  (start-up)

        with atomic():
            given.put(Given.read(body), Place(self._region, self._account_id))

    def _reset(self, _: Query, __: bytes) -> None:
        self._machines.reset()
        self._hosts.clear()
        HALVES.clear()
        layers.take_back()
        self._runtime.faults.set(())
        self._runtime.hang_s = DEFAULT_HANG_S
        self._runtime.stop_environments()
        with atomic():
            moto_api_backend.reset()
        if given := sys.modules.get("harness.engine.moto.given"):
            given.clear()
        self._ids.reset()
        self._invocations_seen.forget()
        PUBLISHED.forget()
        self._runtime.measured.clear()
        self._calls = 0
        self._bugs.clear()

    def _ended(self, query: Query, _: bytes) -> object:
        found = self._invocations_seen.after(int(query["seen"]), seconds_of(query["timeout"]))
        return [asdict(invocation) for invocation in found]

    def _invocations(self, _: Query, __: bytes) -> object:
        order = self._machines.tasks.order
        seen = sorted(self._invocations_seen, key=lambda i: (i.started_at, order(i.request_id)))
        return [asdict(invocation) for invocation in seen]

    def _wait(self, query: Query, _: bytes) -> bool:
        try:
            return self._machines.wait(query["execution"], seconds_of(query["timeout"]))
        except ApiError as error:
            raise LookupError(f"{error.code}: {error.message}") from None
        except BrokenDown:
            return True  # its executions were stopped, and the bugs contain the reason

    def _next_task(self, _: Query, body: bytes) -> object:
        asked = json.loads(body)
        try:
            return self._machines.next_task(
                asked["execution"],
                asked["state"],
                asked["seen"],
                asked["worker"],
                seconds_of(asked["timeout"]),
            )
        except ApiError as error:
            raise LookupError(f"{error.code}: {error.message}") from None
        except BrokenDown:
            return None  # its executions were stopped, and the bugs contain the reason

    def _set_pauses(self, _: Query, body: bytes) -> None:
        asked = json.loads(body)
        self._machines.simulation.pauses.at(asked["at"], record=asked["record"])

    def _hold_back(self, _: Query, body: bytes) -> int:
        with atomic():
            return HALVES.hold_back(json.loads(body))

    def _pass(self, query: Query, _: bytes) -> bool:
        try:
            return self._machines.runner.sleep(seconds_of(query["seconds"]), seconds_of(query["timeout"]))
        except BrokenDown:
            return True

    def _settle(self, query: Query, _: bytes) -> bool:
        try:
            return self._machines.settle(seconds_of(query["timeout"]))
        except BrokenDown:
            return True

    def _set_clock(self, _: Query, body: bytes) -> None:
        asked = json.loads(body)
        begin = self._machines.serve_people if asked.get("people") else self._machines.reset
        begin(ClockMode(asked["mode"]))

    def _set_durations(self, _: Query, body: bytes) -> None:
        self._machines.tasks.durations = TaskDurations([TaskDuration(**entry) for entry in json.loads(body)])

    def _set_answers(self, _: Query, body: bytes) -> None:
        asked = json.loads(body)
        self._machines.answers.set([Answer(**answer) for answer in asked["answers"]], asked["own"])

    def _set_stand_ins(self, _: Query, body: bytes) -> None:
        self._machines.tasks.stand_ins = StandIns([StandIn.from_json(entry) for entry in json.loads(body)])

    def _set_hosts(self, _: Query, body: bytes) -> None:
        self._hosts.set([HostEntry.from_json(entry) for entry in json.loads(body)])

    def _answer_host(self, _: Query, body: bytes) -> HostAnswered:
        asked: HostAsked = json.loads(body)
        with self._runtime.schedule.calling(asked["request_id"]):
            return self._hosts.answer(asked)

    def _set_hang(self, _: Query, body: bytes) -> None:
        self._runtime.hang_s = seconds_of(json.loads(body))

    def _set_debugger(self, _: Query, body: bytes) -> None:
        asked = json.loads(body)
        setting, breaks = asked["setting"], asked["breaks"]
        self._runtime.debugger = setting
        self._runtime.breaks = {"": breaks["calls"], **{name: [""] for name in breaks["functions"]}}
        if breaks["states"] or breaks["calls"]:
            from harness.stepfunctions.stops import Stops  # noqa: PLC0415  (few users debug state machines)

            self._machines.stop_at(Stops(setting, breaks["states"], breaks["calls"]))

    def _take_stack_answer(self, query: Query, body: bytes) -> None:
        from harness.engine.moto.resources.custom import take_answer  # noqa: PLC0415  (start-up)

        take_answer(query["request"], body)

    def _sleep(self, _: Query, body: bytes) -> object:
        asked = json.loads(body)
        with self._runtime.schedule.calling(asked["request_id"]):
            return self._machines.rest(
                asked["request_id"],
                seconds_of(asked["seconds"]),
                tuple(map(str, asked.get("calls", ()))),
            )


def _status(status: int) -> str:
    return f"{status} {http.HTTPStatus(status).phrase}"


def _body(environ: dict[str, Any]) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body
