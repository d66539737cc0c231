"""Requests that AWS refuses, and that moto takes, half does, or stumbles over.

Patched:
- `DynamoHandler.batch_write_item` (moto.dynamodb.responses), which writes items before it has looked at all
  of them, and takes the items of several tables for those of one; `get_item`, `delete_item`, `update_item`
  and `batch_get_item`, which do not compare the type of a key with the table's.
- `ConditionExpressionParser.parse` (moto.dynamodb.comparisons), which ends in an exception where the name
  of a function stands for an attribute.
- `SQSBackend.send_message` (moto.sqs.models), which keeps characters that SQS replaces.
- `S3Response._bucket_response_delete_keys` (moto.s3.responses), which takes any number of keys.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import (
    ConditionAttributeIsReservedKeyword,
    DynamodbException,
    InvalidConditionExpression,
    MockValidationException,
    ProvidedKeyDoesNotExist,
)
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.s3.exceptions import MalformedXML
from moto.s3.responses import S3Response
from moto.sqs.models import SQSBackend

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MOST_DELETED: Final = 1000
# "it replaces those invalid characters with U+FFFD before storing the message in the queue":
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
_NOT_ALLOWED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FUNCTION: Final = re.compile(
    r"(?<![#:\w])(size|attribute_exists|attribute_not_exists|attribute_type|begins_with|contains)\b"
    r"\s*(?!\s*\()(\S*)",
    re.IGNORECASE,
)


def install() -> None:
    """Patch moto in this process."""
    handler: Any = DynamoHandler
    handler.batch_write_item = _checked(handler.batch_write_item, _check_batch_write)
    handler.batch_get_item = _checked(handler.batch_get_item, _check_batch_get)
    for name in ("get_item", "delete_item", "update_item"):
        setattr(handler, name, _checked(getattr(handler, name), _check_one))
    parser: Any = ConditionExpressionParser
    parser.parse = _parsed(parser.parse)
    queues: Any = SQSBackend
    queues.send_message = _of_characters(queues.send_message)
    response: Any = S3Response
    response._bucket_response_delete_keys = _of_so_many(response._bucket_response_delete_keys)


def _checked(original: Callable[[Any], Any], check: Callable[[Any], None]) -> Callable[[Any], Any]:
    @functools.wraps(original)
    def checked(self: Any) -> Any:
        check(self)
        return original(self)

    return checked


def _check_batch_write(handler: Any) -> None:
    for name, writes in handler.body["RequestItems"].items():
        table = handler.dynamodb_backend.get_table(name)
        keys = []
        for write in writes:
            if "PutRequest" in write:
                item = write["PutRequest"]["Item"]
                keys.append(_key(table, item))
                table._validate_item_types(item)
                table._validate_key_sizes(item)
                Item(DynamoType({"S": ""}), None, item)  # measures it
            elif "DeleteRequest" in write:
                keys.append(_exact_key(table, write["DeleteRequest"]["Key"]))
        if len({json.dumps(key, sort_keys=True) for key in keys}) < len(keys):
            raise MockValidationException("Provided list of item keys contains duplicates")
    handler._contains_duplicates = lambda _: False  # of this request's own handler


def _check_batch_get(handler: Any) -> None:
    for name, wanted in handler.body["RequestItems"].items():
        table = handler.dynamodb_backend.get_table(name)
        for key in wanted["Keys"]:
            _exact_key(table, key)


def _check_one(handler: Any) -> None:
    table = handler.dynamodb_backend.get_table(handler.body["TableName"])
    for name, kind in _types(table):
        value = handler.body["Key"].get(name)
        if isinstance(value, Mapping) and kind not in value:
            raise ProvidedKeyDoesNotExist


def _exact_key(table: Table, key: Mapping[str, Any]) -> dict[str, Any]:
    if len(key) != len(list(_types(table))):
        raise ProvidedKeyDoesNotExist
    return _key(table, key)


def _key(table: Table, item: Mapping[str, Any]) -> dict[str, Any]:
    """The key of an item. Raises ProvidedKeyDoesNotExist when it lacks a part, or one has another type."""
    for name, kind in _types(table):
        if not isinstance(item.get(name), Mapping) or kind not in item[name]:
            raise ProvidedKeyDoesNotExist
    return {name: item[name] for name, _ in _types(table)}


def _types(table: Table) -> Iterator[tuple[str, str]]:
    """The attributes of a table's key, each with its type: `("pk", "S")`."""
    yield table.hash_key_attr, table.hash_key_type
    if table.range_key_attr is not None and table.range_key_type is not None:
        yield table.range_key_attr, table.range_key_type


def _parsed(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(original)
    def parse(self: Any) -> Any:
        try:
            return original(self)
        except DynamodbException:
            raise
        except Exception:
            found = _FUNCTION.search(self.condition_expression)
            if found is None:
                raise
            if found[1].upper() in ("SIZE", "CONTAINS"):  # the functions that are reserved words, too
                raise ConditionAttributeIsReservedKeyword(found[1]) from None
            token = found[2] or "<EOF>"
            said = f'Syntax error; token: "{token}", near: "{found[0].strip()}"'
            raise InvalidConditionExpression(said) from None

    return parse


def _of_characters(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def send_message(self: Any, queue_name: str, message_body: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, queue_name, _NOT_ALLOWED.sub("\ufffd", message_body), *args, **kwargs)

    return send_message


def _of_so_many(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def delete_keys(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.body.count("<Key>" if isinstance(self.body, str) else b"<Key>") > MOST_DELETED:
            raise MalformedXML
        return original(self, *args, **kwargs)

    return delete_keys
