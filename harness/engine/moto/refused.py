"""Requests that AWS refuses, and that moto takes, half does, or stumbles over.

Patched:
- `SQSBackend.send_message` (moto.sqs.models), which keeps characters that SQS replaces.
- `S3Response._bucket_response_delete_keys` (moto.s3.responses), which takes any number of keys,
  and stumbles over XML that is none.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree

from moto.s3.exceptions import MalformedXML
from moto.s3.responses import S3Response
from moto.sqs.models import SQSBackend

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MOST_DELETED: Final = 1000
# "it replaces those invalid characters with U+FFFD before storing the message in the queue":
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
_NOT_ALLOWED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def install() -> None:
    """Patch moto in this process."""
    queues: Any = SQSBackend
    queues.send_message = _of_characters(queues.send_message)
    response: Any = S3Response
    response._bucket_response_delete_keys = _well_formed(response._bucket_response_delete_keys)


def _of_characters(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def send_message(self: Any, queue_name: str, message_body: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, queue_name, _NOT_ALLOWED.sub("\ufffd", message_body), *args, **kwargs)

    return send_message


def _well_formed(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def delete_keys(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            asked = ElementTree.fromstring(self.body)  # noqa: S314  (the user's own)
        except ElementTree.ParseError:  # also of a control character, which no XML has
            raise MalformedXML from None
        objects = asked.findall("{*}Object")
        keys = [each.findtext("{*}Key") for each in objects]
        if not asked.tag.endswith("Delete") or not 0 < len(keys) <= MOST_DELETED or not all(keys):
            raise MalformedXML
        return original(self, *args, **kwargs)

    return delete_keys
