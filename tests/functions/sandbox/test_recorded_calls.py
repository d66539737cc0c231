"""AWS calls are recorded, and injected faults use botocore's real parsing and retries."""

from __future__ import annotations

import http.server
import io
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import botocore.session
import pytest
from faults_support import of_call

from harness.functions.shared.model import Call
from harness.functions.shared.sizes import cut, sizes
from harness.functions.shared.wire import error_response


class _Bucketless(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def s3_url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Bucketless)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


ERROR = """
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
def handler(event, context):
    service, method, params = event
    client = boto3.client(service, config=Config(retries={"total_max_attempts": 2, "mode": "standard"}))
    try:
        getattr(client, method)(**params)
    except ClientError as error:
        response = error.response
        return [type(error).__name__, response["Error"]["Code"], response["Error"]["Message"],
                response["ResponseMetadata"]["HTTPStatusCode"]]
"""


def test_calls_are_recorded_in_their_order(either_runtime, make_function, s3_url):
    config = make_function(
        """
        import boto3
        s3 = boto3.client("s3")
        def handler(event, context):
            for _ in range(event): s3.list_buckets()
        """,
        endpoint_url=s3_url,
    )
    call = Call("s3", "ListBuckets", {}, 200, None)
    begun = time.time()
    first, second = either_runtime.invoke(config, b"2").calls
    assert [replace(each, at_s=0) for each in (first, second)] == [call, call]
    assert begun <= first.at_s <= second.at_s <= time.time()
    (third,) = either_runtime.invoke(config, b"1").calls
    assert replace(third, at_s=0) == call


def test_what_is_cut_is_recorded_with_its_size(either_runtime, make_function, s3_url):
    config = make_function(
        """
        import boto3
        def handler(event, context):
            item = {"pk": {"S": "a"}, "text": {"S": "x" * event}}
            boto3.client("dynamodb").put_item(TableName="t", Item=item)
        """,
        endpoint_url=s3_url,
    )
    (call,) = either_runtime.invoke(config, b"1000").calls
    assert call.params["Item"]["text"]["S"].endswith("... (1000 characters)")
    assert call.sizes == {"Item.text.S": 1000}
    body = '{"TableName": "t", "Item": {"pk": {"S": "a"}, "text": {"S": ""}}}'
    assert call.request_bytes == len(body) + 1000


def test_a_call_that_reaches_nobody_is_recorded_with_its_exception(runtime, make_function):
    config = make_function(
        """
        import boto3
        from botocore.config import Config
        def handler(event, context):
            s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 2}))
            s3.get_object(Bucket="b", Key="k")
        """
    )
    invocation = runtime.invoke(config, b"{}")
    assert invocation.error
    assert invocation.error.type == "EndpointConnectionError"
    (call,) = invocation.calls
    params = {"Bucket": "b", "Key": "k"}
    assert replace(call, at_s=0) == Call(
        "s3", "GetObject", params, None, "EndpointConnectionError", attempts=2
    )


@pytest.mark.parametrize(
    ("call", "fault", "seen", "attempts"),
    [
        (
            ("s3", "list_objects_v2", {"Bucket": "secret"}),
            of_call("error", "s3:ListObjectsV2", params={"Bucket": "secret"}, error="AccessDenied"),
            ["AccessDenied", "AccessDenied", "Access Denied", 403],
            1,
        ),
        (
            ("s3", "list_objects_v2", {"Bucket": "gone"}),
            of_call("error", "s3:ListObjectsV2", error="NoSuchBucket", message="Not <here> & there"),
            ["NoSuchBucket", "NoSuchBucket", "Not <here> & there", 404],
            1,
        ),
        (
            ("s3", "list_objects_v2", {"Bucket": "busy"}),
            of_call("error", "s3:ListObjectsV2", error="SlowDown"),
            ["ClientError", "SlowDown", "Please reduce your request rate.", 503],
            2,
        ),
        (
            ("dynamodb", "list_tables", {}),
            of_call("error", "dynamodb:ListTables", error="ProvisionedThroughputExceededException"),
            [
                "ProvisionedThroughputExceededException",
                "ProvisionedThroughputExceededException",
                "ProvisionedThroughputExceededException",
                400,
            ],
            2,
        ),
        (
            ("stepfunctions", "list_state_machines", {}),
            of_call("error", "states:ListStateMachines", error="AccessDeniedException", message="not you"),
            ["ClientError", "AccessDeniedException", "not you", 400],
            1,
        ),
        (
            ("sns", "publish", {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": "m"}),
            of_call("error", "sns:Publish", error="AuthorizationError", message="no"),
            ["AuthorizationErrorException", "AuthorizationError", "no", 403],
            1,
        ),
    ],
)
def test_a_fault_is_parsed_and_retried_by_botocore(runtime, make_function, call, fault, seen, attempts):
    runtime.faults.set((fault,))
    invocation = runtime.invoke(make_function(ERROR), json.dumps(call).encode())
    assert invocation.error is None, invocation.log
    assert json.loads(invocation.result) == seen
    (recorded,) = invocation.calls
    assert (recorded.status, recorded.error, recorded.attempts, recorded.injected) == (
        seen[3],
        seen[1],
        attempts,
        True,
    )


def test_a_fault_fits_by_operation_parameters_and_function(runtime, make_function, s3_url):
    config = make_function(ERROR, name="counted", endpoint_url=s3_url)
    listing = "s3:ListObjectsV2"
    for fault in (
        of_call("error", listing, error="AccessDenied", params={"Bucket": "other"}),
        of_call("error", "s3:ListObjects", error="AccessDenied"),
        of_call("error", listing, error="AccessDenied", function="another"),
        of_call("error", listing, error="AccessDenied", bucket="other"),
        of_call("error", listing, error="AccessDenied", state="Count"),
    ):
        runtime.faults.set((fault,))
        invocation = runtime.invoke(config, b'["s3", "list_objects_v2", {"Bucket": "mine"}]')
        assert invocation.result == "null"
        assert [each.injected for each in invocation.calls] == [False]
    fitting = {"params": {"Bucket": "mine"}, "function": "counted", "bucket": "mine"}
    runtime.faults.set((of_call("error", listing, error="AccessDenied", **fitting),))
    assert runtime.invoke(config, b'["s3", "list_objects_v2", {"Bucket": "mine"}]').calls[0].injected


def test_faults_reach_environments_that_are_warm(either_runtime, make_function, s3_url):
    config = make_function(ERROR, endpoint_url=s3_url)
    event = b'["s3", "list_buckets", {}]'
    results = []
    for faults in ((), (of_call("error", "s3:ListBuckets", error="AccessDenied"),), ()):
        either_runtime.faults.set(faults)
        invocation = either_runtime.invoke(config, event)
        results.append((invocation.result != "null", invocation.environment_id))
    assert [denied for denied, _ in results] == [False, True, False]
    assert len({environment for _, environment in results}) == 1


def test_the_first_client_of_a_fork_uses_models_parsed_before(runtime, make_function):
    config = make_function(
        """
        from botocore.loaders import JSONFileLoader
        parsed = []
        def load_file(self, path):
            parsed.append(path)
        JSONFileLoader.load_file = load_file
        import boto3
        def handler(event, context):
            boto3.client("s3").get_paginator("list_objects_v2")
            for service in ("dynamodb", "sns", "sqs", "stepfunctions"): boto3.client(service)
            return parsed
        """
    )
    assert json.loads(runtime.invoke(config, b"{}").result) == []


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("s3", "ListObjectsV2", "AccessDenied", 403),
        ("s3", "ListObjectsV2", "InternalError", 500),
        ("s3", "ListObjectsV2", "NoSuchBucket", 404),
        ("s3", "ListObjectsV2", "ServiceUnavailable", 503),
        ("s3", "ListObjectsV2", "SlowDown", 503),
        ("s3", "PutObject", "RequestTimeout", 400),
        ("cloudfront", "ListDistributions", "AccessDenied", 403),
        ("dynamodb", "GetItem", "ResourceNotFoundException", 400),
        ("dynamodb", "GetItem", "InternalServerError", 500),
        ("dynamodb", "BatchWriteItem", "ProvisionedThroughputExceededException", 400),
        ("dynamodb", "BatchWriteItem", "RequestLimitExceeded", 400),
        ("dynamodb", "BatchWriteItem", "ThrottlingException", 400),
        ("stepfunctions", "StartExecution", "ExecutionLimitExceeded", 400),
        ("stepfunctions", "DescribeExecution", "ExecutionDoesNotExist", 400),
        ("stepfunctions", "CreateStateMachine", "StateMachineDeleting", 400),
        ("stepfunctions", "DescribeExecution", "InternalServerError", 500),
        ("stepfunctions", "DescribeExecution", "ThrottlingException", 400),
        ("sns", "Publish", "NotFound", 404),
        ("sns", "Publish", "InternalError", 500),
        ("sns", "Publish", "Throttled", 429),
        ("sqs", "SendMessage", "QueueDoesNotExist", 400),
        ("ec2", "DescribeInstances", "UnauthorizedOperation", 400),
        ("lambda", "Invoke", "TooManyRequestsException", 429),
        ("lambda", "Invoke", "ServiceException", 500),
        ("lambda", "Invoke", "AccessDeniedException", 403),
        ("cloudwatch", "PutMetricData", "InternalServiceError", 500),
        ("cloudwatchomni", "CreateAlert", "AccessDeniedException", 403),
    ],
)
def test_each_protocols_parser_understands_the_error(service, operation, code, status):
    session = botocore.session.get_session()
    model = session.get_service_model(service).operation_model(operation)
    error = error_response(model, code, "why <&> not")
    parser = session.get_component("response_parser_factory").create_parser(
        model.service_model.resolved_protocol
    )
    response = {"headers": error.headers, "status_code": error.status, "body": error.body}
    parsed = parser.parse(response, model.output_shape)
    assert error.status == status
    assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == (code, "why <&> not")


def test_an_error_may_have_the_name_that_boto3_has_for_it():
    model = botocore.session.get_session().get_service_model("sns").operation_model("Publish")
    error = error_response(model, "InternalErrorException")
    assert error.status == 500
    assert b"<Code>InternalError</Code>" in error.body


def test_long_parameters_are_cut():
    arn = f"arn:aws:s3:::{'x' * 300}"
    value = {
        "text": "é" * 300,
        "list": list(range(30)),
        "bytes": b"abc",
        "stream": io.BytesIO(b"abc"),
        "number": Decimal("1.50"),
        "nested": {"a": (1, None, True, ["y" * 201])},
        "arn": arn,
    }
    assert cut(value) == {
        "text": "é" * 200 + "... (300 characters)",
        "list": [*range(25), "... 5 more"],
        "bytes": "<3 bytes>",
        "stream": "<BytesIO>",
        "number": "1.50",
        "nested": {"a": [1, None, True, ["y" * 200 + "... (201 characters)"]]},
        "arn": arn,
    }
    assert sizes(value) == {"text": 600, "list": 30, "bytes": 3, "nested.a.3.0": 201}
