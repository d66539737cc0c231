"""moto's topics, answered as SNS does.

Patched in moto.sns: `SNSResponse.get_topic_attributes`, which keeps MaximumMessageSize to itself, and
`SNSBackend.publish`, for which a message may be empty, and as long as 262,144 characters, whatever the topic
says.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import moto.sns.models
from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend
from moto.sns.responses import SNSResponse

from harness.quotas import SNS_LARGEST_MESSAGE_BYTES, SNS_MESSAGE_BYTES

ATTRIBUTE = "MaximumMessageSize"
"""https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html: "only if you explicitly set it"."""


def install() -> None:
    """Let GetTopicAttributes tell the size that was set, and Publish go by it."""
    response: Any = SNSResponse
    backend: Any = SNSBackend
    get, publish = response.get_topic_attributes, backend.publish

    @functools.wraps(get)
    def get_topic_attributes(self: Any) -> Any:
        answer = get(self)
        if size := _size(self.backend, self._get_param("TopicArn")):
            answer.result["Attributes"][ATTRIBUTE] = str(size)
        return answer

    @functools.wraps(publish)
    def publish_within(
        self: Any, message: str, arn: str | None, phone_number: str | None = None, **more: Any
    ) -> Any:
        if not message:
            raise InvalidParameterValue("Invalid parameter: Empty message")
        if phone_number is None:
            size = _length(message or "") + _bytes(more.get("message_attributes"))
            if size > (_size(self, arn) or SNS_MESSAGE_BYTES):
                raise InvalidParameterValue("Invalid parameter: Message too long")
        return publish(self, message, arn, phone_number, **more)

    response.get_topic_attributes = get_topic_attributes
    backend.publish = publish_within
    moto.sns.models.MAXIMUM_MESSAGE_LENGTH = SNS_LARGEST_MESSAGE_BYTES


def _size(backend: Any, arn: str | None) -> int | None:
    """The MaximumMessageSize of a topic that has one."""
    size = getattr(backend.topics.get(arn), "maximum_message_size", None)
    return None if size is None else int(size)


def _bytes(attributes: Mapping[str, Any] | None) -> int:
    """The bytes of message attributes as moto has parsed them: `{"name": {"Type": ..., "Value": ...}}`."""
    found = [(name, of) for name, of in (attributes or {}).items() if isinstance(of, Mapping)]
    return sum(_length(name) + sum(map(_length, of.values())) for name, of in found)


def _length(part: object) -> int:
    return len(part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass"))
