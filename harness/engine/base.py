"""The engine interface. An engine emulates AWS at an endpoint and declares its capabilities."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, Self

from harness.buckets import SeededBucket
from harness.engine.seen import SentMessage, StartedExecution
from harness.errors import HarnessError
from harness.functions.shared.debug_link import Breaks, DebugSetting
from harness.functions.shared.hosts import HostEntry, SeenRequest
from harness.functions.shared.model import Fault, Invocation, RanByFile
from harness.given import Given
from harness.json_types import JsonObject
from harness.polling import Clock
from harness.regions import ACCOUNT, REGION, Place
from harness.stepfunctions.answer import Answer, AnswersSeen
from harness.stepfunctions.awaited_task import AwaitedTask
from harness.stepfunctions.task_time import ClockMode, TaskDuration
from harness.stepfunctions.unserved_state import UnservedState
from harness.stepfunctions.waiting_task import WaitingTask

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from harness.bug import Bug
    from harness.settings import Settings
    from harness.stepfunctions.stand_ins import StandIn


PATIENCE_S = 600.0
"""The response timeout, in seconds of real time. It is long because a busy machine can be slow.

If an engine exits, its connections close immediately, so callers do not wait that long.
"""


class Capability(StrEnum):
    """A capability that a scenario may require. The value completes the phrase "the engine cannot ..."."""

    ANSWERS = "complete task tokens and activities with the scenario's answers"
    DECLARED_SIZES = "store objects with a declared size but no bytes"
    EXPRESS = "show executions of Express state machines"
    FAULTS = "inject faults into functions and their calls"
    HOSTS = "replace hosts and answer requests to them"
    INVOCATIONS = "show the invocations of functions with their logs and calls"
    MOCKS = "answer the tasks of a state with a stand-in"
    STAND_INS = "let stand-ins take time or choose tasks by anything except their state"
    TASK_FAULTS = "inject faults into tasks of state machines, or find the state that invokes a function"
    VIRTUAL_CLOCK = "let executions wait without taking real time"


class PassedEvent(NamedTuple):
    """An event in an execution history. Events are listed in the order in which they were written.

    `touched` is how many times anything outside the executions had been accessed before the event. If two
    events have the same number, nothing was accessed between them.
    """

    execution_arn: str
    id: int
    touched: int


class EngineError(HarnessError):
    """An engine failed, or cannot run on this machine. The message includes the remedy. Exit code 3."""

    code = "engine"


@dataclass(frozen=True)
class Endpoint:
    """The address, keys and region of an engine.

    The harness generates fake keys, unless the user has provided keys for the engine `endpoint`
    (`users_keys`).
    """

    url: str
    region: str = REGION
    account_id: str = ACCOUNT
    access_key_id: str = field(default="test", repr=False)
    secret_access_key: str = field(default="test", repr=False)
    session_token: str = field(default="", repr=False)
    users_keys: bool = False
    ca_bundle: str = ""
    """The CA file for the endpoint's certificate. Empty for a well-known CA."""

    @property
    def env(self) -> dict[str, str]:
        """The environment variables for boto3, the AWS CLI and awslocal, without the user's keys."""
        keys = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            **({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {}),
        }
        return {
            "AWS_ENDPOINT_URL": self.url,
            **({} if self.users_keys else keys),
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            # StartSyncExecution uses a host name with the prefix `sync-`, which does not resolve on this
            # machine.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **({"AWS_CA_BUNDLE": self.ca_bundle} if self.ca_bundle else {}),
        }


@dataclass(frozen=True)
class Availability:
    """The status of an engine on this machine. `detail` is its version, or the reason why it is unusable.

    `remedy` explains how to fix the problem.
    """

    usable: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Options:
    """Engine settings. Each engine uses the settings that apply to it."""

    endpoint_url: str | None = None
    endpoint_region: str | None = None
    endpoint_ca_bundle: Path | None = None
    localstack_version: str | None = None
    world: int = 0
    region: str | None = None
    account: str | None = None
    port: int = 0

    @classmethod
    def of(cls, settings: Settings, port: int = 0) -> Self:
        """Read the options from the settings with the same names. `port` 0 selects a free port."""
        named = (option.name for option in fields(cls) if option.name != "port")
        return cls(**{name: getattr(settings, name) for name in named}, port=port)


class Engine(ABC):
    """An emulator that the harness controls.

    `start` returns the endpoint once the engine accepts requests, and may be called twice. `stop` may be
    called at any time, repeatedly, and after a failed start. Methods that require a capability are called
    only if the engine has that capability.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    """A short description for `harness engines` and the documentation."""
    measures_code: ClassVar[bool] = False
    """True if the engine supports line coverage for functions."""
    debugs: ClassVar[bool] = False
    """True if functions and state machines can be debugged on the engine."""
    capabilities: frozenset[Capability] = frozenset()
    """The engine's capabilities. They can change until the engine has started."""

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return an engine with these options.

        Raises EngineError if a required option is missing or invalid.
        """
        return cls()

    @classmethod
    def open(cls, options: Options) -> Self:
        """Return an engine with these options, and begin to start it. Raises EngineError."""
        engine = cls.configured(options)
        try:
            engine.launch()
        except BaseException:
            engine.stop()
            raise
        return engine

    @classmethod
    def availability_with(cls, options: Options) -> Availability:
        """Return whether the engine works on this machine with these options. Starts nothing."""
        try:
            return cls.configured(options).availability()
        except EngineError as error:
            return Availability(False, str(error))

    @property
    def label(self) -> str:
        """The engine's name, with details that become known when it starts."""
        return self.name

    @abstractmethod
    def availability(self) -> Availability:
        """Return whether the engine works on this machine.

        Reads files and connects to sockets, but does not start a process.
        """

    def launch(self) -> None:
        """Begin starting without waiting, so that a slow engine can start in the background."""
        return

    @abstractmethod
    def start(self) -> Endpoint:
        """Start the engine and wait until it accepts requests.

        Raises EngineError with the reason and the remedy.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop everything that `start` started."""

    @abstractmethod
    def reset(self) -> Endpoint:
        """Delete everything that scenarios created, and return the endpoint for the next scenario.

        The endpoint differs from the previous one if each scenario gets its own account.
        """

    def goes_to(self, place: Place) -> bool:
        """Switch to another region and account at the next start.

        Return False if the engine already uses them, or has a fixed region and account.
        """
        return False

    def check(self) -> None:
        """Raise EngineError if the engine has died since its start."""
        return

    def wait_for_end(self) -> None:
        """Block until the engine exits unexpectedly. `check` then explains the reason.

        Never returns if the engine cannot detect that.
        """
        threading.Event().wait()

    def bugs(self) -> tuple[Bug, ...]:
        """Return the exceptions in the engine since the last reset. Empty if unknown."""
        return ()

    def refusal(self, error: ClientError) -> str:
        """Explain an error that the engine returns because it no longer accepts the keys.

        Return "" for any other error.
        """
        return ""

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> bool | None:
        """Return True if the execution ends within `timeout_s` of real time.

        None means that the caller must poll.
        """
        return None

    def under_way(self) -> str:
        """Describe the progress of running executions in a phrase. Return "" if unknown."""
        return ""

    def settle(self, timeout_s: float) -> bool:
        """Let time pass until no known asynchronous invocation is in progress.

        Return False if this takes longer than `timeout_s` of real time.
        """
        return True

    def standstill(self, execution_arn: str) -> str:
        """Explain why a running execution can never continue.

        Return "" if it can continue, or if that is unknown.
        """
        return ""

    def unanswered(self, execution_arn: str) -> tuple[WaitingTask, ...]:
        """List the waiting tasks of an execution and of the executions that it started.

        These tasks wait for an external answer. They are sorted by the start of the wait. Empty if unknown.
        """
        return ()

    def next_task(
        self, execution_arn: str, state: str, seen: Sequence[str], worker: str, timeout_s: float
    ) -> AwaitedTask | None:
        """Let time pass until a task of an execution, or of a child execution, waits for an answer.

        Return None if the engine fails while waiting (ANSWERS).

        Args:
            state: the name of the task's state, or "" for any.
            seen: the tokens of the tasks that were returned before.
            worker: the name of the worker that takes an activity's task.
        """
        raise AssertionError(f"{self.name} does not support task answers")

    def token_end(self, token: str) -> Literal["", "ended", "timed out", "aborted"]:
        """Return the outcome of the task with this token, or "" if the task has not ended or is unknown."""
        return ""

    def admit(self, *, anybody: bool, origins: Sequence[str]) -> bool:
        """Accept requests from web pages with these origins and, with `anybody`, from any user on this
        machine.

        Return False if the engine does not check callers.

        Args:
            anybody: also accept callers without the session token.
        """
        return False

    def waiting(self, seen: int, timeout_s: float) -> tuple[WaitingTask, ...]:
        """List the tasks that only an external answer can end, without the first `seen` (VIRTUAL_CLOCK).

        Waits up to `timeout_s` of real time for such a task.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    @property
    def clock(self) -> Clock:
        """Return the executions' clock, with methods that let time pass."""
        return time

    def set_clock_mode(self, mode: ClockMode, *, people: bool = False) -> None:
        """Set the mode of the executions' clock, before any state machine exists (VIRTUAL_CLOCK).

        Args:
            people: true if people, rather than scenarios, use the engine. Virtual time then begins now.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    def step(self) -> None:
        """Let virtual time pass only while a caller waits for it, until the clock is set or the engine is
        reset.

        State machines and executions are kept. An engine that uses real time continues to do so.
        """
        return

    def set_durations(self, durations: Sequence[TaskDuration]) -> None:
        """Set task durations until the clock is set again. Other tasks take 100 ms (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def set_answers(self, answers: Sequence[Answer], own: Sequence[str] = ()) -> None:
        """Answer tasks that wait for an external answer, until the clock is set again (ANSWERS).

        Args:
            own: the ARNs of the executions that accept only answers specified for them.
        """
        raise AssertionError(f"{self.name} does not support task answers")

    def answered(self) -> AnswersSeen | None:
        """Return how the answers were used, or None if unknown."""
        return None

    def set_stand_ins(self, stand_ins: Sequence[StandIn]) -> None:
        """Set the stand-ins that answer tasks, until the clock is set or the engine is reset.

        Requires MOCKS, and STAND_INS if a stand-in specifies anything beyond the state and its answers.
        """
        raise AssertionError(f"{self.name} does not support stand-ins")

    def start_arn(self, machine_arn: str) -> str:
        """Return the ARN for starting executions of a state machine with its stand-ins."""
        return machine_arn

    def set_hosts(self, entries: Sequence[HostEntry]) -> None:
        """Set the responses that hosts return, until the next reset (HOSTS)."""
        raise AssertionError(f"{self.name} does not support hosts")

    def requests(self) -> tuple[SeenRequest, ...]:
        """Return the requests to hosts, sorted by their time on the clock. Empty if unknown."""
        return ()

    def hosts_used(self) -> Mapping[int, int]:
        """Return how many requests each `hosts` entry matched, by entry number.

        Empty if unknown.
        """
        return {}

    def set_hang(self, seconds: float) -> None:
        """Set the CPU time after which a function is deemed hung, until the next reset (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def pause_at(self, numbers: Sequence[int], *, record: bool = False) -> None:
        """Pause the executions right after these events, until the clock is set (VIRTUAL_CLOCK).

        Args:
            numbers: event numbers starting at 1, counted across all histories in the order they are
                written.
            record: record all events for `passed`.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    def paused(self, timeout_s: float) -> int:
        """Wait for a pause and return its event number, or 0 if none occurs (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def go_on(self) -> None:
        """End the pause (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def hold_back(self, part: Literal["", "code", "settings"]) -> int:
        """Delay one part (code or settings) of each function update that changes both (VIRTUAL_CLOCK).

        Returns:
            the number of functions that had a delayed part until now. Their updates are now complete.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    def passed(self) -> Sequence[PassedEvent]:
        """Return the recorded events, in order (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def durations_matched(self) -> Mapping[int, int]:
        """Return the number of tasks whose duration each entry set, by entry index. Empty if unknown."""
        return {}

    def stand_ins_used(self) -> Mapping[int, int]:
        """Return the number of tasks that each stand-in has answered, by its index. Empty if unknown."""
        return {}

    def seed(self, buckets: Sequence[SeededBucket]) -> bool:
        """Create buckets and objects directly. Return False if the caller must use the S3 API."""
        return False

    def give(self, given: Given) -> bool:
        """Store user-provided values where templates and functions look them up.

        Return False if the caller must use the APIs.
        """
        return False

    def lend_layers(self, layers: Mapping[str, bytes]) -> bool:
        """Use zip files in place of the layers with matching ARNs.

        Return False if this is not supported.
        """
        return False

    def set_debugger(self, setting: DebugSetting, breaks: Breaks) -> None:
        """Enable function debugging, with the breakpoints in `breaks` (`debugs`)."""
        raise AssertionError(f"{self.name} does not support debugging")

    def measure(self, *, arcs: bool) -> bool:
        """Start counting the lines that functions execute.

        Return False if functions do not run in the harness's runtime.

        Args:
            arcs: count the transitions from one line to the next.
        """
        return False

    def measured(self) -> Mapping[str, RanByFile]:
        """Return the lines or arcs executed since the last reset, by deployed function name."""
        return {}

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """Put objects, each as `(key, size in bytes)`, into an existing bucket (DECLARED_SIZES)."""
        raise AssertionError(f"{self.name} does not support declared sizes")

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace the faults with these, and reset the counts (FAULTS).

        Task faults, and faults that specify a state, require TASK_FAULTS.
        """
        raise AssertionError(f"{self.name} does not support faults")

    def set_network(self, addresses: Sequence[str]) -> None:
        """Set the `host:port` pairs that functions can connect to in addition to the engine. Default: none.

        An engine that does not run functions in the harness's runtime has its own rules.
        """
        return

    def fired(self) -> Mapping[int, int]:
        """Return how many times each fault has fired, by fault ID. Empty if unknown."""
        return {}

    def express_execution(self, execution_arn: str) -> JsonObject | None:
        """Describe an execution of an Express state machine. AWS APIs do not show these executions (EXPRESS).

        Returns:
            the combined output of DescribeExecution and GetExecutionHistory. Times are in seconds since 1970.
            None if the execution is not found.
        """
        raise AssertionError(f"{self.name} does not show Express executions")

    def task_tokens(self) -> Mapping[str, str]:
        """Return the issued task tokens, with the ARNs of their executions. Empty if unknown."""
        return {}

    def unserved_states(self, machine_arns: Sequence[str]) -> Mapping[str, Sequence[UnservedState]]:
        """List the states that the engine does not support, by state machine. Empty if unknown."""
        return {}

    def invocations(self) -> tuple[Invocation, ...]:
        """Return all invocations since the last reset, sorted by start time (INVOCATIONS)."""
        return ()

    def ended_invocations(self, seen: int, timeout_s: float) -> tuple[Invocation, ...]:
        """Return the invocations sorted by end time, without the first `seen`.

        Waits up to `timeout_s` of real time for an invocation (VIRTUAL_CLOCK).
        """
        return ()

    def sent_messages(self, seen: int, timeout_s: float) -> tuple[SentMessage, ...]:
        """Return the published messages sorted by time, without the first `seen`.

        Waits up to `timeout_s` of real time for a message (VIRTUAL_CLOCK).
        """
        return ()

    def executions(self) -> tuple[StartedExecution, ...] | None:
        """Return all executions, sorted by start time. None means that the caller must use the API."""
        return None

    def execution(self, arn: str) -> JsonObject | None:
        """Describe an execution like `express_execution`, with its `definition`.

        Return None if `executions` returns None.
        """
        return None

    def pulse(self) -> tuple[str, float] | None:
        """Return a string that changes with every event, and the time. Return None if they are unknown.

        The time is read from the executions' clock, in seconds since 1970.
        """
        return None


def scrubbed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return a copy without variables that could lead to real AWS (AWS_* variables and proxies)."""
    return {
        k: v
        for k, v in environment.items()
        if not k.upper().startswith("AWS_") and not k.upper().endswith("_PROXY")
    }
