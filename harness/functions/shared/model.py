"""Data classes for the function runtime: a function's configuration, and one invocation of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

from .debug_link import DebugSetting
from .hosts import HostSetting

DEFAULT_HANG_S = 120.0
"""The default limit on processor time within one invocation. A function that exceeds it hangs."""

INVOCATION_HEADER = "X-Harness-Invocation"
"""The header that identifies the origin of an AWS request: the request ID of an invocation or a task."""

CALL_HEADER = "X-Harness-Call"
"""The header with the unique ID of a call that may take time on the clock, such as Invoke."""

AFTER_HEADER = "X-Harness-After"
"""The header with the space-separated IDs of earlier calls that take time on the clock."""

NOW_HEADER = "X-Harness-Now"
"""The header with the time of a response that took time on the clock, in seconds since 1970."""


Ran = Sequence[int | tuple[int, int]]
"""Numbers of executed lines, or pairs of a line and the next one.

Pairs have coverage.py's format: a negative number represents entering or leaving the code object that begins
on that line.
"""
RanByFile = Mapping[str, Ran]
Measures = Literal["", "lines", "arcs"]
"""The units that are counted in functions' code: none, lines, or arcs from one line to the next."""


@dataclass(frozen=True)
class FunctionConfig:
    """A Lambda function as deployed.

    `code` is a folder with the unzipped deployment package. `revision` changes when the code or the
    configuration changes; environments of an older revision are then stopped. `credentials` are the
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of its role. `runtime` is the declared
    runtime, such as `python3.13`, or empty if unknown. `layers` is a folder with the content of Lambda's
    /opt, or None if there are no layers. `tmp_mib` is the size of /tmp in MiB, by default Lambda's
    (https://docs.aws.amazon.com/lambda/latest/api/API_EphemeralStorage.html). `arn` has no qualifier.
    `reserved_concurrency` limits its concurrent invocations; None: the account's limit. `network` lists the
    addresses, as `host:port`, that it may connect to in addition to the engine's. `hosts` describes the hosts
    that the harness serves, or is None.
    """

    arn: str
    name: str
    handler: str
    code: Path
    revision: str
    region: str
    account_id: str
    endpoint_url: str
    timeout_s: float = 3
    memory_mib: int = 128
    version: str = "$LATEST"
    environment: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    log_format: str = "Text"
    log_level: str = ""
    role_arn: str = ""
    runtime: str = ""
    layers: Path | None = None
    reserved_concurrency: int | None = None
    tmp_mib: int = 512
    network: tuple[str, ...] = ()
    hosts: HostSetting | None = None
    debugger: DebugSetting | None = None


@dataclass(frozen=True)
class Call:
    """One AWS API call that a function made through botocore.

    `operation` is the API's name (`ListObjectsV2`). `params` are the call's parameters, with long values cut.
    `error` is the error code or the exception's class name, or None if the call succeeded. `attempts`
    includes botocore's own retries (1 = no retries). `injected` is true if a scenario fault kept the last
    attempt from reaching the service. `faults` are the IDs of all faults that fired on it. `at_s` is its Unix
    time on the function's clock. `sizes` are the sizes of the values cut in `params` (see
    harness.functions.shared.sizes). `request_bytes` is the size of the last request's body.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    status: int | None
    error: str | None
    attempts: int = 1
    injected: bool = False
    at_s: float = 0
    faults: tuple[int, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    request_bytes: int = 0


@dataclass(frozen=True)
class Origin:
    """The origin of an invocation: a state machine's task, if known. `attempt` counts its retries.

    `lane` identifies the lane in which faults are counted (see FaultRegistry). If it is "", it is derived
    from the function and the payload.
    """

    execution_arn: str = ""
    state: str = ""
    attempt: int = 0
    lane: str = ""


@dataclass(frozen=True)
class FunctionError:
    """The failure of an invocation: Lambda's `errorType`, `errorMessage` and `stackTrace`.

    `kind` is the X-Amz-Function-Error header: `Unhandled` for exceptions of the code and for errors of the
    service (Sandbox.Timedout, Runtime.ExitError, Function.ResponseSizeTooLarge).
    """

    type: str
    message: str
    stack_trace: tuple[str, ...] = ()
    kind: str = "Unhandled"


@dataclass(frozen=True)
class Invocation:
    """One event that a function handled.

    `payload` and `result` are JSON text. `result` is Invoke's response; after an error, it is the error's
    JSON. `log` is the whole log, including its START, END and REPORT lines. `started_at` is Unix time in
    seconds. If the function's clock is virtual, so are `started_at` and the durations (see
    FunctionRuntime.invoke). `execution_arn` and `state` identify the state machine's task that invoked it, if
    the engine knows; `attempt` counts that task's retries from 0. `faults` are the IDs of the faults that
    fired on the invocation itself. `runtime` is the function's declared runtime (`python3.13`); `python` is
    the Python version that it ran on (`3.11`). `notes` are sentences about limitations of the harness in this
    invocation.
    """

    request_id: str
    function: str
    payload: str
    result: str
    error: FunctionError | None
    log: str
    started_at: float
    duration_s: float
    init_duration_s: float | None = None
    environment_id: str = ""
    role_arn: str = ""
    calls: tuple[Call, ...] = ()
    execution_arn: str = ""
    state: str = ""
    attempt: int = 0
    faults: tuple[int, ...] = ()
    runtime: str = ""
    python: str = ""
    notes: tuple[str, ...] = ()


Target = Literal["call", "task", "function"]
"""The target of a fault: a function's AWS call, a state machine's task, or a function's invocation."""


@dataclass(frozen=True)
class Fault:
    """An injected fault: its target, the matches that it fires on, and its effect.

    It matches a call or a task when service and operation are equal (`s3`, `ListObjectsV2`; a function
    invoked as a task is `lambda`, `Invoke`) and every parameter in `params` has that value. An empty
    `function` (the deployed name), `state`, `bucket` or `account_id` matches everything. It fires on matches
    `first` to `last` in a lane (see FaultRegistry), counted from 1; if `last` is None, it fires on all
    matches from `first` on. `id` identifies it in reports: its position in the scenario's list. With `run`,
    an execution's ARN, it matches that execution and all executions that it started. `iterations` are the
    iterations of the enclosing inline Maps, by Map name.

    `kind` is a key of harness.functions.faults.KINDS, and `arguments` are that kind's arguments, for example
    `Fault("error", "call", "s3", "ListObjectsV2", arguments={"error": "SlowDown"}, last=2)`.
    """

    kind: str
    target: Target
    service: str = ""
    operation: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    function: str = ""
    state: str = ""
    bucket: str = ""
    account_id: str = ""
    first: int = 1
    last: int | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    run: str = ""
    iterations: Mapping[str, int] = field(default_factory=dict)


class ArmedFaultFields(TypedDict):
    """An ArmedFault as JSON: its fault's fields, and its count."""

    fault: dict[str, Any]
    seen: int


@dataclass(frozen=True)
class ArmedFault:
    """A fault that can fire in an invocation. `seen` counts its earlier matches in the lane."""

    fault: Fault
    seen: int

    def to_json(self) -> ArmedFaultFields:
        """Convert it to JSON."""
        return {"fault": vars(self.fault).copy(), "seen": self.seen}

    @classmethod
    def from_json(cls, fields: ArmedFaultFields) -> ArmedFault:
        """Read the JSON that `to_json` wrote."""
        return cls(Fault(**fields["fault"]), fields["seen"])
