"""moto's topics, with SNS's responses.

Patched in moto.sns:
- `SNSResponse.get_topic_attributes`, which omits attributes that were set, and returns an empty
  DeliveryPolicy.
- `SNSResponse.publish`, `SNSBackend.publish_batch` and `Topic.publish`: messages to FIFO topics have sequence
numbers, and a duplicate within five minutes is not sent.
- `SNSBackend.publish`, which limits messages to 262,144 characters in every topic, and accepts any subject in
  a batch. The patch also stores sent messages (`published`).

`topic_rules` rejects the requests that SNS rejects.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any, Final

import moto.sns.models
from moto.core.utils import camelcase_to_underscores, unix_time
from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend, Topic
from moto.sns.responses import SNSResponse

from harness.engine.moto.message_attributes import length_of, size_of
from harness.engine.moto.published import PUBLISHED
from harness.engine.moto.topic_rules import SUBJECT
from harness.engine.seen import SentMessage
from harness.quotas import SNS_LARGEST_MESSAGE_BYTES, SNS_MESSAGE_BYTES

ATTRIBUTE: Final = "MaximumMessageSize"
"""https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html: "only if you explicitly set it"."""
_TOLD_WHEN_SET: Final = (
    ATTRIBUTE,
    "SignatureVersion",
    "TracingConfig",
    "FifoThroughputScope",
    "ArchivePolicy",
)
_DELIVERY_POLICY: Final = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}
"""https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html"""
# https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
_DEDUPLICATION_S: Final = 300
_FIRST_NUMBER: Final = 10**19
_NUMBER_STEP: Final = 1000


def install() -> None:
    """Patch moto in this process."""
    response: Any = SNSResponse
    backend: Any = SNSBackend
    topic: Any = Topic
    response.get_topic_attributes = _with_what_was_set(response.get_topic_attributes)
    response.publish = _with_number(response.publish)
    backend.publish = _within(backend.publish)
    backend.publish_batch = _with_numbers(backend.publish_batch)
    topic.publish = _once(_kept(topic.publish))
    moto.sns.models.MAXIMUM_MESSAGE_LENGTH = SNS_LARGEST_MESSAGE_BYTES
    models: Any = moto.sns.models
    models.DEFAULT_EFFECTIVE_DELIVERY_POLICY = _DELIVERY_POLICY


def _with_what_was_set(get: Any) -> Any:
    @functools.wraps(get)
    def get_topic_attributes(self: Any) -> Any:
        answer = get(self)
        attributes: dict[str, Any] = answer.result["Attributes"]
        topic = self.backend.topics.get(self._get_param("TopicArn"))
        for name in _TOLD_WHEN_SET:
            value = getattr(topic, camelcase_to_underscores(name), None)
            if value is not None:
                attributes[name] = str(value)
        if not attributes.get("DeliveryPolicy"):
            attributes.pop("DeliveryPolicy", None)
        return answer

    return get_topic_attributes


def _within(publish: Any) -> Any:
    @functools.wraps(publish)
    def publish_within(
        self: Any, message: str, arn: str | None, phone_number: str | None = None, **more: Any
    ) -> Any:
        if not message:
            raise InvalidParameterValue("Invalid parameter: Empty message")
        subject = more.get("subject")
        if subject is not None and not SUBJECT.fullmatch(subject):
            raise InvalidParameterValue("Invalid parameter: Subject")
        if phone_number is None:
            size = length_of(message) + size_of(more.get("message_attributes"))
            if size > (_size(self, arn) or SNS_MESSAGE_BYTES):
                raise InvalidParameterValue("Invalid parameter: Message too long")
        message_id = publish(self, message, arn, phone_number, **more)
        if phone_number is not None:
            PUBLISHED.add(SentMessage(phone_number, "", message, unix_time(), message_id))
        return message_id

    return publish_within


def _kept(publish: Any) -> Any:
    @functools.wraps(publish)
    def publish_and_keep(self: Any, message: str, subject: str | None = None, *rest: Any, **more: Any) -> Any:
        message_id = publish(self, message, subject, *rest, **more)
        PUBLISHED.add(SentMessage(self.arn, subject or "", message, unix_time(), message_id))
        return message_id

    return publish_and_keep


def _once(publish: Any) -> Any:
    """Wrap Topic.publish: a message with a recent deduplication ID is not sent again."""

    @functools.wraps(publish)
    def publish_once(self: Any, message: str, **more: Any) -> Any:
        if not self.fifo_topic:
            return publish(self, message, **more)
        sent: dict[str, tuple[float, str, int]] = self.__dict__.setdefault("_harness_sent", {})
        deduplication = more.get("deduplication_id") or hashlib.sha256(message.encode()).hexdigest()
        moment = unix_time()
        known = sent.get(deduplication)
        if known is not None and moment - known[0] < _DEDUPLICATION_S:
            self.sequence_number = known[2]
            return known[1]
        self.last_number = getattr(self, "last_number", _FIRST_NUMBER) + _NUMBER_STEP
        self.sequence_number = self.last_number
        message_id = publish(self, message, **more | {"deduplication_id": deduplication})
        sent[deduplication] = moment, message_id, self.sequence_number
        return message_id

    return publish_once


def _with_number(publish: Any) -> Any:
    @functools.wraps(publish)
    def publish_with_number(self: Any) -> Any:
        answer = publish(self)
        arn = self._get_param("TargetArn") or self._get_param("TopicArn")
        answer.result.update(_number(self.backend.topics.get(arn)))
        return answer

    return publish_with_number


def _with_numbers(publish: Any) -> Any:
    """Wrap PublishBatch. The entries are published one by one with SNSBackend.publish."""

    @functools.wraps(publish)
    def publish_batch(self: Any, topic_arn: str, publish_batch_request_entries: Any) -> Any:
        successful, failed = [], []
        for entry in publish_batch_request_entries:
            went_well, went_wrong = publish(self, topic_arn, [entry])
            successful += [{**each, **_number(self.topics.get(topic_arn))} for each in went_well]
            failed += went_wrong
        return successful, failed

    return publish_batch


def _number(topic: Any) -> dict[str, str]:
    """Return the sequence number of a topic's last message, or nothing for a standard topic."""
    fifo = topic is not None and topic.fifo_topic
    return {"SequenceNumber": str(topic.sequence_number)} if fifo else {}


def _size(backend: Any, arn: str | None) -> int | None:
    """Return a topic's MaximumMessageSize, or the default."""
    size = getattr(backend.topics.get(arn), "maximum_message_size", None)
    return None if size is None else int(size)
