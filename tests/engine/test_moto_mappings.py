"""Queues that Lambda reads on the embedded engine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from contract import Lab, function, role

from harness.engine.moto.engine import MotoEngine
from harness.stack.model import Stack

CODE = """
import json

def handler(event, context):
    failed = [
        {"itemIdentifier": record["messageId"]} for record in event["Records"] if "bad" in record["body"]
    ]
    return {"batchItemFailures": failed}
"""


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the mappings of the embedded engine")


def deploy(lab: Lab, **properties: Any) -> Stack:
    mapping = {
        "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "FunctionName": {"Ref": "Fn"},
        **properties,
    }
    resources = {
        "Role": role(),
        "Fn": function("app.handler"),
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
    }
    stack = lab.deploy({"Resources": resources}, {"src/app.py": CODE})
    assert [note.subject.split()[0] for note in stack.notes] == ["Mapping.EventSourceArn"]
    return stack


def send(lab: Lab, stack: Stack, body: str, **more: Any) -> None:
    lab.clients.sqs.send_message(QueueUrl=stack.resources["Queue"].physical_id, MessageBody=body, **more)


def bodies(lab: Lab, stack: Stack) -> list[str]:
    name = stack.resources["Fn"].physical_id
    payloads = [json.loads(i.payload) for i in lab.engine.invocations() if i.function == name]
    return [record["body"] for payload in payloads for record in payload["Records"]]


def left(lab: Lab, stack: Stack) -> list[str]:
    url = stack.resources["Queue"].physical_id
    taken = lab.clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in taken]


def test_the_event_has_the_message_and_its_attributes(lab: Lab) -> None:
    stack = deploy(lab)
    send(lab, stack, "hello", MessageAttributes={"n": {"DataType": "Number", "StringValue": "7"}})
    payloads = [json.loads(i.payload) for i in lab.engine.invocations()]
    record = payloads[-1]["Records"][0]
    assert record["body"] == "hello"
    assert record["md5OfBody"] == hashlib.md5(b"hello", usedforsecurity=False).hexdigest()
    assert record["messageAttributes"] == {
        "n": {"stringValue": "7", "stringListValues": [], "binaryListValues": [], "dataType": "Number"}
    }
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert int(record["attributes"]["SentTimestamp"]) > 1_700_000_000_000
    assert record["eventSourceARN"].endswith(stack.resources["Queue"].physical_id.rpartition("/")[2])
    assert left(lab, stack) == []


def test_a_filter_keeps_messages_from_the_function_and_deletes_them(lab: Lab) -> None:
    stack = deploy(lab, FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["a"]}}'}]})
    for kind in ("a", "b"):
        send(lab, stack, json.dumps({"kind": kind}))
    assert [json.loads(body) for body in bodies(lab, stack)] == [{"kind": "a"}]
    assert left(lab, stack) == []


@pytest.mark.parametrize(("types", "kept"), [(["ReportBatchItemFailures"], ["bad"]), (None, [])])
def test_messages_that_the_function_names_stay(lab: Lab, types: Any, kept: list[str]) -> None:
    stack = deploy(lab, **({"FunctionResponseTypes": types} if types else {}))
    send(lab, stack, "good")
    send(lab, stack, "bad")
    assert bodies(lab, stack) == ["good", "bad"]
    assert left(lab, stack) == kept


def test_a_mapping_tells_the_defaults_of_what_it_does_not_say(lab: Lab) -> None:
    stack = deploy(lab)
    told: Any = lab.clients.lambda_.get_event_source_mapping(UUID=stack.resources["Mapping"].physical_id)
    assert told["FunctionResponseTypes"] == []
    assert told["MaximumBatchingWindowInSeconds"] == 0
    assert told["StateTransitionReason"] == "USER_INITIATED"
    stack = deploy(lab, FunctionResponseTypes=["ReportBatchItemFailures"])
    told = lab.clients.lambda_.get_event_source_mapping(UUID=stack.resources["Mapping"].physical_id)
    assert told["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_function_that_logs_json_tells_its_levels(lab: Lab) -> None:
    resources = {"Role": role(), "Fn": function("app.handler", LoggingConfig={"LogFormat": "JSON"})}
    stack = lab.deploy({"Resources": resources}, {"src/app.py": CODE})
    name = stack.resources["Fn"].physical_id
    told = lab.clients.lambda_.get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert told == {
        "LogFormat": "JSON",
        "LogGroup": f"/aws/lambda/{name}",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }
