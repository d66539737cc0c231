"""Reads the data for the page. Reads have no side effects, take no virtual time, and do not count as
calls.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.engine.seen import SentMessage, StartedExecution
from harness.functions.shared.control_protocol import LOOK_HEADER
from harness.functions.shared.model import Invocation
from harness.observe.executions import read, read_express
from harness.observe.model import Execution, Observation, TableItem
from harness.observe.sources import in_project
from harness.observe.tables import plain
from harness.stack.model import Stack

MOST_ITEMS: Final = 200
"""Maximum number of table items or bucket objects per request."""
SHOWN_BYTES: Final = 16_384
"""Maximum number of bytes to show from an object."""
_KEPT: Final = 32


@dataclass(frozen=True)
class Machine:
    """A state machine."""

    arn: str
    name: str


@dataclass(frozen=True)
class Bucket:
    """A bucket."""

    name: str
    made_at: datetime


@dataclass(frozen=True)
class StoredObject:
    """An object in a bucket."""

    key: str
    size_bytes: int
    changed_at: datetime


@dataclass(frozen=True)
class Objects:
    """Some objects in a bucket. `after` is the key after which the next part begins, "" for none."""

    listed: tuple[StoredObject, ...]
    after: str = ""


@dataclass(frozen=True)
class Items:
    """The first items in a table. `key` contains the key attributes. `more` says that there are
    more items.
    """

    key: tuple[str, ...]
    listed: tuple[TableItem, ...]
    more: bool = False


@dataclass(frozen=True)
class Seen:
    """An execution with its definition; `made` means that no template declares its state machine."""

    execution: Execution
    definition: str
    made: bool = False


class _LookingClients(Clients):
    """Clients whose requests are marked as read-only."""

    def client(self, service: str) -> Any:
        made = super().client(service)
        made.meta.events.register("request-created", _mark)
        return made


def _mark(request: Any, **_: Any) -> None:
    request.headers[LOOK_HEADER] = "1"


@dataclass
class Look:
    """Reads the current state of an engine; `clients` are the clients for actions."""

    engine: Engine
    clients: Clients
    notices: list[str] = field(default_factory=list)
    """Sentences about the last reload, if it failed."""
    stack: Stack | None = None
    """The deployed stack, which maps traces to project files."""

    def __post_init__(self) -> None:
        self._ended: dict[str, Seen] = {}  # an execution that has ended does not change
        self._lock = threading.Lock()

    @cached_property
    def _own(self) -> Clients:
        return _LookingClients(self.clients.endpoint)

    @property
    def knows_all(self) -> bool:
        """Return whether the engine reports messages, functions and Express executions."""
        return Capability.VIRTUAL_CLOCK in self.engine.capabilities

    def pulse(self) -> tuple[str, float | None]:
        """Return a string that changes with every event ("" if unknown), and the clock."""
        told = self.engine.pulse()
        if told is None:
            return "", None
        return "".join((told[0], *(f"-{hash(each):x}" for each in self.notices))), told[1]

    def machines(self) -> tuple[Machine, ...]:
        """Return the state machines, sorted by name."""
        pages = self._own.stepfunctions.get_paginator("list_state_machines").paginate()
        found = [Machine(m["stateMachineArn"], m["name"]) for page in pages for m in page["stateMachines"]]
        return tuple(sorted(found, key=lambda each: each.name))

    def executions(self) -> tuple[StartedExecution, ...]:
        """Return all executions, sorted by start time."""
        told = self.engine.executions()
        if told is not None:
            return told
        found = [each for machine in self.machines() for each in self._executions_of(machine)]
        return tuple(sorted(found, key=lambda each: each.started_at))

    def _executions_of(self, machine: Machine) -> list[StartedExecution]:
        states = self._own.stepfunctions
        try:
            pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine.arn)
            listed = [each for page in pages for each in page["executions"]]
        except states.exceptions.StateMachineTypeNotSupported:
            return []
        return [
            StartedExecution(
                each["executionArn"],
                machine.arn,
                each["name"],
                each["status"],
                each["startDate"].timestamp(),
                each["stopDate"].timestamp() if "stopDate" in each else None,
            )
            for each in listed
        ]

    def execution(self, arn: str) -> Seen | None:
        """Return an execution with its history; None if it does not exist."""
        with self._lock:
            if arn in self._ended:
                return self._ended[arn]
        seen = self._execution(arn)
        if seen is not None and seen.execution.stopped_at is not None:
            with self._lock:
                self._ended[arn] = seen
                while len(self._ended) > _KEPT:
                    del self._ended[next(iter(self._ended))]
        return seen

    def _execution(self, arn: str) -> Seen | None:
        if self.engine.executions() is not None:
            told = self.engine.execution(arn)
            if told is None:
                return None
            found = read_express(told)
            return Seen(found, str(told["definition"]), not self._is_declared(found.machine_arn))
        states = self._own.stepfunctions
        try:
            found = read(states, arn)
            machine = states.describe_state_machine_for_execution(executionArn=arn)
        except (states.exceptions.ExecutionDoesNotExist, states.exceptions.InvalidArn):
            return None
        return Seen(found, machine["definition"], not self._is_declared(found.machine_arn))

    def _is_declared(self, machine_arn: str) -> bool:
        stacks = self._own.cloudformation
        try:
            found = stacks.describe_stack_resources(PhysicalResourceId=machine_arn)
        except stacks.exceptions.ClientError:
            return False
        return bool(found["StackResources"])

    def messages(self) -> tuple[SentMessage, ...]:
        """Return the published messages, in order."""
        return self.engine.sent_messages(0, 0.0)

    def invocations(self) -> tuple[Invocation, ...]:
        """Return the invocations that have ended, sorted by start time."""
        found = Observation((), invocations=self.engine.invocations())
        if self.stack is None:
            return found.invocations
        functions = {name: logical for logical, name in self.stack.of_type("AWS::Lambda::Function").items()}
        return in_project(replace(found, functions=functions), self.stack.origins).invocations

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        pages = self._own.dynamodb.get_paginator("list_tables").paginate()
        return tuple(name for page in pages for name in page["TableNames"])

    def items(self, table: str) -> Items | None:
        """Return the first items in a table; None if the table does not exist."""
        database = self._own.dynamodb
        try:
            schema = database.describe_table(TableName=table)["Table"]["KeySchema"]
        except (database.exceptions.ResourceNotFoundException, database.exceptions.ClientError):
            return None
        key = tuple(each["AttributeName"] for each in sorted(schema, key=lambda k: k["KeyType"] != "HASH"))
        page = database.scan(TableName=table, Limit=MOST_ITEMS, ConsistentRead=True)
        return Items(key, tuple(map(plain, page["Items"])), "LastEvaluatedKey" in page)

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the buckets, sorted by name."""
        listed = self._own.s3.list_buckets().get("Buckets", [])
        return tuple(Bucket(each["Name"], each["CreationDate"]) for each in listed)

    def objects(self, bucket: str, after: str = "") -> Objects | None:
        """Return some objects in a bucket; None if the bucket does not exist."""
        from botocore.exceptions import ClientError, ParamValidationError  # noqa: PLC0415  (start-up)

        more: Mapping[str, Any] = {"StartAfter": after} if after else {}
        try:
            page = self._own.s3.list_objects_v2(Bucket=bucket, MaxKeys=MOST_ITEMS, **more)
        except (ClientError, ParamValidationError):
            return None
        listed = tuple(
            StoredObject(each["Key"], each["Size"], each["LastModified"]) for each in page.get("Contents", [])
        )
        return Objects(listed, listed[-1].key if listed and page.get("IsTruncated") else "")

    def content(self, bucket: str, key: str) -> bytes | None:
        """Return the first bytes of an object; None if the object does not exist."""
        from botocore.exceptions import ClientError, ParamValidationError  # noqa: PLC0415  (start-up)

        try:
            answer = self._own.s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{SHOWN_BYTES - 1}")
        except ClientError as error:
            return b"" if error.response["Error"]["Code"] == "InvalidRange" else None
        except ParamValidationError:
            return None
        with answer["Body"] as body:
            return bytes(body.read(SHOWN_BYTES))

    def start(self, machine_arn: str, name: str, text: str) -> str:
        """Start an execution, with a name if specified. Return its ARN. Raises botocore's errors."""
        named: Mapping[str, Any] = {"name": name} if name else {}
        started = self.clients.stepfunctions.start_execution(stateMachineArn=machine_arn, input=text, **named)
        return started["executionArn"]


def by_execution(invocations: Sequence[Invocation], arn: str) -> tuple[Invocation, ...]:
    """Return the invocations that an execution made."""
    return tuple(each for each in invocations if each.execution_arn == arn)
