"""Replay executions recorded on AWS and compare the histories."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.states import (
    Execution,
    Identity,
    Limits,
    Simulation,
    TaskFailed,
    TaskRequest,
    TaskSucceeded,
    VirtualClock,
    Work,
    parse,
)
from harness.states.run.nested import NestedExecutions
from harness.states.run.service_results import lambda_invoke_result

VARIABLE = "HARNESS_AWS_RECORDINGS"
Case = dict[str, Any]
Event = dict[str, Any]

# A moment with milliseconds, like AWS's: the length of a StartDate shows in Content-Length.
START = 1_735_689_600.123


def recordings() -> Path | None:
    """The file with the cases, None when it is not there."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "aws-recordings"
    folder = Path(os.environ.get(VARIABLE, beside))
    file = folder if folder.is_file() else folder / "cases.jsonl"
    return file if file.exists() else None


@functools.cache
def cases() -> tuple[Case, ...]:
    """All recorded executions."""
    file = recordings()
    return tuple(json.loads(line) for line in file.read_text().splitlines()) if file else ()


def case_id(case: Case) -> str:
    """A name for a case."""
    key = "" if case["key"] == "get_execution_history" else f"#{case['key']}"
    return f"{case['id'].split('::')[-1]}{key}"


# --- Running ---------------------------------------------------------------------------------------------


class Functions:
    """The Lambda functions of the recordings, as their README describes them."""

    def __init__(self, behaviours: dict[str, str]) -> None:
        self._behaviours = behaviours

    def start(self, request: TaskRequest) -> Work:
        direct = not request.resource.startswith("arn:aws:states")
        reference = request.resource if direct else request.parameters["FunctionName"]
        event = request.parameters if direct else request.parameters.get("Payload")
        if isinstance(event, str) and not direct:
            event = _json_or_text(event)
        behaviour = self._behaviours.get(reference.rpartition(":")[2])
        if behaviour is None:
            arn = f"arn:aws:lambda:us-east-1:111111111111:function:{reference}:$LATEST"
            return Work.done(
                TaskFailed(
                    "Lambda.ResourceNotFoundException",
                    f"Function not found: {arn} (Service: AWSLambda; Status Code: 404; "
                    "Error Code: ResourceNotFoundException; Request ID: 0; Proxy: null)",
                )
            )
        duration_s = 60.0 if behaviour == "wait_60_seconds.py" else 0.1
        if behaviour.startswith("raise"):
            kind, message, source = (
                ("Exception", "Some exception was raised.", 'raise Exception("Some exception was raised.")')
                if behaviour == "raise_exception.py"
                else ("CustomException", "", "raise CustomException()")
            )
            error = {
                "errorMessage": message,
                "errorType": kind,
                "requestId": "0",
                "stackTrace": [f'  File "/var/task/handler.py", line 2, in handler\n    {source}\n'],
            }
            return Work.done(TaskFailed(kind, json.dumps(error, separators=(",", ":"))))
        response = self._response(behaviour, event)
        if direct:
            return Work.done(TaskSucceeded(_json_or_text(response), duration_s))
        return Work.done(TaskSucceeded(lambda_invoke_result(response, request_id="0", now=START), duration_s))

    @staticmethod
    def _response(behaviour: str, event: Any) -> str:
        fixed = {
            "echo_function.py": '{"Return": "HelloWorld"}',
            "return_bytes_str.py": '"HelloWorld!"',
            "large_output_string.py": json.dumps("a" * 257 * 1024),
        }
        return fixed.get(behaviour) or json.dumps(event)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _service_failure(request: TaskRequest) -> TaskFailed:
    """The failures of services that the recordings show; the services themselves are not here."""
    tail = "Request ID: 0; Proxy: null)"
    if ":s3:" in request.resource:
        cause = "The specified bucket does not exist (Service: S3, Status Code: 404, "
        cause += "Request ID: 0, Extended Request ID: 0)"
        return TaskFailed("S3.NoSuchBucketException", cause)
    if ":sqs:" in request.resource:
        cause = "Unable to execute HTTP request: no-such-queue-73e08fde: Name or service not known"
        return TaskFailed("SQS.SdkClientException", cause)
    name = request.parameters["TableName"]
    if not re.fullmatch(r"[a-zA-Z0-9_.-]+", name):
        cause = (
            f"1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+ "
            "(Service: AmazonDynamoDBv2; Status Code: 400; "
            f"Error Code: ValidationException; {tail}"
        )
        return TaskFailed("DynamoDB.AmazonDynamoDBException", cause)
    cause = "Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; "
    return TaskFailed(
        "DynamoDB.ResourceNotFoundException", f"{cause}Error Code: ResourceNotFoundException; {tail}"
    )


class Services:
    """All tasks of one case."""

    def __init__(self, case: Case) -> None:
        self._functions = Functions(case["lambdas"])
        self._nested = NestedExecutions(self._start_execution)
        self._slow = "wait_60_seconds.py" in case["lambdas"].values()
        self.simulation: Simulation | None = None

    def start(self, request: TaskRequest) -> Work:
        if "startExecution" in request.resource:
            return self._nested.start(request)
        if ":lambda:" in request.resource:
            return self._functions.start(request)
        return Work.done(_service_failure(request))

    def _start_execution(self, parameters: dict[str, Any]) -> Execution | TaskFailed:
        assert self.simulation is not None
        arn = parameters["StateMachineArn"]
        if "NoSuchArn" in arn:
            return TaskFailed(
                "StepFunctions.StateMachineDoesNotExistException",
                f"State Machine Does Not Exist: '{arn}' (Service: AWSStepFunctions; Status Code: 400; "
                "Error Code: StateMachineDoesNotExist; Request ID: 0; Proxy: null)",
            )
        # The targets are not part of the recordings; their results are.
        target: dict[str, Any] = {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}
        if self._slow:
            resource = "arn:aws:lambda:us-east-1:111111111111:function:slow"
            target = {"Type": "Task", "Resource": resource, "TimeoutSeconds": 5, "End": True}
            self._functions = Functions({"slow": "wait_60_seconds.py"})
        machine = parse(json.dumps({"StartAt": "Target", "States": {"Target": target}}))
        identity = Identity(arn, "snf_role_arn")
        given = parameters.get("Input")
        text = "{}" if given is None else json.dumps(given, separators=(",", ":"))
        return self.simulation.start(machine, identity, text, name=parameters.get("Name"))


def replay(case: Case) -> list[Event]:
    """The history that our interpreter gives for a case."""
    definition = case["definition"]
    machine = parse(definition if isinstance(definition, str) else json.dumps(definition))
    services = Services(case)
    # Recorded years after START, so a Wait until then is short.
    limits = Limits(execution_s=99_999_999)
    simulation = Simulation(services, clock=VirtualClock(START), limits=limits)
    services.simulation = simulation
    identity = Identity(
        "arn:aws:states:us-east-1:111111111111:stateMachine:machine", "arn:aws:iam::111111111111:role/machine"
    )
    execution = simulation.start(machine, identity, case["input"], name="execution")
    simulation.scheduler.run()
    return [event.to_api() for event in execution.history.events]


# --- Comparing -------------------------------------------------------------------------------------------

_MASK = re.compile(r"<[^<>]*>|lambda_function_name|snf_role_arn")
# Texts that stand for a value that differs from run to run: dates and ids.
MASKED = frozenset(
    [
        "timestamp",
        "date",
        "start-date",
        "stop-date",
        "start-time",
        "entered-time",
        "RequestId",
        "x-amzn-RequestId",
        "X-Amzn-Trace-Id",
    ]
)


def differences(case: Case, ours: list[Event]) -> list[str]:
    """The differences from AWS, ordered if AWS's order is fixed. Empty if the histories are the same."""
    recorded = case["events"]
    in_order = list(_compare_in_order(recorded, ours))
    if not in_order or not _interleaves(case):
        return in_order
    return list(_compare_as_bags(recorded, ours))


def _interleaves(case: Case) -> bool:
    types = {event["type"] for event in case["events"]}
    text = json.dumps(case["definition"])
    return "ParallelStateStarted" in types or (
        "MapIterationStarted" in types and '"MaxConcurrency": 1' not in text
    )


def _compare_in_order(recorded: list[Event], ours: list[Event]) -> Iterator[str]:
    if [event["type"] for event in recorded] != [event["type"] for event in ours]:
        yield f"types: {[e['type'] for e in recorded]} != {[e['type'] for e in ours]}"
    for theirs, our in zip(recorded, ours, strict=False):
        yield from _compare(theirs, our, f"#{our['id']} {our['type']}")


def _compare_as_bags(recorded: list[Event], ours: list[Event]) -> Iterator[str]:
    if not any(event["type"] == "ParallelStateSucceeded" for event in recorded):
        # The recordings left it out where they masked ids: the ids have a gap there.
        ours = [event for event in ours if event["type"] != "ParallelStateSucceeded"]
    rest = [_without_order(event) for event in recorded]
    for our in ours:
        same = next((their for their in rest if not list(_compare(their, _without_order(our), ""))), None)
        if same is None:
            yield f"not on AWS: {our}"
        else:
            rest.remove(same)
    yield from (f"only on AWS: {event}" for event in rest)


def _without_order(event: Event) -> Event:
    return {name: value for name, value in event.items() if name not in ("id", "previousEventId")}


def _compare(theirs: Any, our: Any, place: str) -> Iterator[str]:
    if isinstance(theirs, str) and theirs in MASKED:
        return
    if isinstance(our, str) and not isinstance(theirs, str):
        our = _json_or_text(our)  # the recordings show some JSON texts parsed
    if isinstance(theirs, dict) and isinstance(our, dict):
        for name in sorted(theirs.keys() | our.keys()):
            if name not in theirs or name not in our:
                yield f"{place}/{name}: only {'on AWS' if name in theirs else 'ours'}"
            else:
                yield from _compare(theirs[name], our[name], f"{place}/{name}")
    elif isinstance(theirs, list) and isinstance(our, list) and len(theirs) == len(our):
        for index, (left, right) in enumerate(zip(theirs, our, strict=True)):
            yield from _compare(left, right, f"{place}[{index}]")
    elif isinstance(theirs, str) and isinstance(our, str):
        if not same_text(theirs, our):
            yield f"{place}: {theirs!r} != {our!r}"
    elif isinstance(theirs, bool) != isinstance(our, bool) or theirs != our:
        yield f"{place}: {theirs!r} != {our!r}"


def same_text(theirs: str, our: str) -> bool:
    """Return whether our string equals a recorded one, or the value that its masks hide."""
    if theirs == our or theirs in MASKED:
        return True
    pattern = ".*".join(re.escape(part) for part in _MASK.split(theirs))
    return re.fullmatch(pattern, our, re.DOTALL) is not None
