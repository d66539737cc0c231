"""Functions deployed by CloudFormation, invoked over the API."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from contract import Lab, function, role

from harness.engine.base import Capability
from harness.stack.model import Stack

APP = """
import logging
import os
import time


class NoRoom(Exception):
    pass


def echo(event, context):
    return {"event": event, "name": context.function_name, "arn": context.invoked_function_arn}


def fail(event, context):
    raise NoRoom(f"no room for {event['what']}")


def hang(event, context):
    print("going to sleep")
    time.sleep(60)


def environment(event, context):
    return dict(os.environ)


def log(event, context):
    print("printed")
    logging.getLogger("app").warning("warned of %s", event["what"], extra={"bucket": "photos"})


def leave(event, context):
    os._exit(7)
"""

TEMPLATE = {
    "Resources": {
        "Role": role(),
        "Echo": function("app.echo"),
        "Fail": function("app.fail"),
        "Hang": function("app.hang", Timeout=1),
        "Leave": function("app.leave"),
        "Missing": function("app.nothing_of_that_name"),
        "Log": function("app.log"),
        "JsonLog": function("app.log", LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}),
        "Environment": function(
            "app.environment",
            MemorySize=256,
            Environment={"Variables": {"NUMBER": 30, "TEXT": "ä", "ROLE": {"Fn::GetAtt": ["Role", "Arn"]}}},
        ),
    }
}


@pytest.fixture(scope="module")
def stack(lab: Lab) -> Stack:
    return lab.deploy(TEMPLATE, {"src/app.py": APP})


@pytest.fixture(scope="module")
def invoke(lab: Lab, stack: Stack) -> Any:
    def invoke(logical_id: str, event: Any = None) -> tuple[Any, dict[str, Any]]:
        """The function's result, and the Invoke response."""
        answer = lab.clients.lambda_.invoke(
            FunctionName=stack.resources[logical_id].physical_id,
            Payload=json.dumps(event).encode(),
            LogType="Tail",
        )
        return json.loads(answer["Payload"].read()), dict(answer)

    return invoke


def log_of(answer: dict[str, Any]) -> str:
    return base64.b64decode(answer["LogResult"]).decode()


def test_the_result_is_the_payload(invoke: Any, stack: Stack) -> None:
    event = {"n": 1, "list": [1.5, None, "ä"]}
    result, answer = invoke("Echo", event)
    assert result["event"] == event
    assert result["name"] == stack.resources["Echo"].physical_id
    assert result["arn"].endswith(":function:" + result["name"])
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer


def test_an_exception_is_the_payload_with_its_class_message_and_trace(invoke: Any) -> None:
    result, answer = invoke("Fail", {"what": "photos"})
    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    assert (result["errorType"], result["errorMessage"]) == ("NoRoom", "no room for photos")
    assert "app.py" in result["stackTrace"][-1]
    assert "raise NoRoom" in result["stackTrace"][-1]


def test_a_function_is_ended_when_its_time_is_over(invoke: Any) -> None:
    result, answer = invoke("Hang")
    assert answer["FunctionError"] == "Unhandled"
    assert result["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in result["errorMessage"]
    assert "going to sleep" in log_of(answer)


def test_a_process_that_ends_is_an_error_and_the_next_invocation_gets_another(invoke: Any) -> None:
    for _ in range(2):
        result, _ = invoke("Leave")
        assert result["errorType"] == "Runtime.ExitError"


def test_a_handler_that_is_not_there_is_an_error(invoke: Any) -> None:
    result, _ = invoke("Missing")
    assert result["errorType"] == "Runtime.HandlerNotFound"
    assert "nothing_of_that_name" in result["errorMessage"]


def test_the_log_tail_has_what_was_printed_and_logged(invoke: Any) -> None:
    _, answer = invoke("Log", {"what": "ice"})
    log = log_of(answer)
    assert "printed" in log
    assert "warned of ice" in log
    assert log.index("START RequestId:") < log.index("printed") < log.index("END RequestId:")
    assert "REPORT RequestId:" in log


def test_logging_config_makes_the_log_json(invoke: Any) -> None:
    _, answer = invoke("JsonLog", {"what": "ice"})
    lines = [json.loads(line) for line in log_of(answer).splitlines() if line.startswith("{")]
    (warned,) = [line for line in lines if line.get("message") == "warned of ice"]
    assert (warned["level"], warned["logger"], warned["bucket"]) == ("WARNING", "app", "photos")
    assert "requestId" in warned


def test_environment_variables_are_text(invoke: Any, lab: Lab, stack: Stack) -> None:
    seen, _ = invoke("Environment")
    assert (seen["NUMBER"], seen["TEXT"]) == ("30", "ä")
    described = lab.clients.iam.get_role(RoleName=stack.resources["Role"].physical_id)
    assert seen["ROLE"] == described["Role"]["Arn"]


def test_lambdas_own_variables_are_there(invoke: Any, lab: Lab, stack: Stack) -> None:
    seen, _ = invoke("Environment")
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == stack.resources["Environment"].physical_id
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert seen["AWS_REGION"] == lab.clients.endpoint.region
    assert seen["_HANDLER"] == "app.environment"


def test_nothing_of_the_developers_environment_is_there(invoke: Any, lab: Lab) -> None:
    seen, _ = invoke("Environment")
    assert "developer" not in seen.values()  # all variables that conftest.py sets
    assert "AWS_PROFILE" not in seen
    assert seen["AWS_ENDPOINT_URL"] == lab.clients.endpoint.url
    assert seen["AWS_ACCESS_KEY_ID"] != "developer"
    assert not seen["HOME"].startswith(str(Path.home()))


def test_every_invocation_is_recorded(invoke: Any, lab: Lab, stack: Stack) -> None:
    lab.needs(Capability.INVOCATIONS)
    before = len(lab.engine.invocations())
    invoke("Echo", {"n": 7})
    invoke("Fail", {"what": "photos"})
    echoed, failed = lab.engine.invocations()[before:]
    assert (echoed.function, json.loads(echoed.payload)) == (
        stack.resources["Echo"].physical_id,
        {"n": 7},
    )
    assert json.loads(echoed.result)["event"] == {"n": 7}
    assert echoed.error is None
    assert echoed.role_arn.endswith(stack.resources["Role"].physical_id)
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == ("NoRoom", "no room for photos")
    if Capability.VIRTUAL_CLOCK in lab.engine.capabilities:
        assert failed.started_at == echoed.started_at  # no wait between the two
    else:
        assert failed.started_at > echoed.started_at
