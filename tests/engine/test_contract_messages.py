"""Messages published to a topic, and how the harness receives them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab, output_of

from harness.observe.inbox import Inbox
from harness.observe.model import Message
from harness.polling import poll
from harness.stack.model import Stack


@pytest.fixture(scope="module")
def stack(lab: Lab) -> Stack:
    return lab.deploy({"Resources": {name: {"Type": "AWS::SNS::Topic"} for name in ("News", "Alarms")}}, {})


@pytest.fixture(scope="module")
def shared_inbox(lab: Lab, stack: Stack) -> Inbox:
    return Inbox.open(lab.clients, stack)


@pytest.fixture
def inbox(shared_inbox: Inbox) -> Inbox:
    """Nothing has been received yet."""
    shared_inbox.received.clear()
    return shared_inbox


def arrived(inbox: Inbox, count: int) -> tuple[Message, ...]:
    """Return the messages once N have arrived. Delivery takes a moment on some engines."""
    return poll(
        lambda: inbox.messages(()), lambda seen: len(seen) >= count, what=f"{count} messages", timeout_s=10
    )


def publish(topic: str, **parameters: Any) -> dict[str, Any]:
    """A machine that publishes one message."""
    return {
        "Publish": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": topic, **parameters},
            "End": True,
        }
    }


def test_messages_arrive_with_their_topic_subject_and_text(lab: Lab, stack: Stack, inbox: Inbox) -> None:
    sns, topics = lab.clients.sns, stack.of_type("AWS::SNS::Topic")
    sns.publish(TopicArn=topics["News"], Subject="Two buckets", Message="schön \U0001f4f7\n\n a\ttable\n")
    sns.publish(TopicArn=topics["Alarms"], Message="no subject")
    assert arrived(inbox, 2) == (
        Message("Alarms", None, "no subject"),
        Message("News", "Two buckets", "schön \U0001f4f7\n\n a\ttable\n"),
    )


def test_a_message_is_received_once(lab: Lab, stack: Stack, inbox: Inbox) -> None:
    lab.clients.sns.publish(TopicArn=stack.of_type("AWS::SNS::Topic")["News"], Message="once")
    assert arrived(inbox, 1) == inbox.messages(())
    assert len(inbox.received) == 1


def test_more_messages_than_one_answer_of_the_queue_has(lab: Lab, stack: Stack, inbox: Inbox) -> None:
    for n in range(23):
        lab.clients.sns.publish(TopicArn=stack.of_type("AWS::SNS::Topic")["News"], Message=f"{n:02}")
    assert [m.body for m in arrived(inbox, 23)] == [f"{n:02}" for n in range(23)]


def test_a_state_machine_publishes(lab: Lab, stack: Stack, inbox: Inbox) -> None:
    topic = stack.of_type("AWS::SNS::Topic")["News"]
    states = publish(topic, **{"Subject.$": "$.subject", "Message.$": "$.message"})
    execution = lab.play(states, {"subject": "S", "message": "a\nb"})
    assert output_of(execution)["MessageId"]
    assert inbox.messages([execution]) == (Message("News", "S", "a\nb"),)


def test_the_history_tells_of_a_publication_as_the_harness_reads_it(lab: Lab, stack: Stack) -> None:
    execution = lab.play(publish(stack.of_type("AWS::SNS::Topic")["News"], Message="m"))
    kinds = [e.type for e in execution.events]
    assert kinds[2:5] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]
    scheduled, _, succeeded = execution.events[2:5]
    assert (scheduled.details["resourceType"], scheduled.details["resource"]) == ("sns", "publish")
    assert (succeeded.details["resourceType"], succeeded.details["resource"]) == ("sns", "publish")


def test_a_subject_of_more_than_100_characters_is_refused(lab: Lab, stack: Stack) -> None:
    with pytest.raises(ClientError, match="InvalidParameter"):
        lab.clients.sns.publish(
            TopicArn=stack.of_type("AWS::SNS::Topic")["News"], Subject="x" * 101, Message="m"
        )


def test_a_message_that_is_too_long(lab: Lab, stack: Stack) -> None:
    with pytest.raises(ClientError, match="InvalidParameter"):
        lab.clients.sns.publish(
            TopicArn=stack.of_type("AWS::SNS::Topic")["News"], Message="x" * (256 * 1024 + 1)
        )
