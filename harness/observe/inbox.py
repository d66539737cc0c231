"""Receives the messages published to a stack's topics, through queues that the harness creates."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.engine.clients import Clients
from harness.observe.model import Execution, Message, parsed
from harness.polling import PollTimeout, poll
from harness.stack.model import Stack

ARRIVAL_TIMEOUT_S = 60.0
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
MAX_QUEUE_NAME = 80
BATCH = 10  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html


def queue_name(stack: str, topic: str) -> str:
    """Return the queue name for a topic: "stack-inbox-Topic", or a digest if that is not a valid name."""
    name = f"{stack}-inbox-{topic}"
    if len(name) <= MAX_QUEUE_NAME and re.fullmatch(r"[\w-]+", name, re.ASCII):
        return name
    return f"inbox-{hashlib.sha256(name.encode()).hexdigest()[:32]}"


@dataclass
class Inbox:
    """A queue for each topic in a stack. `queues` maps the topic's logical ID to the queue's URL.

    `late` is a sentence about expected messages that did not arrive in time.
    """

    clients: Clients
    queues: dict[str, str] = field(default_factory=dict)
    received: dict[str, Message] = field(default_factory=dict)
    late: str = ""

    @classmethod
    def open(cls, clients: Clients, stack: Stack) -> Inbox:
        """Subscribe to every topic in the stack, to receive messages from now on."""
        inbox = cls(clients)
        for logical_id, topic_arn in stack.of_type("AWS::SNS::Topic").items():
            url = clients.sqs.create_queue(QueueName=queue_name(stack.name, logical_id))["QueueUrl"]
            arn = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
            clients.sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn["QueueArn"])
            inbox.queues[logical_id] = url
        return inbox

    def messages(self, executions: Iterable[Execution], *, waits: bool = True) -> tuple[Message, ...]:
        """Return all messages so far, sorted. Wait for messages that the executions report as published.

        Without `waits`, do not wait: if the clock is virtual, all published messages have already arrived.
        """
        published = {i for e in executions for i in published_message_ids(e)}

        def missing() -> set[str]:
            self._receive()
            return published - set(self.received)

        limit_s = ARRIVAL_TIMEOUT_S if waits else 0.0
        try:
            poll(missing, lambda ids: not ids, what="published messages", timeout_s=limit_s)
        except PollTimeout as error:  # the comparison reports missing messages
            if waits and isinstance(error.last, set):
                self.late = (
                    f"{len(error.last)} published messages had not arrived after {limit_s:g} s of real time"
                )
        ordered = sorted(self.received.values(), key=lambda m: (m.topic, m.subject or "", m.body))
        return tuple(ordered)

    def _receive(self) -> None:
        for topic, url in self.queues.items():
            while batch := self.clients.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=0
            ).get("Messages"):
                for received in batch:
                    notification = json.loads(received["Body"])
                    self.received[notification["MessageId"]] = Message(
                        topic, notification.get("Subject"), notification["Message"]
                    )
                self.clients.sqs.delete_message_batch(
                    QueueUrl=url,
                    Entries=[
                        {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(batch)
                    ],
                )


def published_message_ids(execution: Execution) -> Iterable[str]:
    """Yield the IDs of the messages that an execution's sns:publish tasks sent."""
    for event in execution.events:
        if event.type == "TaskSucceeded" and event.text("resourceType") == "sns":
            output = parsed(event.text("output"))
            if isinstance(output, dict) and (message_id := output.get("MessageId")):
                yield str(message_id)
