"""Tasks that invoke Lambda functions: by function ARN, or with `lambda:invoke`."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from harness.constraints import detected, matching, violation
from harness.json_types import Json
from harness.states import Outcome, TaskFailed, TaskRequest, TaskSucceeded, Work
from harness.states.payload import read_json, to_text
from harness.states.resource import Resource
from harness.states.run.service_results import lambda_invoke_result
from harness.stepfunctions.arns import Caller


class FunctionNotFound(Exception):
    """No function has this ARN."""


class FunctionThrottled(Exception):
    """The function or its account has reached its concurrency limit."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A task's invocation.

    Attributes:
        request_id: the invocation's ID, which the function sends with its AWS calls.
        payload: JSON text.
        now_s: the virtual time at which it begins; None in real time.
        execution_arn: together with `state` and `attempt`, counted from 0, identifies the task.
        lane: the group in which invocations are counted together; see FaultRegistry.
        shows_log: true if the task's result contains the end of the log (LogType Tail).
    """

    arn: str
    request_id: str
    payload: str
    client_context: str = ""
    now_s: float | None = None
    execution_arn: str = ""
    state: str = ""
    attempt: int = 0
    lane: str = ""
    shows_log: bool = False


@dataclass(frozen=True, slots=True)
class FunctionAnswer:
    """A function's response, as JSON text. `duration_s` is its time on the virtual clock."""

    result: str
    failed: bool
    duration_s: float | None = None
    version: str = "$LATEST"
    log: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """An invocation that has begun on the clock.

    Attributes:
        answer: runs the function until it ends; called in a thread for tasks.
        hurry: called when everything else is waiting for the invocation to end or sleep.
        end: called in the scheduler's thread when the invocation ends on the clock, with the current time.
    """

    answer: Callable[[], FunctionAnswer]
    hurry: Callable[[], object] = lambda: None
    end: Callable[[float], object] = lambda _: None

    def join(self, work: Work, start: Callable[[], object], now: Callable[[], float]) -> None:
        """Link this invocation to its work on the clock. `start` makes sure that `answer` is called."""

        def begin() -> None:
            start()
            self.hurry()

        work.begin = begin
        work.on_end = lambda: self.end(now())


class Functions(Protocol):
    """The function runner, which replaces Lambda."""

    def begin(self, call: FunctionCall) -> Begun:
        """Begin an invocation. Called in the order of virtual time. Must not wait.

        Raises:
            FunctionNotFound: the function does not exist.
            FunctionThrottled: the function has reached its concurrency limit.
        """


# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_NAME: Final = re.compile(
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)


def is_event(parameters: Json) -> bool:
    """Return whether `lambda:invoke` returns without waiting for the function."""
    return isinstance(parameters, dict) and parameters.get("InvocationType") == "Event"


def call_of(
    resource: Resource, request: TaskRequest, caller: Caller, request_id: str, now_s: float | None
) -> FunctionCall | TaskFailed:
    """Return the invocation that a task requests, or the task's failure."""
    parameters = request.parameters
    made = partial(
        FunctionCall,
        request_id=request_id,
        now_s=now_s,
        execution_arn=request.execution_arn,
        state=request.state_name,
        attempt=request.attempt,
        lane=request.lane,
    )
    if resource.is_function:
        return made(resource.arn, payload=to_text(parameters))
    name = parameters.get("FunctionName") if isinstance(parameters, dict) else None
    if not isinstance(parameters, dict) or not isinstance(name, str):
        return TaskFailed("States.Runtime", "The parameters of lambda:invoke must contain a FunctionName")
    if parameters.get("InvocationType") == "DryRun":
        return TaskFailed("States.Runtime", "DryRun invocations are not served here")
    if not _NAME.fullmatch(name):
        return TaskFailed(
            "Lambda.AWSLambdaException",
            f"{detected([violation('functionName', matching(_NAME.pattern), name)])} (Service: AWSLambda; "
            f"Status Code: 400; Error Code: ValidationException; Request ID: {request_id}; Proxy: null)",
        )
    arn = function_arn(name, caller, str(parameters.get("Qualifier") or ""))
    context = str(parameters.get("ClientContext") or "")
    return made(
        arn,
        payload=_payload_text(parameters.get("Payload", {})),
        client_context=context,
        shows_log=parameters.get("LogType") == "Tail",
    )


def begun_of(call: FunctionCall, functions: Functions) -> Begun | TaskFailed:
    """Begin an invocation. If this is not possible, return the task's failure."""
    try:
        return functions.begin(call)
    except FunctionNotFound:
        return _refused(call, 404, "ResourceNotFoundException", f"Function not found: {call.arn}")
    except FunctionThrottled:
        return _refused(call, 429, "TooManyRequestsException", "Rate Exceeded.")


def _refused(call: FunctionCall, status: int, code: str, message: str) -> TaskFailed:
    return TaskFailed(
        f"Lambda.{code}",
        f"{message} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {call.request_id}; Proxy: null)",
    )


def outcome_of(resource: Resource, call: FunctionCall, begun: Begun) -> Outcome:
    """Run the function until it ends, and return the task's outcome."""
    answer = begun.answer()
    if answer.failed:
        return _failure(answer, verbatim=resource.is_function)
    if reason := _not_json(answer.result):
        return TaskFailed("States.Runtime", reason, answer.duration_s)
    if resource.is_function:
        return TaskSucceeded(_value(answer.result), answer.duration_s)
    result = lambda_invoke_result(
        answer.result,
        request_id=call.request_id,
        now=call.now_s or 0.0,
        version=answer.version,
        log=log_tail(answer.log) if call.shows_log else None,
    )
    return TaskSucceeded(result, answer.duration_s)


def log_tail(log: str) -> str:
    """Return the last 4 KB of a log in Base64, like Invoke.

    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    return base64.b64encode(log.encode()[-4096:]).decode()


def function_arn(name: str, caller: Caller, qualifier: str = "") -> str:
    """Return a function's full ARN, as shown in errors. The name can be in any of Lambda's formats.

    >>> function_arn("count", Caller("123456789012", "us-east-1"))
    'arn:aws:lambda:us-east-1:123456789012:function:count:$LATEST'

    Raises:
        ValueError: the name is invalid.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not a valid function name")
    partition, region, account_id = match[2] or "", match[3] or "", match[8] or ""
    arn = caller.arn("function", match[10]).replace(":states:", ":lambda:", 1)
    parts = arn.split(":")
    parts[1] = partition or parts[1]
    parts[3] = region.rstrip(":") or parts[3]
    parts[4] = account_id.rstrip(":") or parts[4]
    return ":".join([*parts, match[12] or qualifier or "$LATEST"])


def _payload_text(payload: Json) -> str:
    if isinstance(payload, str):
        try:
            read_json(payload)
        except ValueError:
            return to_text(payload)
        return payload
    return to_text({} if payload is None else payload)


def _value(text: str) -> Json:
    try:
        return read_json(text)
    except ValueError:
        return text


def _not_json(text: str) -> str | None:
    """Return the reason why Step Functions cannot parse a response that Python can parse.

    A task with such a response is known to fail (https://github.com/nasa/cumulus-message-adapter/issues/105),
    but AWS's message is not known. The error name is AWS's for data that Step Functions "couldn't process":
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    if "NaN" in text or "Infinity" in text:
        constants: list[str] = []
        try:
            json.loads(text, parse_constant=constants.append)
        except (ValueError, RecursionError):
            return None  # it is a string
        if constants:
            return f"The response of the function is not JSON: it contains {constants[0]}: {text}"
    if "\\u" in text:
        try:
            to_text(_value(text)).encode()
        except UnicodeEncodeError as error:
            lone = error.object[error.start]
            return (
                "The response of the function is not Unicode text: it contains the unpaired surrogate "
                f"{lone!a}"
            )
    return None


def _failure(answer: FunctionAnswer, *, verbatim: bool) -> TaskFailed:
    """Return a function's failure. As recorded, `lambda:invoke` rewrites the error as compact JSON."""
    error = _value(answer.result)
    text = answer.result if verbatim else to_text(error)
    kind = error.get("errorType") if isinstance(error, dict) else None
    if kind:
        return TaskFailed(str(kind), text, answer.duration_s)
    cause = (
        "The cause could not be determined because Lambda did not return an error type. "
        f"Returned payload: {text}"
    )
    return TaskFailed("Lambda.Unknown", cause, answer.duration_s)
