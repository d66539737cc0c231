"""Handles requests to DynamoDB and DynamoDB Streams.

It also validates the parameters in requests that it passes to moto.

For speed, requests and responses stay in JSON and bypass moto's serializers.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any, Final, TypeAlias

from botocore.model import OperationModel, ServiceModel
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from, mark_account_as_visited
from moto.moto_api._internal import mock_random

from harness.constraints import at_least, detected, secret_violation
from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from . import batches, constraints, partiql, reads, streams, tables, transactions, writes
from .errors import Refused, invalid

Answer: TypeAlias = Callable[[Caller, Mapping[str, Any]], JsonObject]
StartResponse: TypeAlias = Callable[..., object]

_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d+/([^/,\s]+)/")
_DATA: Final = "DynamoDB_20120810"

_OPERATIONS: Final[Mapping[str, Answer]] = {
    "BatchExecuteStatement": partiql.execute_batch,
    "BatchGetItem": batches.get,
    "BatchWriteItem": batches.write,
    "CreateTable": tables.create,
    "DeleteItem": partial(writes.answer, "DeleteItem"),
    "DeleteTable": tables.delete,
    "DescribeStream": streams.describe_stream,
    "DescribeTable": tables.describe,
    "DescribeTimeToLive": tables.describe_expiry,
    "ExecuteStatement": partiql.execute,
    "ExecuteTransaction": partiql.execute_transaction,
    "GetItem": reads.get,
    "GetRecords": streams.get_records,
    "GetShardIterator": streams.get_shard_iterator,
    "ListStreams": streams.list_streams,
    "ListTables": tables.list_names,
    "ListTagsOfResource": tables.list_tags,
    "PutItem": partial(writes.answer, "PutItem"),
    "Query": reads.query,
    "Scan": reads.scan,
    "TagResource": tables.tag,
    "TransactGetItems": transactions.get,
    "UntagResource": tables.untag,
    "UpdateItem": partial(writes.answer, "UpdateItem"),
    "UpdateTable": tables.update,
    "UpdateTimeToLive": tables.update_expiry,
}


class DynamoDB:
    """A WSGI application.

    Args:
        app: moto's application, which handles all other operations.
        now: returns the time, in seconds since 1970.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], now: Callable[[], float]) -> None:
        self._app = app
        self._answers: Mapping[str, Answer] = {
            **_OPERATIONS,
            "TransactWriteItems": lambda caller, request: transactions.write(caller, request, now()),
        }

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request, or pass it to moto."""
        service, _, operation = environ["HTTP_X_AMZ_TARGET"].partition(".")
        caller = _caller(environ)
        stream = environ["wsgi.input"]
        body = stream.read()
        try:
            model = _operation(service, operation)
            answer = self._answers.get(operation)
            request = _request(body)
            _check(model, request)
            if answer is None:
                stream.seek(0)
                return self._app(environ, start_response)
            return _sent(start_response, "200 OK", answer(caller, request))
        except Refused as refused:
            return _sent(start_response, "400 Bad Request", refused.body())


def _check(model: OperationModel, request: Mapping[str, Any]) -> None:
    if model.name == "CreateTable" and request.get("TableName") is None:
        raise invalid("The parameter 'TableName' is required but was not present in the request")
    batches.refuse_sizes(model.name, request)
    if model.name == "Query" and request.get("Limit") == 0:
        raise invalid(detected([secret_violation("Limit", at_least("value", 1))]))
    assert model.input_shape is not None
    constraints.check(model.name, model.input_shape, request)


def _request(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise Refused("SerializationException", "Unable to parse the request's JSON") from None
    if not isinstance(request, dict):
        raise Refused("SerializationException", "Start of list found where not expected")
    return {name: value for name, value in request.items() if value is not None}


def _sent(start_response: StartResponse, status: str, answer: JsonObject) -> Iterable[bytes]:
    body = json.dumps(answer, separators=(",", ":")).encode()
    headers = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("Content-Length", str(len(body))),
        ("x-amz-crc32", str(zlib.crc32(body))),
        ("x-amzn-RequestId", _request_id()),
    ]
    start_response(status, headers)
    return [body]


def _request_id() -> str:
    """Return an ID in DynamoDB's format: 52 uppercase letters and digits."""
    return base64.b32encode(mock_random.randbytes(32)).decode().rstrip("=")


def _caller(environ: Mapping[str, Any]) -> Caller:
    """Return the caller from the signature, or the default account if the request is not signed."""
    found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    key, region = (found[1], found[2]) if found else ("", "us-east-1")
    account_id = environ.get("HTTP_X_MOTO_ACCOUNT_ID") or get_account_id_from(key)
    mark_account_as_visited(account_id, key, "dynamodb", region)
    return Caller(account_id, region)


@cache
def _model(service: str) -> ServiceModel:
    return get_service_model("dynamodb" if service == _DATA else "dynamodbstreams")


@cache
def _operation(service: str, operation: str) -> OperationModel:
    if operation not in _model(service).operation_names:
        raise Refused("UnknownOperationException", "")
    return _model(service).operation_model(operation)
