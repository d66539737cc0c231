"""The faults that make a task fail, each with its Step Functions error name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from botocore.model import OperationNotFoundError

from harness.coverage.flat import FlatState
from harness.json_types import Json, JsonObject, as_dict
from harness.scenario import aws_names
from harness.scenario.fault_rules import names
from harness.service_names import capitalized
from harness.stepfunctions.services import Services

_ID = "00000000-0000-4000-8000-000000000000"
_STARTED = "StepFunctions.ExecutionAlreadyExistsException"
_ENDS = {"Sandbox.Timedout": "timeout", "Runtime.ExitError": "exit"}
_CODES = (
    "TooManyRequestsException",
    "ServiceException",
    "ThrottlingException",
    "Throttled",
    "InternalError",
    "InternalServerError",
    "AccessDeniedException",
    "AuthorizationError",
    "AccessDenied",
)
"""Common error codes from services. The first of these codes that a service defines represents all of its
errors.
"""


@dataclass(frozen=True)
class Cause:
    """A fault that makes a task attempt fail: its YAML keys, and the resulting error.

    `before` are faults that must fire on the previous attempt, which fails with a different error.
    """

    keys: Mapping[str, Json]
    error: str
    cause: str
    before: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True)
class Target:
    """A task as faults refer to it: `lambda:invoke` with the function's logical ID, or `sns:publish`."""

    task: str
    function: str = ""


def target_of(state: FlatState, functions: Mapping[str, str]) -> Target | None:
    """Return a state's task, or None if it has no task or if faults cannot refer to the task.

    `functions` maps deployed names to logical IDs.
    """
    resource = str(state.fields.get("Resource", ""))
    if state.type != "Task" or not resource.startswith("arn:"):
        return None
    parts = resource.split(":")
    if parts[2] == "lambda":
        name = functions.get(parts[6], "") if len(parts) > 6 else ""
        return Target("lambda:invoke", name)
    if len(parts) < 7 or parts[2] != "states" or parts[5] == "activity":
        return None
    service, action = ":".join(parts[5:-1]), parts[-1].partition(".")[0]
    if ":" in parts[-1]:
        return None
    if parts[-1].isdecimal():  # startExecution.sync:2
        service, action = ":".join(parts[5:-2]), parts[-2].partition(".")[0]
    arguments = as_dict(state.fields.get("Parameters") or state.fields.get("Arguments"))
    called = str(arguments.get("FunctionName", ""))
    called = called.partition(":function:")[2] or called
    if not _can_be_named(f"{service}:{action}"):
        return None
    return Target(f"{service}:{action}", functions.get(called.partition(":")[0], ""))


@lru_cache(maxsize=256)
def _can_be_named(task: str) -> bool:
    """Return whether a scenario file can refer to a task: botocore supports its service and operation."""
    return not any(names({"task": task}, ()))


def causes(state: FlatState, functions: Mapping[str, str], wanted: str = "") -> Iterator[Cause]:
    """Yield the faults that can make a task fail, starting with the fault that causes the error `wanted`."""
    target = target_of(state, functions)
    if target is None:
        return
    at: JsonObject = {"task": target.task, "state": state.raw}
    if wanted == _STARTED and target.task == "states:startExecution":
        # The execution starts, its response is lost, and the retry comes after it has ended. Before it ends,
        # a repeated start returns the same response again.
        longer: JsonObject = {**at, "nth": 1, "delay": "60 s"}
        yield Cause({**at, "nth": 1, "cut": "after"}, wanted, "", before=(longer,))
    if target.function:
        at_function: JsonObject = {"function": target.function, "state": state.raw}
        if wanted.isidentifier():
            yield _raised(at_function, wanted)
        for error, ends in _ENDS.items():
            if wanted == error:
                yield Cause({**at_function, "ends": ends}, error, json.dumps({"errorType": error}))
        yield _raised(at_function, "RuntimeError")
    yield from _of_service(at, target.task, wanted)
    if target.function:
        yield Cause(
            {**at_function, "ends": "exit"}, "Runtime.ExitError", '{"errorType": "Runtime.ExitError"}'
        )


def _raised(at: JsonObject, name: str) -> Cause:
    message = {"errorMessage": "", "errorType": name, "requestId": _ID, "stackTrace": []}
    return Cause({**at, "raises": name}, name, json.dumps(message))


def _of_service(at: JsonObject, task: str, wanted: str) -> Iterator[Cause]:
    found = _refusals(task)
    exact = [each for each in found if each[1] == wanted]
    common = [each for code in _CODES for each in found if each[0] == code]
    for code, error, cause in [*exact[:1], *common, *found[:3]]:
        yield Cause({**at, "error": code}, error, cause)
    if (lost := _unanswered(task)) is not None:
        # This error is dangerous because the call still takes effect.
        yield Cause({**at, "cut": "before"}, *lost)


@lru_cache(maxsize=64)
def _refusals(task: str) -> tuple[tuple[str, str, str], ...]:
    """Return the error codes for a task's service, each with the error and cause that a state receives."""
    service, _, action = task.rpartition(":")
    name = service.removeprefix("aws-sdk:")
    model = aws_names.service(name)
    if model is None:
        return ()
    services, operation, found = _services(), capitalized(action), []
    for code in sorted({*model.error_codes, *_CODES} & set(model.error_codes)):
        try:
            failed = services.refusal(service, operation, code, "", _ID)
        except (LookupError, OperationNotFoundError):  # an integration may have its own names
            return ()
        found.append((code, failed.error, failed.cause or ""))
    return tuple(found)


def _unanswered(task: str) -> tuple[str, str] | None:
    try:
        failed = _services().unanswered(task.rpartition(":")[0])
    except LookupError:
        return None
    return failed.error, failed.cause or ""


@lru_cache(maxsize=1)
def _services() -> Services:
    return Services("http://127.0.0.1")
