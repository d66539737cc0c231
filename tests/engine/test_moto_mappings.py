"""Event source mappings for queues on the embedded engine."""

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


def deploy(lab: Lab, code: str = CODE, **properties: Any) -> Stack:
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
    stack = lab.deploy({"Resources": resources}, {"src/app.py": code})
    assert [note.subject.split()[0] for note in stack.notes] == ["Mapping.EventSourceArn"]
    return stack


def send(lab: Lab, stack: Stack, body: str, **more: Any) -> None:
    lab.clients.sqs.send_message(QueueUrl=stack.resources["Queue"].physical_id, MessageBody=body, **more)


def bodies(lab: Lab, stack: Stack) -> list[str]:
    name = stack.resources["Fn"].physical_id
    payloads = [json.loads(i.payload) for i in lab.engine.invocations() if i.function == name]
    return [record["body"] for payload in payloads for record in payload["Records"]]


def left(lab: Lab, stack: Stack) -> int:
    """The number of messages in the queue. A failed message is invisible during the visibility timeout."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = lab.clients.sqs.get_queue_attributes(
        QueueUrl=stack.resources["Queue"].physical_id, AttributeNames=names
    )["Attributes"]
    return sum(int(told[name]) for name in names)


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
    assert left(lab, stack) == 0


def test_a_filter_keeps_messages_from_the_function_and_deletes_them(lab: Lab) -> None:
    stack = deploy(lab, FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["a"]}}'}]})
    for kind in ("a", "b"):
        send(lab, stack, json.dumps({"kind": kind}))
    assert [json.loads(body) for body in bodies(lab, stack)] == [{"kind": "a"}]
    assert left(lab, stack) == 0


@pytest.mark.parametrize(("types", "kept"), [(["ReportBatchItemFailures"], 1), (None, 0)])
def test_messages_that_the_function_names_come_again(lab: Lab, types: Any, kept: int) -> None:
    stack = deploy(lab, **({"FunctionResponseTypes": types} if types else {}))
    send(lab, stack, "good")
    send(lab, stack, "bad")
    assert bodies(lab, stack) == ["good", "bad"]
    assert left(lab, stack) == kept
    lab.engine.clock.sleep(29)
    assert bodies(lab, stack) == ["good", "bad"]
    lab.engine.clock.sleep(1)
    assert bodies(lab, stack) == ["good", "bad", *["bad"] * kept]


def test_what_is_due_at_the_end_of_a_sleep_has_run_then(lab: Lab) -> None:
    slow = CODE.replace("    return", "    sum(range(10**7))\n    return")
    stack = deploy(lab, slow, FunctionResponseTypes=["ReportBatchItemFailures"])
    send(lab, stack, "bad")
    lab.engine.clock.sleep(30)
    assert bodies(lab, stack) == ["bad", "bad"]


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


def test_a_message_that_fails_too_often_goes_to_the_dead_letter_queue(lab: Lab) -> None:
    mapping = {
        "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "FunctionName": {"Ref": "Fn"},
    }
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}
    resources = {
        "Role": role(),
        "Fn": function("app.handler"),
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"RedrivePolicy": redrive, "VisibilityTimeout": 60},
        },
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
    }
    stack = lab.deploy({"Resources": resources}, {"src/app.py": "def handler(event, context):\n    1 / 0\n"})
    send(lab, stack, "bad")
    name = stack.resources["Fn"].physical_id
    starts = [i.started_at for i in lab.engine.invocations() if i.function == name]
    assert [round(start - starts[0], 3) for start in starts] == [0, 60, 120]
    assert left(lab, stack) == 0
    (dead,) = lab.clients.sqs.receive_message(QueueUrl=stack.resources["Dead"].physical_id)["Messages"]
    assert dead["Body"] == "bad"
    assert lab.engine.clock.monotonic() - starts[0] == pytest.approx(180)


def test_a_delayed_message_is_read_when_its_delay_ends(lab: Lab) -> None:
    stack = deploy(lab)
    begun = lab.engine.clock.monotonic()
    send(lab, stack, "late", DelaySeconds=40)
    name = stack.resources["Fn"].physical_id
    (started,) = [i.started_at for i in lab.engine.invocations() if i.function == name]
    assert started - begun == pytest.approx(40)
