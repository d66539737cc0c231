"""moto's queues, answered as SQS does.

Patched: `validate_message_attributes` (moto.sqs.responses), which takes any number of attributes, and ones
without a value.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

import moto.sqs.responses
from moto.sqs.exceptions import MessageAttributesInvalid

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
_MOST_ATTRIBUTES: Final = 10


def install() -> None:
    """Let messages be refused that have too many attributes, or one without a value."""
    responses: Any = moto.sqs.responses
    validate = responses.validate_message_attributes

    @functools.wraps(validate)
    def validate_message_attributes(attributes: Mapping[str, Mapping[str, Any]] | None) -> None:
        validate(attributes)
        if (count := len(attributes or {})) > _MOST_ATTRIBUTES:
            raise MessageAttributesInvalid(
                f"Number of message attributes [{count}] exceeds the allowed maximum [{_MOST_ATTRIBUTES}]."
            )
        for name, given in (attributes or {}).items():
            if not (given.get("StringValue") or given.get("BinaryValue")):
                raise MessageAttributesInvalid(
                    f"The message attribute '{name}' must contain non-empty message attribute value for "
                    f"message attribute type '{given['DataType']}'."
                )

    responses.validate_message_attributes = validate_message_attributes
