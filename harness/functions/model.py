"""The nouns of the function runtime: a function's configuration, and one invocation of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class FunctionConfig:
    """A Lambda function as deployed.

    `code` is a folder that holds the unzipped deployment package; `revision` changes when code or
    configuration change, and environments of an older revision are then stopped.
    `credentials` are the AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of its role.
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


@dataclass(frozen=True)
class Call:
    """One AWS API call that a function made, as botocore saw it.

    `operation` is the API's name (`ListObjectsV2`), `params` the call's parameters with long values cut,
    `error` the error code or the exception's class name, None when it succeeded; `attempts` counts
    botocore's own retries (1 = at the first try); `injected` says that a fault of the scenario answered it;
    `at_s` is when it was made, as Unix time on the function's clock. `sizes` are those of the values that are
    cut in `params` (see harness.functions.sizes), `request_bytes` is the length of the request's body.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    status: int | None
    error: str | None
    attempts: int = 1
    injected: bool = False
    at_s: float = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    request_bytes: int = 0


@dataclass(frozen=True)
class FunctionError:
    """How an invocation failed: Lambda's `errorType`, `errorMessage` and `stackTrace`.

    `kind` is the X-Amz-Function-Error header: `Unhandled` for what the code raised and for what the
    service found (Sandbox.Timedout, Runtime.ExitError, Function.ResponseSizeTooLarge).
    """

    type: str
    message: str
    stack_trace: tuple[str, ...] = ()
    kind: str = "Unhandled"


@dataclass(frozen=True)
class Invocation:
    """One event that a function handled.

    `payload` and `result` are JSON text; `result` is what Invoke answers, so on an error the error's
    JSON. `log` is the whole log with its START, END and REPORT lines. `started_at` is Unix time in s; it
    and the durations are virtual when the function's clock is (see FunctionRuntime.invoke).
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


@dataclass(frozen=True)
class Fault:
    """An AWS API call that answers with an error instead of reaching the service.

    It fits when service and operation are equal and every parameter in `params` has that value; an empty
    `function` fits every function, else it is the deployed name, and an empty `account_id` every account.
    Example: `Fault("s3", "ListObjectsV2", {"Bucket": "secret"}, error="AccessDenied")`.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    error: str
    message: str = ""
    function: str = ""
    account_id: str = ""
