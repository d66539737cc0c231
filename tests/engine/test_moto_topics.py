"""Messages can be as long as the topic allows."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.engine.clients import Clients


def test_a_message_is_as_long_as_its_topic_says(harness_clients: Clients) -> None:
    sns: Any = harness_clients.sns
    plain = sns.create_topic(Name="plain")["TopicArn"]
    large = sns.create_topic(Name="large", Attributes={"MaximumMessageSize": "1048576"})["TopicArn"]
    assert "MaximumMessageSize" not in sns.get_topic_attributes(TopicArn=plain)["Attributes"]
    assert sns.get_topic_attributes(TopicArn=large)["Attributes"]["MaximumMessageSize"] == "1048576"
    # The attribute takes 1 + 6 + 3 bytes.
    attributes = {"a": {"DataType": "String", "StringValue": "xyz"}}
    for topic, most in ((plain, 262_144), (large, 1_048_576)):
        sns.publish(TopicArn=topic, Message="m" * (most - 10), MessageAttributes=attributes)
        with pytest.raises(ClientError, match="Invalid parameter: Message too long"):
            sns.publish(TopicArn=topic, Message="m" * (most - 9), MessageAttributes=attributes)
    with pytest.raises(ClientError, match="Message too long"):
        sns.publish(TopicArn=plain, Message="é" * 131_073)
    sns.set_topic_attributes(TopicArn=plain, AttributeName="MaximumMessageSize", AttributeValue="1024")
    entries = [{"Id": "fits", "Message": "m" * 1024}, {"Id": "long", "Message": "m" * 1025}]
    answer = sns.publish_batch(TopicArn=plain, PublishBatchRequestEntries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["fits"]
    assert [(entry["Id"], entry["Code"]) for entry in answer["Failed"]] == [("long", "InvalidParameter")]


def test_a_message_is_not_empty(harness_clients: Clients) -> None:
    sns: Any = harness_clients.sns
    topic = sns.create_topic(Name="plain")["TopicArn"]
    with pytest.raises(ClientError, match="Invalid parameter: Empty message"):
        sns.publish(TopicArn=topic, Message="")
