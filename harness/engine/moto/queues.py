"""moto's queues, answered as SQS does.

Patched: `validate_message_attributes` (moto.sqs.responses), which takes an attribute whose value is empty.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import moto.sqs.responses
from moto.sqs.exceptions import MessageAttributesInvalid


def install() -> None:
    """Let messages be refused whose attributes have no value."""
    responses: Any = moto.sqs.responses
    validate = responses.validate_message_attributes

    @functools.wraps(validate)
    def validate_message_attributes(attributes: Mapping[str, Mapping[str, Any]] | None) -> None:
        validate(attributes)
        for name, given in (attributes or {}).items():
            if not (given.get("StringValue") or given.get("BinaryValue")):
                raise MessageAttributesInvalid(
                    f"The message attribute '{name}' must contain non-empty message attribute value for "
                    f"message attribute type '{given['DataType']}'."
                )

    responses.validate_message_attributes = validate_message_attributes
