"""Service calls: parameters and results as Step Functions writes them, and errors as it names them."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import botocore.session
import pytest

from harness.functions.shared.model import INVOCATION_HEADER
from harness.states import TaskFailed, TaskSucceeded
from harness.states.resource import Resource
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.conversion import java_name, to_request, to_result
from harness.stepfunctions.services import Services

CALLER = Caller("123456789012", "eu-west-1")


class Endpoint(BaseHTTPRequestHandler):
    """Answers every request with the same, and keeps it."""

    status: ClassVar = 200
    answer: ClassVar[bytes] = b"{}"
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("x-amzn-RequestId", "id-1")
        self.send_header("Content-Length", str(len(self.answer)))
        self.send_header("Content-Type", "text/plain")
        self.send_header("x-amz-crc32", "1")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def endpoint() -> Iterator[Services]:
    Endpoint.status, Endpoint.answer, Endpoint.seen = 200, b"{}", []
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Services(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def operation(service: str, name: str) -> Any:
    return botocore.session.Session().get_service_model(service).operation_model(name)


def shape(service: str, name: str) -> Any:
    return operation(service, name).input_shape


def answered(service: str, name: str) -> Any:
    return operation(service, name).output_shape


def call(services: Services, resource: str, parameters: Any) -> Any:
    return services.outcome_of(Resource.of(f"arn:aws:states:::{resource}"), parameters, CALLER, "task-1", 60)


def test_members_are_found_by_their_name_with_a_capital() -> None:
    given = {"StateMachineArn": "x", "Input": {"n": 1}, "Name": None}
    assert to_request(shape("stepfunctions", "StartExecution"), given) == {
        "stateMachineArn": "x",
        "input": '{"n":1}',
    }


def test_lists_maps_and_blobs_are_converted_too() -> None:
    item = {"Item": {"id": {"S": "a"}, "tags": {"L": [{"S": "b"}]}}, "TableName": "t"}
    assert to_request(shape("dynamodb", "PutItem"), item) == item
    assert to_request(shape("s3", "PutObject"), {"Body": {"n": 1}})["Body"] == b'{"n":1}'


def test_results_are_json_with_capitals() -> None:
    listed = {"executions": [{"name": "x", "startDate": datetime(2025, 1, 1, tzinfo=UTC)}]}
    assert to_result(answered("stepfunctions", "ListExecutions"), listed) == {
        "Executions": [{"Name": "x", "StartDate": "2025-01-01T00:00:00.000Z"}]
    }
    assert to_result(answered("s3", "GetObject"), {"Body": io.BytesIO(b"text")}) == {"Body": "text"}


def test_keys_of_maps_are_data() -> None:
    item = {"Item": {"id": {"S": "a"}, "tags": {"M": {"inner": {"BOOL": True}}}}}
    assert to_result(answered("dynamodb", "GetItem"), item) == item


@pytest.mark.parametrize(
    ("service_id", "name"),
    [
        ("DynamoDB", "DynamoDb"),
        ("SFN", "Sfn"),
        ("S3", "S3"),
        ("EC2", "Ec2"),
        ("CloudWatch Logs", "CloudWatchLogs"),
    ],
)
def test_services_have_their_names_of_the_java_sdk(service_id: str, name: str) -> None:
    assert java_name(service_id) == name


def test_an_integration_shows_the_metadata_of_its_call(endpoint: Services) -> None:
    outcome = call(endpoint, "dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "a"}}})
    assert isinstance(outcome, TaskSucceeded)
    assert outcome.output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert outcome.output["SdkResponseMetadata"] == {"RequestId": "id-1"}
    headers, body = Endpoint.seen[0]
    assert json.loads(body) == {"TableName": "t", "Item": {"id": {"S": "a"}}}
    assert headers[INVOCATION_HEADER] == "task-1"
    assert "Credential=123456789012/" in headers["Authorization"]
    assert "/eu-west-1/dynamodb/" in headers["Authorization"]


@pytest.mark.parametrize(
    ("resource", "parameters", "shown"),
    [
        (
            "dynamodb:putItem",
            {"TableName": "t", "Item": {"id": {"S": "a"}}},
            {
                "Server": "Server",
                "Connection": "keep-alive",
                "x-amzn-RequestId": "id-1",
                "x-amz-crc32": "1",
                "Content-Length": "2",
                "Date": "Thu, 01 Jan 1970 00:01:00 GMT",
                "Content-Type": "text/plain",
            },
        ),
        (
            "sqs:sendMessage",
            {"QueueUrl": "http://127.0.0.1/1/q", "MessageBody": "m"},
            {
                "x-amzn-RequestId": "id-1",
                "connection": "keep-alive",
                "Content-Length": "2",
                "Date": "Thu, 01 Jan 1970 00:01:00 GMT",
                "Content-Type": "text/plain",
            },
        ),
    ],
)
def test_headers_have_their_names_on_aws_and_the_time_of_the_clock(
    endpoint: Services, resource: str, parameters: Any, shown: dict[str, str]
) -> None:
    metadata = call(endpoint, resource, parameters).output["SdkHttpMetadata"]
    assert metadata["HttpHeaders"] == shown
    assert list(metadata["AllHttpHeaders"]) == list(shown)
    assert metadata["AllHttpHeaders"]["Date"] == ["Thu, 01 Jan 1970 00:01:00 GMT"]


@pytest.mark.parametrize(
    ("body", "stored"),
    [("abc", b'"abc"'), ("", b'""'), ({"n": 1}, b'{"n":1}'), (["a"], b'["a"]'), (False, b"false"), (0, b"0")],
)
def test_an_object_that_a_state_puts_is_json(endpoint: Services, body: Any, stored: bytes) -> None:
    Endpoint.answer = b""
    outcome = call(endpoint, "aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": body})
    assert isinstance(outcome, TaskSucceeded)
    headers, sent = Endpoint.seen[0]
    assert stored in sent
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"


def test_a_queue_at_no_host_is_not_reached(endpoint: Services) -> None:
    outcome = call(endpoint, "sqs:sendMessage", {"QueueUrl": "http://nowhere/q", "MessageBody": "m"})
    assert outcome == TaskFailed(
        "SQS.SdkClientException", "Unable to execute HTTP request: nowhere: Name or service not known"
    )
    assert Endpoint.seen == []


def test_a_call_of_the_sdk_shows_the_answer_alone(endpoint: Services) -> None:
    Endpoint.answer = b'{"executions": []}'
    outcome = call(endpoint, "aws-sdk:sfn:listExecutions", {"StateMachineArn": "x"})
    assert outcome == TaskSucceeded({"Executions": []})


@pytest.mark.parametrize(
    ("resource", "code", "error", "cause"),
    [
        (
            "dynamodb:putItem",
            "ResourceNotFoundException",
            "DynamoDB.ResourceNotFoundException",
            "no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; "
            "Request ID: id-1; Proxy: null)",
        ),
        (
            "dynamodb:putItem",
            "ValidationException",
            "DynamoDB.AmazonDynamoDBException",
            "no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; "
            "Request ID: id-1; Proxy: null)",
        ),
        (
            "aws-sdk:dynamodb:putItem",
            "ResourceNotFoundException",
            "DynamoDb.ResourceNotFoundException",
            "no (Service: DynamoDb, Status Code: 400, Request ID: id-1)",
        ),
        (
            "aws-sdk:sfn:describeStateMachine",
            "StateMachineDoesNotExist",
            "Sfn.StateMachineDoesNotExistException",
            "no (Service: Sfn, Status Code: 400, Request ID: id-1)",
        ),
        (
            "aws-sdk:dynamodb:putItem",
            "Surprise",
            "DynamoDb.DynamoDbException",
            "no (Service: DynamoDb, Status Code: 400, Request ID: id-1)",
        ),
    ],
)
def test_errors_are_named_as_the_java_sdks_do(
    endpoint: Services, resource: str, code: str, error: str, cause: str
) -> None:
    Endpoint.status = 400
    Endpoint.answer = json.dumps({"__type": code, "message": "no"}).encode()
    item = {"TableName": "t", "Item": {"id": {"S": "a"}}}
    given = {"StateMachineArn": "x"} if "sfn" in resource else item
    assert call(endpoint, resource, given) == TaskFailed(error, cause)


def test_an_error_of_s3(endpoint: Services) -> None:
    Endpoint.status = 404
    Endpoint.answer = (
        b"<Error><Code>NoSuchBucket</Code><Message>none</Message><RequestId>r</RequestId></Error>"
    )
    outcome = call(endpoint, "aws-sdk:s3:listObjects", {"Bucket": "nowhere"})
    assert isinstance(outcome, TaskFailed)
    assert outcome.error == "S3.NoSuchBucketException"
