"""AWS's JSON 1.0: requests, answers, errors, and who calls."""

from __future__ import annotations

import json
from typing import Any

from stepfunctions_support import CALLER, PASS, ROLE, Lab

from harness.stepfunctions.arns import Caller
from harness.stepfunctions.protocol import Reply, caller_of, reply_to


def ask(lab: Lab, operation: str, body: bytes) -> tuple[Reply, Any]:
    reply = reply_to(lab.api, f"AWSStepFunctions.{operation}", body, CALLER, None)
    assert reply.headers["Content-Type"] == "application/x-amz-json-1.0"
    return reply, json.loads(reply.body)


def creation(definition: str) -> bytes:
    return json.dumps({"name": "machine", "roleArn": ROLE, "definition": definition}).encode()


def test_an_operation_is_answered_with_its_result(lab: Lab) -> None:
    reply, answer = ask(lab, "CreateStateMachine", creation(json.dumps(PASS)))
    assert reply.status == 200
    assert answer["stateMachineArn"].endswith(":stateMachine:machine")


def test_an_error_carries_its_name_and_message(lab: Lab) -> None:
    reply, answer = ask(lab, "DescribeStateMachine", b'{"stateMachineArn": "x"}')
    assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (400, "InvalidArn")
    assert answer == {"__type": "InvalidArn", "message": "Invalid Arn: 'Invalid ARN prefix: x'"}


def test_what_is_not_an_object_or_not_an_operation_is_refused(lab: Lab) -> None:
    for body in (b"{", b"[]", b"\xff"):
        assert ask(lab, "ListStateMachines", body)[1]["__type"] == "SerializationException"
    assert ask(lab, "Nothing", b"{}")[1]["__type"] == "UnknownOperationException"


def test_an_empty_body_is_no_parameters(lab: Lab) -> None:
    assert ask(lab, "ListStateMachines", b"")[1] == {"stateMachines": []}


def test_a_request_has_at_most_one_megabyte_escaping_included(lab: Lab) -> None:
    text = json.dumps(PASS)
    # Each quote takes two bytes in the request: the definition alone would still be allowed.
    comment = '"' * 500_000
    definition = json.dumps({"Comment": comment, **PASS})
    assert len(definition) < 1_048_576 < len(creation(definition))
    reply, answer = ask(lab, "CreateStateMachine", creation(definition))
    assert (reply.status, answer["__type"]) == (413, "RequestEntityTooLargeException")
    room = 1_048_576 - len(creation(text))
    assert ask(lab, "CreateStateMachine", creation(text + " " * room))[0].status == 200


def test_the_caller_is_the_account_of_a_key_of_12_digits_in_the_region_of_the_signature() -> None:
    def signed(key: str) -> str:
        return f"AWS4-HMAC-SHA256 Credential={key}/20250101/ap-south-1/states/aws4_request, SignedHeaders=x"

    assert caller_of(signed("111111111111"), CALLER) == Caller("111111111111", "ap-south-1")
    assert caller_of(signed("AKIAEXAMPLE"), CALLER) == Caller(CALLER.account_id, "ap-south-1")
    assert caller_of("", CALLER) == CALLER
