"""Requests that SNS rejects, by code and message, and its deliveries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from refusals import Refusal, refusal_of, unchecked

from harness.engine.clients import Clients

ARN = "arn:aws:sns:us-east-1:123456789012"
SHORT = "Reason: An ARN must have at least 6 elements, not"
TEXT = {"DataType": "String", "StringValue": "x"}
NO_DEFAULT = "Invalid parameter: Message Structure - No default entry in JSON message body"
GROUP = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"


def publish(message: str, code: str = "InvalidParameter", topic: str = "{topic}", **more: Any) -> Refusal:
    return Refusal("publish", {"TopicArn": topic, "Message": "m", **more}, code, message)


def attribute(message: str, name: str = "a", **value: Any) -> Refusal:
    return publish(message, "ParameterValueInvalid", MessageAttributes={name: TEXT | value})


def batch(code: str, message: str, *entries: dict[str, Any], topic: str = "{topic}") -> Refusal:
    parameters = {"TopicArn": topic, "PublishBatchRequestEntries": list(entries)}
    return Refusal("publish_batch", parameters, code, message)


def create(message: str, name: str, **more: Any) -> Refusal:
    return Refusal("create_topic", {"Name": name, **more}, "InvalidParameter", message)


def subscribe(message: str, endpoint: str = "{queue}", protocol: str = "sqs", **attributes: str) -> Refusal:
    parameters = {"TopicArn": "{topic}", "Protocol": protocol, "Endpoint": endpoint}
    return Refusal("subscribe", {**parameters, "Attributes": attributes}, "InvalidParameter", message)


def change(message: str, name: str, value: str) -> Refusal:
    parameters = {"SubscriptionArn": "{subscription}", "AttributeName": name, "AttributeValue": value}
    return Refusal("set_subscription_attributes", parameters, "InvalidParameter", message)


CASES = [
    publish("Topic does not exist", "NotFound", topic=f"{ARN}:none"),
    publish(f"Invalid parameter: TopicArn {SHORT} 1", topic="none"),
    publish("Invalid parameter: TopicArn", topic="arn:aws:sns:eu-west-1:123456789012:orders"),
    publish("Invalid parameter: Empty message", Message=""),
    publish("Invalid parameter: Subject", Subject=""),
    publish("Invalid parameter: Subject", Subject="s" * 101),
    publish("Invalid parameter: Subject", Subject="two\nlines"),
    publish("Invalid parameter: Message too long", Message="é" * 131_073),
    publish(NO_DEFAULT, MessageStructure="json", Message='{"sqs": "x"}'),
    publish(NO_DEFAULT, MessageStructure="json", Message='{"default": {"a": 1}}'),
    publish(
        "Invalid parameter: Message Structure - JSON message body failed to parse",
        MessageStructure="json",
        Message="{",
    ),
    publish(GROUP, topic="{fifo}"),
    publish(
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly",
        topic="{fifo}",
        MessageGroupId="g",
    ),
    publish(
        "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
        "parameter that is not valid for this topic type",
        MessageDeduplicationId="d",
    ),
    Refusal(
        "publish",
        {"PhoneNumber": "+1a234", "Message": "m"},
        "InvalidParameter",
        "Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to",
    ),
    Refusal(
        "publish",
        {"TopicArn": "{topic}"},
        "ValidationError",
        "1 validation error detected: Value null at 'message' failed to satisfy constraint: "
        "Member must not be null",
    ),
    publish(
        "1 validation error detected: Value null at 'messageAttributes.a.member.dataType' failed to satisfy "
        "constraint: Member must not be null",
        "ValidationError",
        MessageAttributes={"a": {"StringValue": "x"}},
    ),
    attribute(
        "The message attribute 'a' must contain non-empty message attribute value for message attribute "
        "type 'String'.",
        StringValue="",
    ),
    attribute("The message attribute 'a' with type 'Binary' must use field 'Binary'.", DataType="Binary"),
    attribute(
        "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes "
        "is Binary, Number, and String.",
        DataType="Text",
    ),
    attribute("Could not cast message attribute 'a' value to number.", DataType="Number"),
    attribute("Length of message attribute name must be less than 256 bytes.", "a" * 256),
    attribute("Invalid message attribute name starting with character '.' was found.", ".a"),
    attribute("Invalid message attribute name ending with character '.' was found.", "a."),
    attribute("Message attribute name can not have successive '.' character.", "a..b"),
    attribute(
        "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include "
        "alphanumeric characters, hyphens, underscores, or dots.",
        "a^",
    ),
    batch("EmptyBatchRequest", "The batch request doesn't contain any entries."),
    batch(
        "TooManyEntriesInBatchRequest",
        "The batch request contains more entries than permissible.",
        *({"Id": str(n), "Message": "m"} for n in range(11)),
    ),
    batch(
        "BatchEntryIdsNotDistinct",
        "Two or more batch entries in the request have the same Id.",
        *({"Id": "1", "Message": "m"} for _ in range(2)),
    ),
    batch(
        "InvalidBatchEntryId",
        "The Id of a batch entry in the batch request contains an impermissible character: a.b",
        {"Id": "a.b", "Message": "m"},
    ),
    batch(
        "InvalidBatchEntryId",
        f"The Id of a batch entry in the batch request is too long: {'a' * 81}",
        {"Id": "a" * 81, "Message": "m"},
    ),
    batch(
        "BatchRequestTooLong",
        "The length of all the messages put together is more than the limit.",
        *({"Id": str(n), "Message": "m" * 131_073} for n in range(2)),
    ),
    batch("InvalidParameter", GROUP, {"Id": "1", "Message": "m"}, topic="{fifo}"),
    create("Invalid parameter: Topic Name", ""),
    create("Invalid parameter: Topic Name", "a" * 257),
    create("Invalid parameter: Topic Name", "a b"),
    create("Invalid parameter: Topic Name", "a.fifo"),
    create("Invalid parameter: Topic Name", "a", Attributes={"FifoTopic": "true"}),
    create(
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
        "orders",
        Attributes={"DisplayName": "other"},
    ),
    create(
        "Invalid parameter: Tags Reason: Topic already exists with different tags",
        "orders",
        Tags=[{"Key": "a", "Value": "b"}],
    ),
    Refusal(
        "tag_resource",
        {"ResourceArn": "{topic}", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
        "InvalidParameter",
        "Invalid parameter: Duplicated keys are not allowed.",
    ),
    Refusal(
        "set_topic_attributes",
        {"TopicArn": "{topic}", "AttributeName": "FifoTopic", "AttributeValue": "false"},
        "InvalidParameter",
        "Invalid parameter: AttributeName",
    ),
    subscribe("Invalid parameter: Amazon SNS does not support this protocol string: pigeon", "x", "pigeon"),
    subscribe("Invalid parameter: SQS endpoint ARN", "http://127.0.0.1/queue"),
    subscribe(
        "Invalid parameter: Invalid parameter: Endpoint Reason: "
        "FIFO SQS Queues can not be subscribed to standard SNS topics",
        "{fifo queue}",
    ),
    subscribe(
        "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [yes]. "
        "Must be true or false.",
        RawMessageDelivery="yes",
    ),
    subscribe(
        "Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON. Unrecognized token "
        "'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n "
        "at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 8]",
        FilterPolicy="invalid",
    ),
    subscribe(
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
        RawMessageDelivery="true",
    ),
    change("Invalid parameter: AttributeName", "Colour", "red"),
    change(
        "Invalid parameter: RawMessageDelivery: Invalid value []. Must be true or false.",
        "RawMessageDelivery",
        "",
    ),
    change(
        "Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn",
        "RedrivePolicy",
        '{"deadLetterTargetArn": "none"}',
    ),
    Refusal(
        "get_subscription_attributes",
        {"SubscriptionArn": f"{ARN}:orders:none"},
        "NotFound",
        "Subscription does not exist",
    ),
    Refusal(
        "unsubscribe",
        {"SubscriptionArn": f"{ARN}:x"},
        "InvalidParameter",
        "Invalid parameter: SubscriptionId",
    ),
    Refusal(
        "unsubscribe",
        {"SubscriptionArn": ""},
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn Reason: no value for required parameter",
    ),
]


@pytest.fixture
def sns(harness_clients: Clients) -> Any:
    return unchecked(harness_clients, "sns")


@pytest.fixture
def made(sns: Any, harness_clients: Clients) -> dict[str, str]:
    """A topic of each kind and a queue of each kind. The standard queue is subscribed."""
    sqs: Any = harness_clients.sqs
    urls = {
        "queue": sqs.create_queue(QueueName="orders")["QueueUrl"],
        "fifo queue": sqs.create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"],
    }
    arns = {
        name: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for name, url in urls.items()
    }
    topic = sns.create_topic(Name="orders")["TopicArn"]
    fifo = sns.create_topic(Name="orders.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arns["queue"])["SubscriptionArn"]
    sns.subscribe(TopicArn=fifo, Protocol="sqs", Endpoint=arns["fifo queue"])
    made = {"topic": topic, "fifo": fifo, "subscription": subscription, **arns}
    return made | {f"url of {name}": url for name, url in urls.items()}


def test_what_is_refused(sns: Any, made: dict[str, str], subtests: Any) -> None:
    for case in CASES:
        with subtests.test(case.operation, message=case.message):
            refusal_of(sns, case, made)


def test_an_error_has_its_message_once(sns: Any) -> None:
    with pytest.raises(sns.exceptions.NotFoundException) as caught:
        sns.get_topic_attributes(TopicArn=f"{ARN}:none")
    assert caught.value.response["Error"] == {
        "Type": "Sender",
        "Code": "NotFound",
        "Message": "Topic does not exist",
    }


def test_a_notification_is_laid_out_as_sns_does(
    sns: Any, made: dict[str, str], harness_clients: Clients
) -> None:
    sns.publish(TopicArn=made["topic"], Message="hello", Subject="s", MessageAttributes={"a": TEXT})
    (message,) = harness_clients.sqs.receive_message(QueueUrl=made["url of queue"])["Messages"]
    assert message["Body"].startswith('{\n  "Type" : "Notification",\n  "MessageId" : "')
    body = json.loads(message["Body"])
    assert list(body) == [
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
        "MessageAttributes",
    ]
    assert (body["SignatureVersion"], body["MessageAttributes"]) == (
        "1",
        {"a": {"Type": "String", "Value": "x"}},
    )
    assert body["UnsubscribeURL"].endswith(made["subscription"])


def test_a_fifo_topic_numbers_its_messages_and_sends_each_once(
    sns: Any, made: dict[str, str], harness_clients: Clients
) -> None:
    given = {"TopicArn": made["fifo"], "Message": "m", "MessageGroupId": "g"}
    first = sns.publish(**given, MessageDeduplicationId="1")
    again = sns.publish(**given, MessageDeduplicationId="1")
    second = sns.publish(**given, MessageDeduplicationId="2")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    assert len(first["SequenceNumber"]) == 20
    assert second["SequenceNumber"] > first["SequenceNumber"]
    sqs = harness_clients.sqs
    got = sqs.receive_message(QueueUrl=made["url of fifo queue"], MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in got]
    assert [body["SequenceNumber"] for body in bodies] == [first["SequenceNumber"], second["SequenceNumber"]]
    assert "Signature" not in bodies[0]
    entries = [
        {"Id": n, "Message": "m", "MessageGroupId": "g", "MessageDeduplicationId": n} for n in ("8", "9")
    ]
    sent = sns.publish_batch(TopicArn=made["fifo"], PublishBatchRequestEntries=entries)["Successful"]
    assert second["SequenceNumber"] < sent[0]["SequenceNumber"] < sent[1]["SequenceNumber"]


def test_a_message_whose_queue_is_gone_goes_to_the_dead_letter_queue(
    sns: Any, made: dict[str, str], harness_clients: Clients
) -> None:
    sqs: Any = harness_clients.sqs
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = made["queue"].replace("orders", "dead")
    policy = json.dumps({"deadLetterTargetArn": arn})
    for name, value in (("RedrivePolicy", policy), ("RawMessageDelivery", "true")):
        sns.set_subscription_attributes(
            SubscriptionArn=made["subscription"], AttributeName=name, AttributeValue=value
        )
    sqs.delete_queue(QueueUrl=made["url of queue"])
    binary = {"b": {"DataType": "Binary", "BinaryValue": b"\x02\x03"}}
    sns.publish(TopicArn=made["topic"], Message="lost", MessageAttributes=binary)
    (message,) = sqs.receive_message(QueueUrl=dead, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]["b"]["BinaryValue"]) == ("lost", b"\x02\x03")


def test_what_was_set_is_told(sns: Any, made: dict[str, str]) -> None:
    assert "SignatureVersion" not in sns.get_topic_attributes(TopicArn=made["topic"])["Attributes"]
    sns.set_topic_attributes(TopicArn=made["topic"], AttributeName="SignatureVersion", AttributeValue="2")
    told = sns.get_topic_attributes(TopicArn=made["topic"])["Attributes"]
    assert told["SignatureVersion"] == "2"
    assert "DeliveryPolicy" not in told
    assert json.loads(told["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 3
    again = sns.create_topic(Name="orders", Attributes={"SignatureVersion": "2"})
    assert again["TopicArn"] == made["topic"]
    mail = sns.subscribe(TopicArn=made["topic"], Protocol="email", Endpoint="a@example.com")
    assert mail["SubscriptionArn"] == "pending confirmation"
