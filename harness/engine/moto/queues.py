"""moto's queues, with SQS's responses.

Patched:
- `validate_message_attributes` (moto.sqs.responses), which accepts any number of attributes, and attributes
  that have no value.
- `SQSBackend.send_message` (moto.sqs.models), which keeps characters that SQS replaces, and
  `send_message_batch`, which rejects all messages if one is invalid.
- `JSONSerializer._get_protocol_specific_error_code` (moto.core.serialize), which uses the query protocol's
  error codes as names.
- `SQSResponse.delete_message` and `change_message_visibility` (moto.sqs.responses), which omit an invalid
  receipt handle from the error.
- `Queue.url` (moto.sqs.models): code that runs in this world gets AWS's URLs, which are the same in every
  run. Other callers get URLs of this engine, because some SDKs send requests to the queue's URL.

`queue_rules` contains the checks that run first, and `queue_time` the operations that take time.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, Final

import moto.sqs.responses
from moto.core.serialize import JSONSerializer
from moto.sqs.exceptions import MessageAttributesInvalid, ReceiptHandleIsInvalid, SQSException
from moto.sqs.models import Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from harness.engine.moto import queue_rules
from harness.engine.moto.atomic import current_call

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
_MOST_ATTRIBUTES: Final = 10
# "it replaces those invalid characters with U+FFFD before storing the message in the queue":
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
_NOT_ALLOWED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACE: Final = "com.amazonaws.sqs"
_NAMES: Final = {
    "InvalidParameterValue": "InvalidParameterValueException",
    "MissingParameter": "MissingRequiredParameterException",
}
"""Names for errors that botocore's model lacks, by query protocol code."""


def install() -> None:
    """Patch moto in this process."""
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
                    f"Message (user) attribute '{name}' must contain a non-empty value of type "
                    f"'{given['DataType']}'."
                )
            if _NOT_ALLOWED.search(given.get("StringValue") or ""):
                raise MessageAttributesInvalid(
                    f"Invalid characters found in the value of message attribute '{name}'."
                )

    responses.validate_message_attributes = validate_message_attributes
    backend: Any = SQSBackend
    backend.send_message = _of_characters(backend.send_message)
    queue: Any = Queue
    queue.url = _for_caller(queue.url)
    queue_rules.install()
    _name_errors()
    _fail_singly()
    response: Any = SQSResponse
    for name in ("delete_message", "change_message_visibility"):
        setattr(response, name, _naming_handle(getattr(response, name)))


def _for_caller(url: Any) -> Any:
    @functools.wraps(url)
    def for_caller(self: Any, request_url: Any) -> Any:
        caller, _ = current_call()
        return self.physical_resource_id if caller else url(self, request_url)

    return for_caller


def _of_characters(send: Any) -> Any:
    @functools.wraps(send)
    def send_message(self: Any, queue_name: str, message_body: str, *args: Any, **kwargs: Any) -> Any:
        return send(self, queue_name, _NOT_ALLOWED.sub("\ufffd", message_body), *args, **kwargs)

    return send_message


def _naming_handle(answer: Any) -> Any:
    @functools.wraps(answer)
    def named(self: Any) -> Any:
        try:
            return answer(self)
        except ReceiptHandleIsInvalid as error:
            given = self._get_param("ReceiptHandle")
            error.message = f'The input receipt handle "{given}" is not a valid receipt handle.'
            raise

    return named


def _name_errors() -> None:
    """Use SQS's error names. The query protocol's error codes stay in a header."""
    serializer: Any = JSONSerializer
    named = serializer._get_protocol_specific_error_code

    @functools.wraps(named)
    def error_code(self: Any, error: Any) -> Any:
        name: str = named(self, error)
        before, _, code = name.rpartition("#")
        if before == _NAMESPACE and code in _NAMES:
            return f"{before}#{_NAMES[code]}"
        return name

    serializer._get_protocol_specific_error_code = error_code


def _fail_singly() -> None:
    """Make an invalid message in a batch fail individually."""
    backend: Any = SQSBackend
    send = backend.send_message_batch

    @functools.wraps(send)
    def send_message_batch(self: Any, queue_name: str, entries: dict[str, dict[str, Any]]) -> Any:
        queue, good, failed = self.get_queue(queue_name), {}, []
        for number, entry in entries.items():
            try:
                queue_rules.check_entry(queue, entry)
                queue_rules.check_size(queue, entry)
                good[number] = entry
            except SQSException as error:
                failed.append(
                    {"Id": entry["Id"], "Code": error.code, "Message": error.message, "SenderFault": True}
                )
        messages, wrong = send(self, queue_name, good) if good else ([], [])
        return messages, [*failed, *wrong]

    backend.send_message_batch = send_message_batch
