"""AWS calls from functions: they reach the engine, are recorded, and return faults on demand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from contract import Lab, function, role

from harness.engine.base import Capability
from harness.functions.shared.model import Fault

APP = """
import boto3


def handler(event, context):
    s3 = boto3.client("s3")
    try:
        listed = s3.list_objects_v2(Bucket=event["bucket"])
    except s3.exceptions.ClientError as error:
        return error.response["Error"]
    return [o["Key"] for o in listed.get("Contents", [])]
"""


@pytest.fixture(scope="module")
def name(lab: Lab) -> str:
    lab.clients.s3.create_bucket(Bucket="photos")
    lab.clients.s3.put_object(Bucket="photos", Key="cat.jpg", Body=b"x")
    template = {"Resources": {"Role": role(), "List": function("app.handler", Timeout=30)}}
    return lab.deploy(template, {"src/app.py": APP}).resources["List"].physical_id


@pytest.fixture
def invoke(lab: Lab, name: str) -> Iterator[Any]:
    def invoke(bucket: str) -> Any:
        payload = json.dumps({"bucket": bucket}).encode()
        return json.loads(lab.clients.lambda_.invoke(FunctionName=name, Payload=payload)["Payload"].read())

    yield invoke
    if Capability.FAULTS in lab.engine.capabilities:
        lab.engine.set_faults([])


def test_a_function_reaches_the_engine_with_no_settings_of_its_own(invoke: Any) -> None:
    assert invoke("photos") == ["cat.jpg"]


def test_calls_are_recorded_with_their_outcome(lab: Lab, invoke: Any) -> None:
    lab.needs(Capability.INVOCATIONS)
    invoke("photos")
    invoke("nowhere")
    found, missed = (i.calls[-1] for i in lab.engine.invocations()[-2:])
    assert (found.service, found.operation, found.params) == ("s3", "ListObjectsV2", {"Bucket": "photos"})
    assert (found.status, found.error, found.injected) == (200, None, False)
    assert (missed.status, missed.error) == (404, "NoSuchBucket")


def test_a_fault_answers_instead_of_the_service(lab: Lab, invoke: Any, name: str) -> None:
    lab.needs(Capability.FAULTS)
    denied = {"error": "AccessDenied", "message": "not yours"}
    lab.engine.set_faults(
        [
            Fault("error", "call", "s3", "ListObjectsV2", {"Bucket": "photos"}, name, arguments=denied),
            Fault("error", "call", "s3", "ListObjects", arguments=denied, id=1),
        ]
    )
    assert invoke("photos") == {"Code": "AccessDenied", "Message": "not yours"}
    assert invoke("nowhere")["Code"] == "NoSuchBucket"
    calls = [i.calls[-1] for i in lab.engine.invocations()[-2:]]
    assert [(call.injected, call.faults) for call in calls] == [(True, (0,)), (False, ())]
    assert lab.engine.fired() == {0: 1, 1: 0}


def test_a_fault_for_another_function_does_nothing(lab: Lab, invoke: Any) -> None:
    lab.needs(Capability.FAULTS)
    lab.engine.set_faults(
        [
            Fault(
                "error",
                "call",
                "s3",
                "ListObjectsV2",
                function="another",
                arguments={"error": "AccessDenied"},
            )
        ]
    )
    assert invoke("photos") == ["cat.jpg"]
