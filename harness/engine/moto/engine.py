"""The part of the embedded engine that runs in the parent process. moto runs in a child process."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib import metadata
from itertools import islice
from typing import Any, Literal, Self

from harness.buckets import SeededBucket, SeededObject
from harness.bug import Bug
from harness.engine.base import (
    PATIENCE_S,
    Availability,
    Capability,
    Endpoint,
    EngineError,
    Options,
    PassedEvent,
    scrubbed_environment,
)
from harness.engine.control_client import ControlClient
from harness.engine.controlled import ChildEngine
from harness.engine.seen import SentMessage, StartedExecution
from harness.functions.shared.debug_link import Breaks, DebugSetting
from harness.functions.shared.hosts import HostEntry, SeenRequest
from harness.functions.shared.interpreter import hash_variables
from harness.functions.shared.model import Invocation, RanByFile
from harness.given import Given
from harness.hidden import hide
from harness.json_types import JsonObject
from harness.polling import Clock
from harness.regions import ACCOUNT, REGION, Place
from harness.stepfunctions.answer import Answer, AnswersSeen
from harness.stepfunctions.awaited_task import AwaitedTask
from harness.stepfunctions.stand_ins import StandIn
from harness.stepfunctions.task_time import ClockMode, TaskDuration
from harness.stepfunctions.unserved_state import UnservedState
from harness.stepfunctions.waiting_task import WaitingTask

START_TIMEOUT_S = 300.0
PASS_TIMEOUT_S = 600.0
DEBUGGED_S = 1e8
"""The real-time timeout that replaces all others during debugging: three years."""
SEEDED_AT_ONCE = 10_000
"""The maximum number of buckets and object entries in one request."""
OF_MOTO = frozenset(
    [
        "INITIAL_NO_AUTH_ACTION_COUNT",
        "MAX_SHARED_ACCOUNTS",
        "RAW_URI",
        "S3_UPLOAD_PART_MIN_SIZE",
        "SF_EXECUTION_HISTORY_TYPE",
        "TEST_PROXY_MODE",
        "TEST_SERVER_MODE",
        "VALIDATE_LAMBDA_S3",
    ]
)
"""Environment variables that moto reads, although their names do not begin with MOTO_."""


class _ChildClock:
    """The clock for the executions in the child."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def monotonic(self) -> float:
        return float(self._control.ask("GET", "now"))

    def sleep(self, seconds: float, /) -> None:
        longest_s = DEBUGGED_S if self._control.patient else PASS_TIMEOUT_S
        passed = self._control.ask(
            "GET", "pass", seconds=seconds, timeout=longest_s, timeout_s=longest_s + PATIENCE_S
        )
        if not json.loads(passed):
            raise EngineError(f"{seconds:g} s on the clock did not pass within {longest_s:g} s of real time")


class MotoEngine(ChildEngine):
    """moto in a child process on 127.0.0.1. `port` 0 selects a free port."""

    name = "moto"
    summary = "embedded, the default: moto in a child process, virtual time, no Docker, no network"
    capabilities = frozenset(Capability)
    measures_code = debugs = True

    def __init__(
        self,
        command: Sequence[str] | None = None,
        start_timeout_s: float = START_TIMEOUT_S,
        world: int = 0,
        region: str | None = None,
        account: str | None = None,
        port: int = 0,
    ):
        super().__init__("moto", start_timeout_s)
        self._command = command
        self._world = world
        self._port = port
        self._answers = self._hosts = self._patient = False
        self._place = Endpoint(url="", region=region or REGION, account_id=account or ACCOUNT)

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return an engine with the world, region, account and port from these options."""
        return cls(world=options.world, region=options.region, account=options.account, port=options.port)

    def availability(self) -> Availability:
        """Return the version and the address. moto is always installed, as a dependency of the harness."""
        version = metadata.version("moto")
        return Availability(
            True, f"moto {version} on 127.0.0.1, on a free port, protected by a session token"
        )

    def launch(self) -> None:
        """Start the child."""
        # The world also determines the order of sets.
        env = _without_settings_of_moto(scrubbed_environment(os.environ)) | hash_variables(self._world)
        if self._command:
            self._child.launch(self._command, env)
        else:
            place = (self._place.account_id, self._place.region, str(self._world), str(self._port))
            self._child.launch_module("harness.engine.moto", *place, env=env)

    def _serving(self, ready: Any) -> tuple[Endpoint, str]:
        url: str = ready["url"]
        self._secret = ready["session_token"]
        hide(self._secret)
        return replace(self._place, url=url, session_token=self._secret), url

    def reset(self) -> Endpoint:
        """Delete everything that scenarios created, and stop running executions."""
        self._answers = self._hosts = False
        self._control.ask("POST", "reset")
        assert self._endpoint is not None
        return self._endpoint

    def goes_to(self, place: Place) -> bool:
        """Switch to the region and the account at the next start."""
        if place == Place(self._place.region, self._place.account_id):
            return False
        self._place = replace(self._place, region=place.region, account_id=place.account)
        return True

    def give(self, given: Given) -> bool:
        """Pass the values to the child."""
        self._control.ask("POST", "given", given.written().encode())
        return True

    def lend_layers(self, layers: Mapping[str, bytes]) -> bool:
        """Pass the layers to the child, one at a time."""
        for pattern, content in layers.items():
            self._control.ask("POST", "layer", content, pattern=pattern)
        return True

    def measure(self, *, arcs: bool) -> bool:
        """Make the function runtime in the child count lines or arcs."""
        self._control.ask("POST", "measure", arcs)
        return True

    def measured(self) -> Mapping[str, RanByFile]:
        """Return the lines or arcs from the function runtime in the child."""
        ran = json.loads(self._control.ask("GET", "measured"))
        return {
            name: {
                file: [each if isinstance(each, int) else (each[0], each[1]) for each in found]
                for file, found in files.items()
            }
            for name, files in ran.items()
        }

    def set_debugger(self, setting: DebugSetting, breaks: Breaks) -> None:
        """Enable debugging in the child. From now on, responses have no real-time timeout."""
        self._patient = True
        self._control.ask("POST", "debugger", {"setting": setting, "breaks": breaks})

    @property
    def _control(self) -> ControlClient:
        control = super()._control
        control.patient = self._patient
        return control

    def bugs(self) -> tuple[Bug, ...]:
        """Return the exceptions in the child since the last reset."""
        return tuple(Bug(**bug) for bug in json.loads(self._control.ask("GET", "bugs")))

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> bool | None:
        """Query the child, which responds when the execution ends."""
        answer = self._control.ask(
            "GET", "wait", execution=execution_arn, timeout=timeout_s, timeout_s=timeout_s + PATIENCE_S
        )
        return bool(json.loads(answer))

    def under_way(self) -> str:
        """Query the child for the number of calls and for the time."""
        calls, now_s = json.loads(self._control.ask("GET", "under-way"))
        return f"{calls:,} AWS calls, {datetime.fromtimestamp(now_s, UTC):%d %b %H:%M:%S} on the clock"

    def settle(self, timeout_s: float) -> bool:
        """Let time pass in the child, including time for retries, until no event is in progress."""
        answer = self._control.ask("GET", "settle", timeout=timeout_s, timeout_s=timeout_s + PATIENCE_S)
        return bool(json.loads(answer))

    @property
    def clock(self) -> Clock:
        """Return the clock of the child."""
        return _ChildClock(self._control)

    def standstill(self, execution_arn: str) -> str:
        """Query the child."""
        reason: str = json.loads(self._control.ask("GET", "standstill", execution=execution_arn))
        return reason

    def unanswered(self, execution_arn: str) -> tuple[WaitingTask, ...]:
        """Query the child."""
        answer = json.loads(self._control.ask("GET", "unanswered", execution=execution_arn))
        return tuple(WaitingTask(**task) for task in answer)

    def next_task(
        self, execution_arn: str, state: str, seen: Sequence[str], worker: str, timeout_s: float
    ) -> AwaitedTask | None:
        """Query the child, which responds when there is such a task, or when there can never be one."""
        asked = {
            "execution": execution_arn,
            "state": state,
            "seen": list(seen),
            "worker": worker,
            "timeout": timeout_s,
        }
        answer = json.loads(self._control.ask("POST", "next-task", asked, timeout_s=timeout_s + PATIENCE_S))
        return None if answer is None else AwaitedTask.read(answer)

    def token_end(self, token: str) -> Literal["", "ended", "timed out", "aborted"]:
        """Query the child."""
        how: Literal["", "ended", "timed out", "aborted"] = json.loads(
            self._control.ask("GET", "token-end", token=token)
        )
        return how

    def step(self) -> None:
        """Switch the child's clock to stepped time."""
        self._control.ask("POST", "step")

    def set_clock_mode(self, mode: ClockMode, *, people: bool = False) -> None:
        """Stop all executions, and restart with a clock in this mode."""
        self._answers = self._hosts = False
        self._control.ask("POST", "clock", {"mode": mode, "people": people})

    def admit(self, *, anybody: bool, origins: Sequence[str]) -> bool:
        """Pass the setting to the child."""
        self._control.ask("POST", "doors", {"anybody": anybody, "origins": list(origins)})
        return True

    def ended_invocations(self, seen: int, timeout_s: float) -> tuple[Invocation, ...]:
        """List the finished invocations as soon as there are any."""
        return self._control.invocations(
            "ended", seen=seen, timeout=timeout_s, timeout_s=timeout_s + PATIENCE_S
        )

    def sent_messages(self, seen: int, timeout_s: float) -> tuple[SentMessage, ...]:
        """Query the child, which responds as soon as there is a message."""
        answer = self._control.ask(
            "GET", "messages", seen=seen, timeout=timeout_s, timeout_s=timeout_s + PATIENCE_S
        )
        return tuple(SentMessage(**each) for each in json.loads(answer))

    def executions(self) -> tuple[StartedExecution, ...]:
        """Query the child."""
        return tuple(StartedExecution(**each) for each in json.loads(self._control.ask("GET", "executions")))

    def execution(self, arn: str) -> JsonObject | None:
        """Query the child."""
        found: JsonObject | None = json.loads(self._control.ask("GET", "execution", execution=arn))
        return found

    def pulse(self) -> tuple[str, float]:
        """Query the child."""
        text, now = json.loads(self._control.ask("GET", "pulse"))
        return text, now

    def waiting(self, seen: int, timeout_s: float) -> tuple[WaitingTask, ...]:
        """Query the child, which responds as soon as there is a task."""
        answer = self._control.ask(
            "GET", "waiting", seen=seen, timeout=timeout_s, timeout_s=timeout_s + PATIENCE_S
        )
        return tuple(WaitingTask(**task) for task in json.loads(answer))

    def set_durations(self, durations: Sequence[TaskDuration]) -> None:
        """Pass the durations to the tasks in the child."""
        self._control.ask("POST", "durations", [asdict(duration) for duration in durations])

    def set_answers(self, answers: Sequence[Answer], own: Sequence[str] = ()) -> None:
        """Pass the answers to the state machines in the child."""
        asked = {"answers": [asdict(answer) for answer in answers], "own": list(own)}
        self._control.ask("POST", "answers", asked)
        self._answers = True

    def answered(self) -> AnswersSeen | None:
        """Query the child if answers are set."""
        if not self._answers:
            return None
        return AnswersSeen.read(json.loads(self._control.ask("GET", "answers")))

    def set_stand_ins(self, stand_ins: Sequence[StandIn]) -> None:
        """Pass the stand-ins to the tasks in the child."""
        self._control.ask("POST", "stand-ins", [asdict(each) for each in stand_ins])

    def set_hosts(self, entries: Sequence[HostEntry]) -> None:
        """Pass the entries to the child."""
        self._control.ask("POST", "hosts", [asdict(each) for each in entries])
        self._hosts = True

    def requests(self) -> tuple[SeenRequest, ...]:
        """Query the child if hosts are set."""
        if not self._hosts:
            return ()
        return tuple(SeenRequest(**each) for each in json.loads(self._control.ask("GET", "requests")))

    def hosts_used(self) -> Mapping[int, int]:
        """Query the child if hosts are set."""
        return self._control.counts("hosts") if self._hosts else {}

    def set_hang(self, seconds: float) -> None:
        """Pass the limit to the function runtime in the child."""
        self._control.ask("POST", "hang", seconds)

    def pause_at(self, numbers: Sequence[int], *, record: bool = False) -> None:
        """Pass the event numbers to the child."""
        self._control.ask("POST", "pauses", {"at": list(numbers), "record": record})

    def paused(self, timeout_s: float) -> int:
        """Query the child, which responds as soon as there is a pause."""
        answer = self._control.ask("GET", "paused", timeout=timeout_s, timeout_s=timeout_s + PATIENCE_S)
        return int(json.loads(answer))

    def go_on(self) -> None:
        """End the pause in the child."""
        self._control.ask("POST", "go-on")

    def hold_back(self, part: Literal["", "code", "settings"]) -> int:
        """Pass the part to the child."""
        return int(json.loads(self._control.ask("POST", "halves", part)))

    def passed(self) -> Sequence[PassedEvent]:
        """Query the child."""
        return [PassedEvent(*event) for event in json.loads(self._control.ask("GET", "passed"))]

    def durations_matched(self) -> Mapping[int, int]:
        """Return the number of tasks whose duration was set by each entry."""
        return self._control.counts("durations")

    def express_execution(self, execution_arn: str) -> JsonObject | None:
        """Query the child, which stores Express executions."""
        found: JsonObject | None = json.loads(self._control.ask("GET", "express", execution=execution_arn))
        return found

    def task_tokens(self) -> Mapping[str, str]:
        """Return the tokens that the child's state machines issued, with the ARNs of their executions."""
        tokens: Mapping[str, str] = json.loads(self._control.ask("GET", "tokens"))
        return tokens

    def stand_ins_used(self) -> Mapping[int, int]:
        """Query the child."""
        return self._control.counts("stand-ins")

    def unserved_states(self, machine_arns: Sequence[str]) -> Mapping[str, Sequence[UnservedState]]:
        """Query the child, which has parsed the state machines."""
        found = json.loads(self._control.ask("POST", "unserved", list(machine_arns)))
        return {arn: [UnservedState(*state) for state in states] for arn, states in found.items()}

    def seed(self, buckets: Sequence[SeededBucket]) -> bool:
        """Put buckets and objects directly into moto's memory, several thousand at a time."""
        for lines in _requests(buckets):
            self._control.ask("POST", "buckets", "\n".join(lines).encode())
        return True


def _requests(buckets: Sequence[SeededBucket]) -> Iterator[list[str]]:
    """Divide buckets into requests of limited size. A large bucket is split across several requests."""
    lines: list[str] = []
    left = SEEDED_AT_ONCE
    for bucket in buckets:
        objects = iter(bucket.objects)
        while True:
            entries = [_entry(each) for each in islice(objects, left)]
            lines.append(json.dumps([bucket.name, entries]))
            left -= len(entries) + 1
            if left > 0:
                break
            yield lines
            lines, left = [], SEEDED_AT_ONCE
    if lines:
        yield lines


def _entry(of: SeededObject) -> tuple[str, int, str | None, int | None]:
    body = None if of.body is None else base64.b64encode(of.body).decode()
    return of.key, of.size_bytes, body, of.count


def _without_settings_of_moto(environment: Mapping[str, str]) -> dict[str, str]:
    """Return a copy without environment variables that configure moto, Flask and werkzeug.

    A developer may have set them for other purposes.
    """
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("MOTO_", "FLASK_", "WERKZEUG_")) and name not in OF_MOTO
    }
