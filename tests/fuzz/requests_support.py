"""Requests that no SDK would send, over HTTP to one engine."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlparse

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from definitions import DEFINITIONS
from mutation import NUMBERS, TEXTS, Json, Mutator

from harness.engine.base import Endpoint
from harness.stepfunctions.parameters import FIELDS

ROLE = "arn:aws:iam::123456789012:role/x"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:known"
NAMES = ("known", MACHINE, ROLE, "fn", "known-bucket", "known-table", json.dumps(DEFINITIONS[5]), "{}")
SIGNATURES = (
    "",
    "AWS4-HMAC-SHA256 ",
    "Bearer x",
    "AWS4-HMAC-SHA256 Credential=/20250101//%s/aws4_request",
    "AWS4-HMAC-SHA256 Credential=999999999999/20250101/mars-1/%s/aws4_request, SignedHeaders=x, Signature=0",
    "AWS4-HMAC-SHA256 Credential=\xff/x/us-east-1/%s/aws4_request",
)
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0"
)
BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"a": ' + b"[" * 100_000,
    b"[" * 900_000,
    b'{"a":' * 20_000,
    b'"' + b"x" * 300_000,
    b'{"a": NaN}',
    b'{"a": "\\ud800"}',
    b"\xef\xbb\xbf{}",
    b"{}" * 2,
    b"\0",
    b"a" * 1_200_000,
    b'{"n": ' + b"9" * 5_000 + b"}",
    b"<a>" * 20_000,
    b"<?xml version='1.0'?><a/>",
    b"a=b&a=c&%zz=%ff",
)


class Request(NamedTuple):
    """One HTTP request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Service(NamedTuple):
    """An engine service, by its model, and the number of requests to it."""

    name: str
    signed: str
    weight: int
    only: frozenset[str] = frozenset()


SERVICES = (
    Service("stepfunctions", "states", 10, frozenset(FIELDS)),
    Service(
        "s3",
        "s3",
        2,
        frozenset(
            {
                "CreateBucket",
                "DeleteBucket",
                "DeleteObject",
                "DeleteObjects",
                "GetObject",
                "HeadBucket",
                "HeadObject",
                "ListBuckets",
                "ListObjects",
                "ListObjectsV2",
                "PutObject",
                "CopyObject",
                "CreateMultipartUpload",
            }
        ),
    ),
    Service(
        "dynamodb",
        "dynamodb",
        2,
        frozenset(
            {
                "CreateTable",
                "DeleteTable",
                "DescribeTable",
                "ListTables",
                "PutItem",
                "GetItem",
                "DeleteItem",
                "UpdateItem",
                "Query",
                "Scan",
                "BatchGetItem",
                "BatchWriteItem",
                "TransactWriteItems",
                "TransactGetItems",
                "ExecuteStatement",
            }
        ),
    ),
    Service(
        "sns",
        "sns",
        1,
        frozenset(
            {"CreateTopic", "Publish", "PublishBatch", "Subscribe", "ListTopics", "SetTopicAttributes"}
        ),
    ),
    Service(
        "sqs",
        "sqs",
        1,
        frozenset(
            {
                "CreateQueue",
                "SendMessage",
                "SendMessageBatch",
                "ListQueues",
                "GetQueueAttributes",
                "SetQueueAttributes",
                "DeleteMessage",
            }
        ),
    ),
    Service(
        "lambda",
        "lambda",
        2,
        frozenset(
            {
                "CreateFunction",
                "GetFunction",
                "ListFunctions",
                "UpdateFunctionCode",
                "UpdateFunctionConfiguration",
                "Invoke",
                "PublishVersion",
                "CreateAlias",
                "PublishLayerVersion",
                "AddPermission",
            }
        ),
    ),
    Service(
        "cloudformation",
        "cloudformation",
        1,
        frozenset(
            {
                "CreateStack",
                "DescribeStacks",
                "ValidateTemplate",
                "UpdateStack",
                "CreateChangeSet",
                "ListStacks",
                "DescribeStackEvents",
            }
        ),
    ),
    Service(
        "logs",
        "logs",
        1,
        frozenset(
            {
                "CreateLogGroup",
                "CreateLogStream",
                "PutLogEvents",
                "GetLogEvents",
                "FilterLogEvents",
                "DescribeLogGroups",
                "PutRetentionPolicy",
            }
        ),
    ),
)


def requests(seed: int, count: int, only: str = "") -> Iterator[tuple[str, Request]]:
    """Requests to the services in turn, each with its operation."""
    loader = Loader()
    chosen = [each for each in SERVICES for _ in range(each.weight) if only in ("", each.name)]
    models = {
        each.name: ServiceModel(loader.load_service_model(each.name, "service-2"), each.name)
        for each in SERVICES
    }
    mutator = Mutator(seed, (*NAMES, "a", "Name", "S", "N"))
    for number in range(count):
        service = chosen[number % len(chosen)]
        model = models[service.name]
        name = mutator.random.choice(sorted(service.only))
        request = _request(model, model.operation_model(name), service, mutator)
        yield f"{service.name}:{name}", request


def _request(model: ServiceModel, operation: OperationModel, service: Service, mutator: Mutator) -> Request:
    draw = mutator.random
    parameters: Json = {}
    for member, shape in operation.input_shape.members.items() if operation.input_shape else ():
        if member in operation.input_shape.required_members or draw.random() < 0.3:
            parameters[member] = _value(shape, mutator, 0)
    if draw.random() < 0.6:
        parameters = mutator.mutant(parameters, most=2)
    signature = draw.choice(SIGNATURES) if draw.random() < 0.1 else SIGNED
    headers = {"Authorization": signature.replace("%s", service.signed)}
    protocol = model.metadata["protocol"]
    if protocol == "json":
        headers["X-Amz-Target"] = f"{model.metadata['targetPrefix']}.{operation.name}"
        headers["Content-Type"] = f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}"
        request = Request("POST", "/", headers, json.dumps(parameters).encode())
    elif protocol == "query":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        fields = {"Action": operation.name, "Version": model.api_version, **_flat(parameters)}
        request = Request("POST", "/", headers, urlencode(fields, errors="surrogatepass").encode())
    else:
        request = _rest(operation, parameters, headers, mutator)
    if draw.random() < 0.15:
        request = request._replace(body=draw.choice(BODIES))
    elif draw.random() < 0.1:
        request = request._replace(body=request.body[: draw.randrange(len(request.body) + 1)])
    return request


def _rest(operation: OperationModel, parameters: Json, headers: dict[str, str], mutator: Mutator) -> Request:
    """A request for REST services: some members in the path, the rest in the query and body."""
    path = operation.http["requestUri"]
    known = parameters if isinstance(parameters, dict) else {}
    members = operation.input_shape.members if operation.input_shape else {}
    query, body = {}, {}
    for name, value in known.items():
        place = members[name].serialization.get("name", name) if name in members else name
        where = members[name].serialization.get("location") if name in members else None
        text = value if isinstance(value, str) else json.dumps(value)
        if where == "uri":
            for form in (f"{{{place}}}", f"{{{place}+}}"):
                path = path.replace(form, quote(text, safe="", errors="surrogatepass") or "x")
        elif where == "querystring":
            query[place] = text
        elif where in ("header", "headers") and place.lower() not in ("content-length", "expect"):
            headers[place] = text.encode("ascii", "ignore").decode().replace("\n", "").replace("\r", "")[:200]
        else:
            body[name] = value
    path = path.replace("{Bucket}", "known-bucket").replace("{Key+}", "k").replace("{FunctionName}", "fn")
    if query:
        path += ("&" if "?" in path else "?") + urlencode(query, errors="surrogatepass")
    content = json.dumps(body).encode() if body else b""
    return Request(operation.http["method"], path, headers, content)


def _value(shape: object, mutator: Mutator, depth: int) -> Json:
    """A value for a botocore shape, with arbitrary strings and numbers."""
    draw, kind = mutator.random, shape.type_name  # type: ignore[attr-defined]
    if kind == "structure" and depth < 6:
        members = shape.members.items()  # type: ignore[attr-defined]
        required = shape.required_members  # type: ignore[attr-defined]
        return {
            name: _value(inner, mutator, depth + 1)
            for name, inner in members
            if name in required or draw.random() < 0.3
        }
    if kind == "list" and depth < 6:
        return [_value(shape.member, mutator, depth + 1) for _ in range(draw.randint(0, 2))]  # type: ignore[attr-defined]
    if kind == "map" and depth < 6:
        return {
            draw.choice(("a", *NAMES)): _value(shape.value, mutator, depth + 1)
            for _ in range(draw.randint(0, 2))
        }  # type: ignore[attr-defined]
    if kind in ("integer", "long", "float", "double", "timestamp"):
        return draw.choice((1, 5, 100, *NUMBERS))
    if kind == "boolean":
        return draw.choice((True, False))
    choices = getattr(shape, "enum", None) or ()
    return draw.choice((*choices, *choices, *NAMES, draw.choice(TEXTS)))


def _flat(value: Json, prefix: str = "") -> dict[str, str]:
    """Parameters in form encoding: `A.member.1.B`."""
    if isinstance(value, dict):
        found = {}
        for key, inner in value.items():
            found |= _flat(inner, f"{prefix}.{key}" if prefix else str(key))
        return found
    if isinstance(value, list):
        found = {}
        for number, inner in enumerate(value[:50], start=1):
            found |= _flat(inner, f"{prefix}.member.{number}")
        return found
    return {prefix or "x": value if isinstance(value, str) else json.dumps(value)}


def send(endpoint: Endpoint, request: Request, timeout_s: float = 60) -> tuple[int, bytes]:
    """The status and the body of the response."""
    place = urlparse(endpoint.url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=timeout_s)
    try:
        token = {"X-Amz-Security-Token": endpoint.session_token} if endpoint.session_token else {}
        headers = {name: value.encode("utf-8") for name, value in {**request.headers, **token}.items()}
        connection.request(request.method, request.path, request.body, headers)  # type: ignore[arg-type]
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
