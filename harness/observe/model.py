"""All that one scenario left behind, as plain values: histories, rows, messages, machines, invocations.

Nothing here does I/O; `harness.observe` fills it and `harness.expect` compares it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from harness.functions.shared.hosts import SeenRequest
from harness.functions.shared.model import Invocation, Ran, RanByFile
from harness.json_types import Json
from harness.observe.access import Access
from harness.observe.left_model import Left
from harness.stack.origin import Origin
from harness.stepfunctions.answer import AnswersSeen


@dataclass(frozen=True)
class HistoryEvent:
    """One event of GetExecutionHistory.

    `details` is the one `...EventDetails` member of the event, `{}` when it has none, for example
    `{"name": "Wait", "input": "{}"}` for a WaitStateEntered.
    """

    id: int
    previous_event_id: int
    type: str
    timestamp: datetime
    details: Mapping[str, Json]

    def text(self, member: str) -> str:
        """The member of `details` with that name, a text; "" where there is none."""
        return str(self.details.get(member) or "")


@dataclass(frozen=True)
class Execution:
    """One execution of a state machine with its whole history (`input` and `output` are JSON text).

    `kept` is for what was read from the history, which is done once.
    """

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    status: str
    started_at: datetime
    stopped_at: datetime | None
    input: str
    output: str | None
    error: str | None
    cause: str | None
    events: tuple[HistoryEvent, ...]
    role_arn: str = ""
    kept: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the states in the order in which they were entered."""
        return tuple(e.text("name") for e in self.events if e.type.endswith("StateEntered"))


@dataclass(frozen=True)
class Run:
    """One start of the deployed state machine: the name the scenario gave it, its execution, what it started.

    `children` are the executions that this one started, and those that these started, in the order in which
    histories name them.
    """

    name: str
    execution: Execution
    children: tuple[Execution, ...] = ()

    @property
    def executions(self) -> Iterator[Execution]:
        """The run's own execution and then those that it started."""
        yield self.execution
        yield from self.children


@dataclass(frozen=True)
class Definition:
    """The definition of a state machine as it was deployed.

    `name` is the machine's name in the stack, "" for one that was made at run time; `origin` is its
    declaration, if that is known.
    """

    machine_arn: str
    text: str
    name: str = ""
    origin: Origin | None = None


@dataclass(frozen=True)
class Message:
    """One SNS notification as a subscriber got it; `topic` is the topic's logical id in the template."""

    topic: str
    subject: str | None
    body: str


TableItem = Mapping[str, object]
"""An item of a table as plain Python values: `{"run_id": "run-1", "object_count": 2}`.

Numbers are int, or Decimal where they are not whole; the rest is as boto3's TypeDeserializer gives it.
"""

Keys = Mapping[str, tuple[str, ...]]
"""Name of each table -> its key's attributes, the partition key first."""

ANSWERS = frozenset({"SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess"})
"""Operations of Step Functions that answer a task with its token."""

CallOutcome = Literal["succeeded", "failed", "unknown"]


@dataclass(frozen=True)
class SeenCall:
    """One AWS call that was made: by a function, or by a state machine itself (a service integration).

    `service` and `operation` are the API's names (`s3`, `ListObjectsV2`); `params` has long values cut.
    `at` is when it was made, on the clock of the executions. `execution` is the ARN of the execution it was
    made for, and `state` the state; both are empty when no state machine that is known was behind it.
    `bucket` is its parameter `Bucket`, else the bucket that the function's event or the parameters name.

    Of a function's call: `function` is the function's logical id, `request_id` its invocation; `status` is
    HTTP's, and `attempts` counts botocore's own retries, from 1. Of a state machine's: `function` is empty,
    `resource` is what its state's Resource names (`sns:publish`, `aws-sdk:s3:listObjectsV2`), `invokes` the
    logical id of the function that it invokes, if any; each retry of the state is a call of its own; `error`
    and `cause` come from the history. `error` is None when it has not failed, and `outcome` is
    "unknown" for a task whose end the history does not have. `injected` says that a fault of the scenario
    answered it, `faults` which ones fired on it.
    """

    service: str
    operation: str
    params: Mapping[str, Json]
    at: datetime
    outcome: CallOutcome
    status: int | None = None
    error: str | None = None
    cause: str = ""
    attempts: int = 1
    execution: str = ""
    state: str = ""
    bucket: str = ""
    function: str = ""
    resource: str = ""
    invokes: str = ""
    request_id: str = ""
    injected: bool = False
    faults: tuple[int, ...] = ()


@dataclass(frozen=True)
class Observation:
    """All that was read back after a scenario ran.

    `tables`: logical id in the template -> items (plain Python values; numbers are int, or Decimal when not
    whole), sorted by key. `machines_left`: names of the state machines that exist and that the template did
    not declare. `invocations`: every Lambda invocation in the order in which they began;
    `Invocation.function` is the deployed name, `functions` maps it to the logical id. `calls`: every AWS call
    of functions and state machines, in order of time. `table_keys`: name of a table -> its key's attributes.
    `access`: who may do what; without roles no permission is checked. `fired`: how often each fault of the
    scenario happened, by its place there; `durations_matched`: how many tasks each entry of `durations`
    decided the time of, likewise; `stand_ins_used`: how many tasks each of `stand_ins_of` answered, by its
    place; `hosts_used`: how many requests each entry of `hosts` was for, by its number, and `requests` those
    that hosts got; all empty if that is not known. `task_tokens`: every task token that was given out -> ARN
    of its execution, if a call answers with one and the engine tells. `answered`: what became of the
    scenario's answers, None without any. `definitions`: ARN of each execution, and of each declared machine
    without one -> the definition; `map_items`: ARN of an execution -> those that its distributed Map states
    ran; both are empty unless they were asked for. `failed_items`: of each Map Run that failed one item that
    did. `left` has what is in buckets, queues, parameters and
    secrets, and events, as far as the scenario expects any. `ran`: deployed name of a function -> the lines
    of its files that have run, or in their place `lines`: absolute path of a file of the project -> its lines
    that have run. `not_measured` are sentences about functions whose code is in no such file. They are empty
    unless lines are counted. `virtual_time` says that waiting took no real time.
    """

    runs: tuple[Run, ...]
    tables: Mapping[str, tuple[TableItem, ...]] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    machines_left: tuple[str, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    functions: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[SeenCall, ...] = ()
    table_keys: Keys = field(default_factory=dict)
    access: Access = field(default_factory=Access)
    account_id: str = ""
    region: str = ""
    fired: Mapping[int, int] = field(default_factory=dict)
    durations_matched: Mapping[int, int] = field(default_factory=dict)
    stand_ins_used: Mapping[int, int] = field(default_factory=dict)
    requests: tuple[SeenRequest, ...] = ()
    hosts_used: Mapping[int, int] = field(default_factory=dict)
    task_tokens: Mapping[str, str] = field(default_factory=dict)
    answered: AnswersSeen | None = None
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    map_items: Mapping[str, tuple[Execution, ...]] = field(default_factory=dict)
    failed_items: tuple[Execution, ...] = ()
    left: Left = field(default_factory=Left)
    ran: Mapping[str, RanByFile] = field(default_factory=dict)
    lines: Mapping[str, Ran] = field(default_factory=dict)
    not_measured: tuple[str, ...] = ()
    virtual_time: bool = False


def parsed(text: str | None) -> Json:
    """The value of JSON text; None where there is no text, or it is cut short."""
    try:
        value: Json = json.loads(text or "null")
    except ValueError:
        return None
    return value
