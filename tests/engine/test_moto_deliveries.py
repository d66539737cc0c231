"""Deliveries triggered by topics, buckets and rules in a stack on the embedded engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import Lab, function, role

from harness.engine.moto.engine import MotoEngine
from harness.stack.model import Stack

CODE = {"src/app.py": "def handler(event, context):\n    return event\n"}
FAILING = {"src/app.py": "def handler(event, context):\n    raise KeyError('bucket')\n"}


def stack_of(lab: Lab, code: dict[str, str] = CODE, **resources: Any) -> Stack:
    common = {"Role": role(), "Fn": function("app.handler"), "Queue": {"Type": "AWS::SQS::Queue"}}
    stack = lab.deploy({"Resources": {**common, **resources}}, code)
    assert not [note for note in stack.notes if "gave no reason" in note.text]
    return stack


def events_of(lab: Lab, stack: Stack) -> list[Any]:
    """The events that the stack's function has been invoked with so far."""
    name = stack.resources["Fn"].physical_id
    return [json.loads(i.payload) for i in lab.engine.invocations() if i.function == name]


def bodies(lab: Lab, stack: Stack) -> list[Any]:
    """The bodies of the messages in the stack's queue."""
    url = stack.resources["Queue"].physical_id
    taken = lab.clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in taken]


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the deliveries of the embedded engine")


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


@pytest.mark.parametrize("inline", [True, False], ids=["inline", "resource"])
def test_a_topic_invokes_a_function_with_its_own_names(lab: Lab, inline: bool) -> None:
    subscription = {"Protocol": "lambda", "Endpoint": arn("Fn")}
    topic: dict[str, Any] = {"Type": "AWS::SNS::Topic"}
    more: dict[str, Any] = {}
    if inline:
        topic["Properties"] = {"Subscription": [subscription]}
    else:
        properties = {**subscription, "TopicArn": {"Ref": "Topic"}}
        more["Sub"] = {"Type": "AWS::SNS::Subscription", "Properties": properties}
    stack = stack_of(lab, Topic=topic, **more)
    topic_arn = stack.resources["Topic"].physical_id
    attributes: Any = {"kind": {"DataType": "String", "StringValue": "a"}}
    sent = lab.clients.sns.publish(TopicArn=topic_arn, Message="hello", MessageAttributes=attributes)
    (event,) = events_of(lab, stack)
    (record,) = event["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["EventSubscriptionArn"].startswith(f"{topic_arn}:")
    listed = lab.clients.sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    assert [each["SubscriptionArn"] for each in listed] == [record["EventSubscriptionArn"]]
    told = record["Sns"]
    assert (told["TopicArn"], told["Message"], told["MessageId"]) == (topic_arn, "hello", sent["MessageId"])
    assert told["Subject"] is None
    assert told["MessageAttributes"] == {"kind": {"Type": "String", "Value": "a"}}


def test_a_subscription_filters_and_delivers_raw(lab: Lab) -> None:
    properties = {
        "TopicArn": {"Ref": "Topic"},
        "Protocol": "sqs",
        "Endpoint": arn("Queue"),
        "RawMessageDelivery": True,
        "FilterPolicy": {"kind": ["a"]},
    }
    stack = stack_of(
        lab,
        Topic={"Type": "AWS::SNS::Topic"},
        Sub={"Type": "AWS::SNS::Subscription", "Properties": properties},
    )
    topic = stack.resources["Topic"].physical_id
    for kind in ("a", "b"):
        attributes: Any = {"kind": {"DataType": "String", "StringValue": kind}}
        lab.clients.sns.publish(
            TopicArn=topic, Message=json.dumps({"is": kind}), MessageAttributes=attributes
        )
    assert bodies(lab, stack) == [{"is": "a"}]


def test_an_event_that_fails_is_tried_twice_more(lab: Lab) -> None:
    subscription = {"Protocol": "lambda", "Endpoint": arn("Fn")}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [subscription]}}
    stack = stack_of(lab, FAILING, Topic=topic)
    lab.clients.sns.publish(TopicArn=stack.resources["Topic"].physical_id, Message="hello")
    assert len(events_of(lab, stack)) == 3


def test_nothing_is_posted_to_a_web_address(lab: Lab) -> None:
    subscription = {"Protocol": "https", "Endpoint": "https://127.0.0.1:1/hook"}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [subscription]}}
    stack = stack_of(lab, Topic=topic)
    lab.clients.sns.publish(TopicArn=stack.resources["Topic"].physical_id, Message="hello")
    (note,) = stack.notes
    assert (note.heading, note.subject, note.text) == (
        "not served here",
        "Topic.Subscription (AWS::SNS::Topic)",
        "nothing is posted to https://127.0.0.1:1/hook",
    )


def test_a_bucket_tells_functions_and_queues(lab: Lab) -> None:
    only = {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".txt"}]}}
    properties = {
        "NotificationConfiguration": {
            "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": arn("Fn"), "Filter": only}],
            "QueueConfigurations": [{"Event": "s3:ObjectRemoved:*", "Queue": arn("Queue")}],
        }
    }
    stack = stack_of(lab, Bucket={"Type": "AWS::S3::Bucket", "Properties": properties})
    bucket = stack.resources["Bucket"].physical_id
    assert [message["Event"] for message in bodies(lab, stack)] == ["s3:TestEvent"]
    for key in ("in/a b+ä.txt", "in/c.bin", "out/d.txt"):
        lab.clients.s3.put_object(Bucket=bucket, Key=key, Body=b"12345")
    lab.clients.s3.delete_object(Bucket=bucket, Key="in/c.bin")
    (event,) = events_of(lab, stack)
    (record,) = event["Records"]
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["bucket"]["name"] == bucket
    assert record["s3"]["object"]["key"] == "in/a+b%2B%C3%A4.txt"
    assert record["s3"]["object"]["size"] == 5
    ((removed,),) = (message["Records"] for message in bodies(lab, stack))
    assert removed["eventName"] == "ObjectRemoved:Delete"
    assert removed["s3"]["object"].keys() == {"key", "sequencer"}


def test_a_versioned_bucket_of_a_stack_has_versions(lab: Lab) -> None:
    properties = {"VersioningConfiguration": {"Status": "Enabled"}}
    stack = stack_of(lab, Bucket={"Type": "AWS::S3::Bucket", "Properties": properties})
    bucket = stack.resources["Bucket"].physical_id
    assert lab.clients.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


MACHINE = {
    "Type": "AWS::StepFunctions::StateMachine",
    "Properties": {
        "RoleArn": arn("Role"),
        "DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
    },
}


def put_event(lab: Lab, bus: str = "default", source: str = "shop") -> None:
    events: Any = lab.clients.client("events")
    entry = {"Source": source, "DetailType": "order", "Detail": '{"id": 7, "by": "ada"}', "EventBusName": bus}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_a_rule_sends_to_functions_machines_and_queues(lab: Lab) -> None:
    targets = [
        {"Id": "fn", "Arn": arn("Fn")},
        {"Id": "machine", "Arn": arn("Machine"), "RoleArn": arn("Role"), "InputPath": "$.detail"},
        {
            "Id": "queue",
            "Arn": arn("Queue"),
            "InputTransformer": {
                "InputPathsMap": {"id": "$.detail.id", "by": "$.detail.by"},
                "InputTemplate": '{"n": <id>, "who": <by>, "text": "order <id> of <by>"}',
            },
        },
    ]
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": ["shop"]},
            "Targets": targets,
        },
    }
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}
    stack = stack_of(lab, Machine=MACHINE, Bus=bus, Rule=rule)
    put_event(lab, "orders", "elsewhere")
    put_event(lab, "orders")
    (event,) = events_of(lab, stack)
    assert (event["source"], event["detail-type"], event["detail"]["id"]) == ("shop", "order", 7)
    assert event["time"].endswith("Z")
    assert event.keys() >= {"version", "id", "account", "region", "resources"}
    assert bodies(lab, stack) == [{"n": 7, "who": "ada", "text": "order 7 of ada"}]
    (execution,) = lab.clients.stepfunctions.list_executions(
        stateMachineArn=stack.resources["Machine"].physical_id
    )["executions"]
    described = lab.clients.stepfunctions.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"]) == {"id": 7, "by": "ada"}


@pytest.mark.parametrize(
    "properties", [{"State": "DISABLED"}, {"EventPattern": None, "ScheduleExpression": "rate(1 hour)"}]
)
def test_a_rule_that_takes_no_events_sends_nothing(lab: Lab, properties: dict[str, Any]) -> None:
    given = {
        "EventPattern": {"source": ["shop"]},
        "Targets": [{"Id": "fn", "Arn": arn("Fn")}],
        **properties,
    }
    rule = {name: value for name, value in given.items() if value is not None}
    stack = stack_of(lab, Rule={"Type": "AWS::Events::Rule", "Properties": rule})
    put_event(lab)
    assert events_of(lab, stack) == []


def test_a_bucket_with_event_bridge_reaches_rules(lab: Lab) -> None:
    on = {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}}
    rule = {
        "EventPattern": {"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "in/"}]}}},
        "Targets": [{"Id": "fn", "Arn": arn("Fn"), "Input": '{"constant": 1}'}],
    }
    stack = stack_of(
        lab,
        Bucket={"Type": "AWS::S3::Bucket", "Properties": on},
        Rule={"Type": "AWS::Events::Rule", "Properties": rule},
    )
    for key in ("in/a", "out/b"):
        lab.clients.s3.put_object(Bucket=stack.resources["Bucket"].physical_id, Key=key)
    assert events_of(lab, stack) == [{"constant": 1}]
    assert [note.heading for note in stack.notes] == ["template"]  # no one is allowed to invoke the function
    lab.clients.s3.put_object_tagging(
        Bucket=stack.resources["Bucket"].physical_id,
        Key="in/a",
        Tagging={"TagSet": [{"Key": "k", "Value": "v"}]},
    )
    assert events_of(lab, stack) == [{"constant": 1}, {"constant": 1}]


def test_targets_and_sources_that_nobody_serves_are_said(lab: Lab) -> None:
    rule = {
        "EventPattern": {"source": ["aws.states"]},
        "Targets": [{"Id": "a", "Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c"}],
    }
    stack = stack_of(lab, Rule={"Type": "AWS::Events::Rule", "Properties": rule})
    assert [(note.subject, note.text) for note in stack.notes] == [
        (
            "Rule.EventPattern.source (AWS::Events::Rule)",
            "the engine sends no events from aws.states; send them yourself",
        ),
        (
            "Rule.Targets (AWS::Events::Rule)",
            "nothing is sent to arn:aws:ecs:us-east-1:123456789012:cluster/c: in the engine, rules send only "
            "to events, lambda, logs, sns, sqs and states",
        ),
    ]


def permission(sender: str, source: Any) -> dict[str, Any]:
    properties = {
        "FunctionName": {"Ref": "Fn"},
        "Action": "lambda:InvokeFunction",
        "Principal": f"{sender}.amazonaws.com",
        "SourceArn": source,
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def queue_policy(sender: str, source: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{sender}.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn("Queue"),
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": document}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


@pytest.mark.parametrize("sender", ["sns", "events"])
@pytest.mark.parametrize("allowed", [True, False])
def test_what_aws_would_not_deliver_is_said(lab: Lab, sender: str, allowed: bool) -> None:
    more: dict[str, Any] = {}
    if sender == "sns":
        source: Any = {"Ref": "Topic"}
        inline = [
            {"Protocol": "lambda", "Endpoint": arn("Fn")},
            {"Protocol": "sqs", "Endpoint": arn("Queue")},
        ]
        more["Topic"] = {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": inline}}
    else:
        source = arn("Rule")
        targets = [{"Id": "f", "Arn": arn("Fn")}, {"Id": "q", "Arn": arn("Queue")}]
        rule = {"EventPattern": {"source": ["shop"]}, "Targets": targets}
        more["Rule"] = {"Type": "AWS::Events::Rule", "Properties": rule}
    of = source if allowed else "arn:aws:sns:us-east-1:123456789012:other"
    more |= {"Permission": permission(sender, of), "Policy": queue_policy(sender, of)}
    notes = stack_of(lab, **more).notes
    assert len(notes) == (0 if allowed else 2)
    for note, action in zip(notes, ("lambda:InvokeFunction", "sqs:SendMessage"), strict=False):
        assert note.heading == "template"
        assert note.text.startswith("on AWS nothing is delivered to arn:aws:")
        assert f"does not allow {sender}.amazonaws.com {action}" in note.text
