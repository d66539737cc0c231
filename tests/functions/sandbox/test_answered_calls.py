"""Calls answered without a service: the value that botocore returns to the function."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest

from harness.functions.faults.answers import Answers
from harness.functions.sandbox.call import CallInFlight
from harness.functions.sandbox.stand_ins import answer_of


def answered(service: str, operation: str, **answer: Any) -> dict[str, Any]:
    session: Any = botocore.session.Session()
    model = session.get_service_model(service).operation_model(operation)
    response, parsed = answer_of(Answers(**answer), CallInFlight(model, {}, 60, 0), "id")
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == response.status_code
    return parsed


@pytest.mark.parametrize(("body", "read"), [({"a": [1]}, b'{"a": [1]}'), ("text", b"text")])
def test_a_stream_can_be_read(body: object, read: bytes) -> None:
    result = {"body": body, "contentType": "application/json"}
    found = answered("bedrock-runtime", "InvokeModel", answers=result)
    assert (found["body"].read(), found["contentType"]) == (read, "application/json")


def test_members_have_their_types() -> None:
    run = {"Id": "a", "StartedOn": "2026-01-01T00:00:00Z", "Attempt": 1}
    found = answered("glue", "GetJobRun", answers={"JobRun": run})["JobRun"]
    assert found == {**run, "StartedOn": datetime(2026, 1, 1, tzinfo=UTC)}
    assert answered("kms", "Encrypt", answers={"CiphertextBlob": "abc"})["CiphertextBlob"] == b"abc"


def test_an_error_has_its_code_and_message() -> None:
    found = answered("glue", "GetJobRun", error="ThrottlingException", message="slow down")
    assert found["Error"] == {"Code": "ThrottlingException", "Message": "slow down"}
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 400
