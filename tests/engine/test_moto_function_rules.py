"""Requests that Lambda rejects, by code and message, and its responses about functions."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from refusals import Refusal, refusal_of, unchecked

from harness.engine.clients import Clients

ARN = "arn:aws:lambda:us-east-1:123456789012:function"
VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
SOURCE = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
NOT_JSON = "Could not parse request body into json: Could not parse payload into json"


def invoke(code: str, message: str, **more: Any) -> Refusal:
    return Refusal("invoke", {"FunctionName": "fn", **more}, code, message)


def get(code: str, message: str, **more: Any) -> Refusal:
    return Refusal("get_function", {"FunctionName": "fn", **more}, code, message)


CASES = [
    get("ResourceNotFoundException", f"Function not found: {ARN}:none", FunctionName="none"),
    get("ResourceNotFoundException", f"Function not found: {ARN}:fn:7", Qualifier="7"),
    get(
        "ResourceNotFoundException",
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
        FunctionName="arn:aws:lambda:eu-west-1:123456789012:function:fn",
    ),
    get(
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.",
        FunctionName="fn:1",
        Qualifier="2",
    ),
    invoke("ResourceNotFoundException", f"Function not found: {ARN}:none", FunctionName="none"),
    invoke(
        "InvalidRequestContentException",
        f"{NOT_JSON}: Unrecognized token 'hello': was expecting {VALUES}\n at [Source: {SOURCE}; "
        "line: 1, column: 6]",
        Payload="hello",
    ),
    invoke(
        "InvalidRequestContentException",
        f"{NOT_JSON}: Unexpected character ((CTRL-CHAR, code 153)): expected a valid value {VALUES}\n "
        f"at [Source: {SOURCE}; line: 1, column: 1]",
        Payload=b"\x99{}",
    ),
    invoke(
        "InvalidRequestContentException",
        f"{NOT_JSON}: Invalid UTF-8 start byte 0x87\n at [Source: {SOURCE}; line: 1, column: 3]",
        Payload=b'"\x87"',
    ),
    invoke(
        "RequestTooLargeException",
        "Request must be smaller than 6291556 bytes for the InvokeFunction operation",
        Payload=b'"' + b"x" * 6_291_555 + b'"',
    ),
    invoke(
        "ValidationException",
        "1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy constraint: Member "
        "must satisfy enum value set: [Event, RequestResponse, DryRun]",
        InvocationType="Later",
    ),
    invoke(
        "ValidationException",
        "1 validation error detected: Value 'All' at 'logType' failed to satisfy constraint: Member must "
        "satisfy enum value set: [None, Tail]",
        LogType="All",
    ),
]


@pytest.fixture
def client(harness_clients: Clients) -> Any:
    client = unchecked(harness_clients, "lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    print('seen')\n    return event\n")
    role = harness_clients.iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client.made = client.create_function(
        FunctionName="fn",
        Runtime="python3.12",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": code.getvalue()},
    )
    return client


def test_what_is_refused(client: Any, subtests: Any) -> None:
    for case in CASES:
        with subtests.test(case.operation, message=case.message):
            refusal_of(client, case, {})


@pytest.mark.parametrize("name", ["a b", "ü", "invalid:function:name:x"])
def test_a_name_that_is_none_is_refused_with_the_pattern(client: Any, name: str) -> None:
    for operation in (client.invoke, client.get_function, client.get_function_configuration):
        with pytest.raises(client.exceptions.ClientError) as caught:
            operation(FunctionName=name)
        error = caught.value.response["Error"]
        said = f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: "
        assert error["Code"] == "ValidationException"
        assert error["Message"].startswith(f"{said}Member must satisfy regular expression pattern: (arn:")


def test_errors_tell_whose_mistake_it_was(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_function(FunctionName="none")
    assert caught.value.response["Type"] == "User"
    assert caught.value.response["Message"] == f"Function not found: {ARN}:none"


def test_what_is_told_of_a_function(client: Any) -> None:
    made = client.made
    assert (made["State"], made["StateReason"]) == ("Pending", "The function is being created.")
    told = client.get_function_configuration(FunctionName="fn")
    assert (told["State"], told["LastUpdateStatus"]) == ("Active", "Successful")
    assert told["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/fn"}
    assert told["RuntimeVersionConfig"]["RuntimeVersionArn"].startswith("arn:aws:lambda:us-east-1::runtime:")
    assert "Layers" not in told
    changed = client.update_function_configuration(FunctionName="fn", Timeout=9)
    assert changed["LastUpdateStatus"] == "InProgress"
    assert changed["RevisionId"] != told["RevisionId"]
    usage = client.get_account_settings()
    assert usage["AccountUsage"]["FunctionCount"] == 1
    assert usage["AccountLimit"]["ConcurrentExecutions"] == 1000


def test_a_dry_run_runs_nothing_and_an_event_tells_nothing(client: Any, harness_clients: Clients) -> None:
    dry = client.invoke(FunctionName="fn", InvocationType="DryRun", Payload=b"{}")
    assert (dry["StatusCode"], dry["Payload"].read()) == (204, b"")
    assert harness_clients.logs.describe_log_groups()["logGroups"] == []
    event = client.invoke(FunctionName="fn", InvocationType="Event", Payload=b"{}")
    assert (event["StatusCode"], event["Payload"].read()) == (202, b"")
    assert not {"FunctionError", "ExecutedVersion", "LogResult"} & event.keys()
    answer = client.invoke(FunctionName="fn", Payload=json.dumps({"n": 1}), LogType="Tail")
    assert json.loads(answer["Payload"].read()) == {"n": 1}
    assert answer["LogResult"]
