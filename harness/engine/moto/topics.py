"""moto's topics, answered as SNS does.

Patched in moto.sns.responses: `SNSResponse.get_topic_attributes`, which keeps MaximumMessageSize to itself.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.sns.responses import SNSResponse

ATTRIBUTE = "MaximumMessageSize"
"""https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html: "only if you explicitly set it"."""


def install() -> None:
    """Let GetTopicAttributes tell the size that was set."""
    patched: Any = SNSResponse
    get = patched.get_topic_attributes

    @functools.wraps(get)
    def get_topic_attributes(self: Any) -> Any:
        answer = get(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        if (size := getattr(topic, "maximum_message_size", None)) is not None:
            answer.result["Attributes"][ATTRIBUTE] = str(size)
        return answer

    patched.get_topic_attributes = get_topic_attributes
