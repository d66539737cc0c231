"""The results of one scenario, as plain values: histories, rows, messages, machines, invocations.

This module does no I/O: `harness.observe` fills the model and `harness.expect` compares it.
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

    `details` is the event's `...EventDetails` member, or `{}` if it has none, for example
    `{"name": "Wait", "input": "{}"}` for a WaitStateEntered.
    """

    id: int
    previous_event_id: int
    type: str
    timestamp: datetime
    details: Mapping[str, Json]

    def text(self, member: str) -> str:
        """Return the value of the member of `details` with this name, or "" if it does not exist."""
        return str(self.details.get(member) or "")


@dataclass(frozen=True)
class Execution:
    """One execution of a state machine with its whole history (`input` and `output` are JSON text).

    `kept` caches data that is derived from the history.
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
        """The names of the states, in the order in which they were entered."""
        return tuple(e.text("name") for e in self.events if e.type.endswith("StateEntered"))


@dataclass(frozen=True)
class Run:
    """One run: a start of the deployed state machine, with its name in the scenario, its execution, and its
    children.

    `children` are all direct and indirect child executions, in the order in which they occur in histories.
    """

    name: str
    execution: Execution
    children: tuple[Execution, ...] = ()

    @property
    def executions(self) -> Iterator[Execution]:
        """The run's execution, followed by its child executions."""
        yield self.execution
        yield from self.children


@dataclass(frozen=True)
class Definition:
    """The definition of a state machine, as deployed.

    `name` is the machine's name in the stack, or "" for a machine that was created at run time. `origin` is
    its declaration, if known.
    """

    machine_arn: str
    text: str
    name: str = ""
    origin: Origin | None = None


@dataclass(frozen=True)
class Message:
    """One SNS notification as received by a subscriber. `topic` is the topic's logical ID in the template."""

    topic: str
    subject: str | None
    body: str


TableItem = Mapping[str, object]
"""A table item as plain Python values: `{"run_id": "run-1", "object_count": 2}`.

Numbers are int, or Decimal if they are not whole. Other values are as boto3's TypeDeserializer returns
them.
"""

Keys = Mapping[str, tuple[str, ...]]
"""The key attributes of each table, by table name; the partition key comes first."""

ANSWERS = frozenset({"SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess"})
"""Step Functions operations that complete a task with its token."""

CallOutcome = Literal["succeeded", "failed", "unknown"]


@dataclass(frozen=True)
class SeenCall:
    """One AWS call, made by a function, or by a state machine itself (a service integration).

    `service` and `operation` are API names (`s3`, `ListObjectsV2`). Long values in `params` are truncated.
    `at` is the time of the call, on the clock of the executions. `execution` is the ARN of the execution that
    the call was made for, and `state` is the state's name. Both are empty if no known state machine caused
    the call. `bucket` is its parameter `Bucket`, otherwise the bucket in the function's event or the
    parameters.

    For a function's call, `function` is the function's logical ID, and `request_id` is the ID of its
    invocation. `status` is the HTTP status, and `attempts` counts botocore's own retries, from 1. For a state
    machine's call: `function` is empty. `resource` is the service integration in the state's Resource
    (`sns:publish`, `aws-sdk:s3:listObjectsV2`). `invokes` is the logical ID of the function that it invokes,
    if any. Each retry of the state is a separate call. `error` and `cause` come from the history. `error` is
    None if the call did not fail, and `outcome` is "unknown" for a task whose end is not in the history.
    `injected` is true if a fault in the scenario produced the response. `faults` lists the faults that fired.
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
    """The results that were read after a scenario ran.

    `tables`: logical ID in the template -> items (plain Python values; numbers are int, or Decimal if not
    whole), sorted by key. `machines_left`: names of the existing state machines that the template did not
    declare. `invocations`: all Lambda invocations, sorted by start time. `Invocation.function` is the
    deployed name; `functions` maps it to the logical ID. `calls`: all AWS calls from functions and
    state machines, sorted by time. `table_keys`: name of a table -> its key attributes. `access`: the
    permissions; if there are no roles, no permission is checked.

    The following are empty if the engine does not report them. `fired`: how many times each fault of the
    scenario fired, by its index. `durations_matched`: the number of tasks whose duration each entry of
    `durations` determined, by its index. `stand_ins_used`: the number of tasks that each of `stand_ins_of`
    completed, by its index. `hosts_used`: the number of requests that each entry of `hosts` matched, by its
    index. `requests`: the requests to those hosts.

    `task_tokens`: every task token that was issued -> ARN of its execution, if a call completes a task with a
    token and the engine reports tokens. `answered`: the outcomes of the scenario's answers, None if it has
    none. `definitions`: ARN of each execution, and of each declared machine that has none -> the definition.
    `map_items`: ARN of an execution -> the executions that its distributed Map states ran. Both are empty
    unless requested. `failed_items`: one failed item for each failed Map Run. `left`: the events and the
    contents of buckets, queues, parameters and secrets that the scenario has expectations for.

    `ran`: deployed name of a function -> the executed lines of its files. `lines` replaces it: absolute path
    of a project file -> its executed lines. `not_measured` are sentences about functions whose code is not in
    a project file. All three are empty unless lines are counted. `virtual_time` is true if waiting took no
    real time.
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
    """Return the value of a JSON string, or None if there is no string or it is truncated."""
    try:
        value: Json = json.loads(text or "null")
    except ValueError:
        return None
    return value
