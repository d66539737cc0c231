"""S3 calls that a distributed Map itself makes through the port.

The port responds to `s3:getObject` with `{"Body": text}`, in which invalid UTF-8 bytes are decoded with
`surrogateescape`. It responds to `s3:listObjectsV2` with `{"Contents": [...]}`, one page at a time. Its
response to `s3:putObject` can be any object.
"""

from __future__ import annotations

from harness.json_types import Json, JsonObject

from ..errors import StateFailure
from ..payload import Payload
from ..query.expressions import Expression
from ..query.scope import Scope
from ..time.fibers import Signal, Steps
from ..time.work import Outcome, TaskFailed
from .control_flow import Flow
from .task_port import TaskRequest


def call_parameters(parameters: Expression[Json] | None, scope: Scope, error: str) -> JsonObject:
    """Return the parameters for a call.

    Raises:
        StateFailure: the parameters are not an object. The error name is `error`.
        QueryError: the parameters cannot be evaluated.
    """
    given = {} if parameters is None else parameters.evaluate(scope)
    if not isinstance(given, dict):
        raise StateFailure(error, f"The parameters must be an object: {Payload(given).text}")
    return given


def call_port(flow: Flow, resource: str, parameters: JsonObject, error: str) -> Steps[JsonObject]:
    """Make a call. The fiber's value is the call's output.

    Raises:
        StateFailure: the call failed; the error name is `error`.
    """
    signal = Signal()
    name = flow.state.name if flow.state else ""
    request = TaskRequest(resource, parameters, flow.execution.arn, name, 0, iterations=flow.iterations)
    flow.host.scheduler.await_work(flow.host.port.start(request), signal.set)
    outcome: Outcome = yield signal
    if isinstance(outcome, TaskFailed):
        raise StateFailure(error, outcome.cause)
    if not isinstance(outcome.output, dict):
        raise StateFailure(error, f"The response must be an object: {Payload(outcome.output).text}")
    return outcome.output
