"""SQS queues."""

from __future__ import annotations

from typing import Any, Final, Self

from moto.sqs.models import Queue as MotoQueue

from harness.engine.moto.resources.model import Wanted
from harness.engine.moto.resources.of_moto import OfMoto
from harness.json_types import JsonObject
from harness.quotas import SQS_DEFAULT_MESSAGE_BYTES

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_DEFAULTS: Final[JsonObject] = {
    "ContentBasedDeduplication": False,
    "DelaySeconds": 0,
    "KmsDataKeyReusePeriodSeconds": 300,
    "KmsMasterKeyId": None,
    "MaximumMessageSize": SQS_DEFAULT_MESSAGE_BYTES,
    "MessageRetentionPeriod": 345_600,
    "ReceiveMessageWaitTimeSeconds": 0,
    "RedrivePolicy": {},
    "VisibilityTimeout": 30,
}


class Queue(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html."""

    TYPE = "AWS::SQS::Queue"
    NAME = "QueueName"
    MODEL = MotoQueue

    def change(self, wanted: Wanted) -> Self:
        """Update the attributes and tags of the queue, and keep its messages."""
        queue = self.model
        given: dict[str, Any] = {
            name: value for name, value in wanted.properties.items() if name not in ("QueueName", "Tags")
        }
        queue._set_attributes({**_DEFAULTS, **given, "Policy": queue.policy})
        queue.tags = wanted.own_tags()
        return type(self)(queue, wanted)
