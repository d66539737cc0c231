"""The interface of engines: an engine plays AWS at an endpoint, with stated capabilities."""

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
"""Real time for which an answer is waited for: a busy machine may need a while.

An engine that ends closes its connections at once.
"""


class Capability(StrEnum):
    """An ability that a scenario may need; the value completes "the engine cannot ..."."""

    ANSWERS = "answer task tokens and activities as a scenario says"
    DECLARED_SIZES = "store objects of a declared size without their bytes"
    EXPRESS = "show what executions of Express machines did"
    FAULTS = "let functions and their calls fail"
    HOSTS = "answer requests to hosts in their place"
    INVOCATIONS = "show the invocations of functions with their logs and calls"
    MOCKS = "answer the tasks of a state in the place of what is not run"
    STAND_INS = "let stand-ins choose tasks by more than their state, nor let them take time"
    TASK_FAULTS = "let tasks of state machines fail, nor tell the state that invokes a function"
    VIRTUAL_CLOCK = "let executions wait without taking real time"


class PassedEvent(NamedTuple):
    """An event of a history, in the order in which all of them were written.

    `touched` counts how often anything had looked at what is outside of the executions until then: between
    two events with the same number nothing did.
    """

    execution_arn: str
    id: int
    touched: int


class EngineError(HarnessError):
    """The engine cannot run here, or broke down; the message says what to do. Exit code 3."""

    code = "engine"


@dataclass(frozen=True)
class Endpoint:
    """The address of an engine, and the keys and region for it.

    The keys are made up by the harness, unless the user gave some (`users_keys`) to the engine `endpoint`.
    """

    url: str
    region: str = REGION
    account_id: str = ACCOUNT
    access_key_id: str = field(default="test", repr=False)
    secret_access_key: str = field(default="test", repr=False)
    session_token: str = field(default="", repr=False)
    users_keys: bool = False
    ca_bundle: str = ""
    """The file with the CA that signed its certificate; empty for those that are known."""

    @property
    def env(self) -> dict[str, str]:
        """The variables that point boto3, the AWS CLI and awslocal here; keys of the user are left out."""
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
            # StartSyncExecution goes to a host with the prefix `sync-`, a name that nobody knows here.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **({"AWS_CA_BUNDLE": self.ca_bundle} if self.ca_bundle else {}),
        }


@dataclass(frozen=True)
class Availability:
    """The state of an engine here: `detail` is its version, or the reason against it with a `remedy`."""

    usable: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Options:
    """Settings of engines; each engine takes those that concern it."""

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
        """Take them from the settings, where they have the same names; `port` 0 is a free one."""
        named = (option.name for option in fields(cls) if option.name != "port")
        return cls(**{name: getattr(settings, name) for name in named}, port=port)


class Engine(ABC):
    """An emulator under the harness's control.

    `start` returns the endpoint once it serves, also the second time; `stop` may be called at any time,
    also twice and after a failed start. Methods of a capability are called only when the engine states it.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    """A phrase for `harness engines` and the documentation."""
    measures_code: ClassVar[bool] = False
    """Tells whether it counts lines of functions' code."""
    debugs: ClassVar[bool] = False
    """Tells whether functions and state machines can be debugged on it."""
    capabilities: frozenset[Capability] = frozenset()
    """Its abilities; known for certain when it is started."""

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return one for these options. Raises EngineError when a necessary one is missing or wrong."""
        return cls()

    @classmethod
    def open(cls, options: Options) -> Self:
        """Return one for these options that is coming up. Raises EngineError."""
        engine = cls.configured(options)
        try:
            engine.launch()
        except BaseException:
            engine.stop()
            raise
        return engine

    @classmethod
    def availability_with(cls, options: Options) -> Availability:
        """Tell whether it works here with these options; starts nothing."""
        try:
            return cls.configured(options).availability()
        except EngineError as error:
            return Availability(False, str(error))

    @property
    def label(self) -> str:
        """Its name, and what it turned out to be when it was started."""
        return self.name

    @abstractmethod
    def availability(self) -> Availability:
        """Tell whether it works here; reads files and asks sockets, and starts no process."""

    def launch(self) -> None:
        """Begin to start, without waiting: an engine that takes a while comes up while others work."""
        return

    @abstractmethod
    def start(self) -> Endpoint:
        """Make it serve. Raises EngineError with the reason and the remedy."""

    @abstractmethod
    def stop(self) -> None:
        """End everything that `start` began."""

    @abstractmethod
    def reset(self) -> Endpoint:
        """Forget everything that scenarios made; gives the endpoint for the next one.

        It differs from the one before where each scenario gets an account of its own.
        """

    def goes_to(self, place: Place) -> bool:
        """Be in another region and account from the next start; False: it is there, or has its own."""
        return False

    def check(self) -> None:
        """Raise EngineError when the engine has died since it was started."""
        return

    def wait_for_end(self) -> None:
        """Return when the engine has ended by itself, which `check` explains; never where it is not seen."""
        threading.Event().wait()

    def bugs(self) -> tuple[Bug, ...]:
        """The exceptions in the engine since the last reset; none where that is not known."""
        return ()

    def refusal(self, error: ClientError) -> str:
        """Explain an error that means that the engine does not take its keys any more; "" for any other."""
        return ""

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> bool | None:
        """Return True when the execution ended within `timeout_s` of real time; None: poll it."""
        return None

    def under_way(self) -> str:
        """Say in a phrase how far what runs has come; "" where that is not known."""
        return ""

    def settle(self, timeout_s: float) -> bool:
        """Let time pass until no asynchronous invocation is under way, of those that the engine can tell.

        Return False when that took longer than `timeout_s` of real time.
        """
        return True

    def standstill(self, execution_arn: str) -> str:
        """Say why an execution that runs can never go on; "" when it may, or where that is not known."""
        return ""

    def unanswered(self, execution_arn: str) -> tuple[WaitingTask, ...]:
        """List the tasks of an execution, and of those that it started, that wait now for somebody outside.

        They are in the order in which they began to; none where that is not known.
        """
        return ()

    def next_task(
        self, execution_arn: str, state: str, seen: Sequence[str], worker: str, timeout_s: float
    ) -> AwaitedTask | None:
        """Let time pass until a task of an execution, or of what it started, waits for somebody outside.

        None when the engine broke down meanwhile (ANSWERS).

        Args:
            state: its state's name, "" for any.
            seen: the tokens of those that were given before.
            worker: the name of the worker that takes the task of an activity.
        """
        raise AssertionError(f"{self.name} answers no tasks")

    def token_end(self, token: str) -> Literal["", "ended", "timed out", "aborted"]:
        """Tell how the task of a token ended; "" when it did not, or that is not known."""
        return ""

    def admit(self, *, anybody: bool, origins: Sequence[str]) -> bool:
        """Serve anybody on this machine, and web pages of these origins; False: it asks nobody who he is.

        Args:
            anybody: those without its session token, too.
        """
        return False

    def waiting(self, seen: int, timeout_s: float) -> tuple[WaitingTask, ...]:
        """List the tasks after the first `seen` that only somebody outside can end (VIRTUAL_CLOCK).

        Waits up to `timeout_s` of real time until there are any.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    @property
    def clock(self) -> Clock:
        """The time of the executions, and how to let it pass from outside."""
        return time

    def set_clock_mode(self, mode: ClockMode, *, people: bool = False) -> None:
        """Say when the time of executions passes, before there are state machines (VIRTUAL_CLOCK).

        Args:
            people: the engine is for people, not for scenarios: virtual time begins now.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    def step(self) -> None:
        """Let virtual time pass, until the clock is set or the next reset, only while somebody waits for it.

        Machines and executions stay. Where time is real it goes on.
        """
        return

    def set_durations(self, durations: Sequence[TaskDuration]) -> None:
        """Say how long tasks take, until the clock is set again; others take 100 ms (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def set_answers(self, answers: Sequence[Answer], own: Sequence[str] = ()) -> None:
        """Answer tasks that wait for somebody outside, until the clock is set again (ANSWERS).

        Args:
            own: the ARNs of executions that take only the answers that name them.
        """
        raise AssertionError(f"{self.name} answers no tasks")

    def answered(self) -> AnswersSeen | None:
        """Tell what became of the answers; None where that is not known."""
        return None

    def set_stand_ins(self, stand_ins: Sequence[StandIn]) -> None:
        """Say what answers tasks in the place of what is not run, until the clock is set or it is reset.

        It has MOCKS, and STAND_INS where a stand-in says more than the state and its answers.
        """
        raise AssertionError(f"{self.name} has no stand-ins")

    def start_arn(self, machine_arn: str) -> str:
        """The ARN with which executions of a state machine are started, so that stand-ins answer."""
        return machine_arn

    def set_hosts(self, entries: Sequence[HostEntry]) -> None:
        """Say what answers requests to hosts, until the next reset (HOSTS)."""
        raise AssertionError(f"{self.name} has no hosts")

    def requests(self) -> tuple[SeenRequest, ...]:
        """The requests that hosts got, in their order on the clock; none where that is not known."""
        return ()

    def hosts_used(self) -> Mapping[int, int]:
        """The number of requests that each entry of hosts was for, by its number; empty if not known."""
        return {}

    def set_hang(self, seconds: float) -> None:
        """Say after how much processor time a function hangs, until the next reset (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def pause_at(self, numbers: Sequence[int], *, record: bool = False) -> None:
        """Hold the executions right after these events, until the clock is set (VIRTUAL_CLOCK).

        Args:
            numbers: those of events, from 1, in the order in which all histories are written.
            record: keep all events, for `passed`.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    def paused(self, timeout_s: float) -> int:
        """Wait for a pause; gives the number of its event, 0 when none comes (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def go_on(self) -> None:
        """End the pause (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def hold_back(self, part: Literal["", "code", "settings"]) -> int:
        """Hold back a part of the updates of functions from now on, where both change (VIRTUAL_CLOCK).

        Returns:
            the number of functions of which a part was held back until now; it is updated with this.
        """
        raise AssertionError(f"{self.name} has no virtual clock")

    def passed(self) -> Sequence[PassedEvent]:
        """The events that were recorded, in their order (VIRTUAL_CLOCK)."""
        raise AssertionError(f"{self.name} has no virtual clock")

    def durations_matched(self) -> Mapping[int, int]:
        """The number of tasks whose time each entry decided, by its place; empty where that is not known."""
        return {}

    def stand_ins_used(self) -> Mapping[int, int]:
        """The number of tasks that each stand-in has answered, by its place; empty if not known."""
        return {}

    def seed(self, buckets: Sequence[SeededBucket]) -> bool:
        """Make buckets and objects directly; False: it is to be done over the S3 API."""
        return False

    def give(self, given: Given) -> bool:
        """Put values where templates and functions look for them; False: it is to be done over the APIs."""
        return False

    def lend_layers(self, layers: Mapping[str, bytes]) -> bool:
        """Let functions have zip files in the place of layers whose ARNs fit; False: they cannot."""
        return False

    def set_debugger(self, setting: DebugSetting, breaks: Breaks) -> None:
        """Let functions be debugged from now on, and stop before what breaks name (`debugs`)."""
        raise AssertionError(f"nothing is debugged on {self.name}")

    def measure(self, *, arcs: bool) -> bool:
        """Count, from now on, lines of functions' code that run; False: functions do not run in our runtime.

        Args:
            arcs: count the ways from one line to the next.
        """
        return False

    def measured(self) -> Mapping[str, RanByFile]:
        """The lines or arcs that have run since the last reset, by the deployed names of functions."""
        return {}

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """Put `(key, size in bytes)` into a bucket that is there (DECLARED_SIZES)."""
        raise AssertionError(f"{self.name} does not declare sizes")

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """From now on these happen, and no others; counting starts anew (FAULTS).

        Those of tasks, and those that name a state, only with TASK_FAULTS.
        """
        raise AssertionError(f"{self.name} has no faults")

    def set_network(self, addresses: Sequence[str]) -> None:
        """Say what functions may connect to beside the engine, as `host:port`; at first nothing.

        An engine that does not run functions in the harness's runtime has its own rules.
        """
        return

    def fired(self) -> Mapping[int, int]:
        """Count how often each fault has fired, by its id; empty where that is not known."""
        return {}

    def express_execution(self, execution_arn: str) -> JsonObject | None:
        """Tell of an execution of an Express machine, which no API shows (EXPRESS).

        Returns:
            what DescribeExecution and GetExecutionHistory would, as one; times are seconds since 1970. None
            when there is no such execution.
        """
        raise AssertionError(f"{self.name} does not show Express executions")

    def task_tokens(self) -> Mapping[str, str]:
        """The task tokens that were given out, with the ARNs of their executions; empty if not known."""
        return {}

    def unserved_states(self, machine_arns: Sequence[str]) -> Mapping[str, Sequence[UnservedState]]:
        """List the states of machines that it does not serve, by machine; empty where that is not known."""
        return {}

    def invocations(self) -> tuple[Invocation, ...]:
        """Every invocation since the last reset, in the order in which they began (INVOCATIONS)."""
        return ()

    def ended_invocations(self, seen: int, timeout_s: float) -> tuple[Invocation, ...]:
        """The invocations in the order in which they ended, without the first `seen`.

        It waits up to `timeout_s` of real time until there are any (VIRTUAL_CLOCK).
        """
        return ()

    def sent_messages(self, seen: int, timeout_s: float) -> tuple[SentMessage, ...]:
        """The messages in the order in which they were published, without the first `seen`.

        It waits up to `timeout_s` of real time until there are any (VIRTUAL_CLOCK).
        """
        return ()

    def executions(self) -> tuple[StartedExecution, ...] | None:
        """All executions that were started, in order; None: it is to be asked over the API."""
        return None

    def execution(self, arn: str) -> JsonObject | None:
        """Tell of an execution, as in `express_execution`, with its `definition`, where `executions` does."""
        return None

    def pulse(self) -> tuple[str, float] | None:
        """A text that is another one after anything has happened, and the time; None if not known.

        The time is that of the clock of executions, in seconds since 1970.
        """
        return None


def scrubbed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """A copy without anything that could lead to real AWS: AWS_* variables and proxies."""
    return {
        k: v
        for k, v in environment.items()
        if not k.upper().startswith("AWS_") and not k.upper().endswith("_PROXY")
    }
