"""Tasks that call AWS services: `sns:publish`, `sqs:sendMessage`, `dynamodb:*`, and `aws-sdk:*` generically.

Parameters and results are converted by botocore's models: Step Functions writes every member with a capital,
takes JSON where an API wants text, and names errors as the Java SDKs do - version 1 for the services that it
integrates itself, version 2 for `aws-sdk`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

import botocore.session
from botocore.awsrequest import HeadersDict
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, DataNotFoundError, UnknownServiceError
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from botocore.parsers import create_parser

from harness.functions.shared.model import INVOCATION_HEADER
from harness.functions.shared.wire import error_response
from harness.json_types import Json
from harness.service_names import boto3_name, capitalized
from harness.states import Outcome, TaskFailed, TaskSucceeded
from harness.states.payload import to_text
from harness.states.resource import Resource
from harness.states.run.service_results import http_metadata
from harness.states.timestamps import format_timestamp

# The integrations of Step Functions' own: their names in errors, in causes, and for errors without a model.
_INTEGRATED: Final = {
    "dynamodb": ("DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
    "sns": ("SNS", "AmazonSNS", "AmazonSNSException"),
    "sqs": ("SQS", "AmazonSQS", "AmazonSQSException"),
    "s3": ("S3", "AmazonS3", "AmazonS3Exception"),  # of ItemReader and ResultWriter
}
# Integrated, too, but served elsewhere: only their errors are named here.
_NAMES: Final = {
    **_INTEGRATED,
    "lambda": ("Lambda", "AWSLambda", "AWSLambdaException"),
    "states": ("StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException"),
}
# What Lambda says to Step Functions, as it was recorded.
_MESSAGES: Final = {"TooManyRequestsException": "Rate Exceeded."}
_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")


class Services:
    """Calls services at an endpoint, for accounts and regions of the executions."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session = botocore.session.Session()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._models: dict[str, ServiceModel] = {}
        self._lock = threading.Lock()
        self._calling = threading.local()

    def serves(self, resource: Resource) -> bool:
        """Tell if a task's resource is a call of a service that is known here."""
        return resource.type in _INTEGRATED or resource.type.startswith("aws-sdk:")

    def outcome_of(
        self, resource: Resource, parameters: Json, execution_arn: str, request_id: str
    ) -> Outcome:
        """Make the call that a task asks for, and give its outcome."""
        _, _, _, region, account_id, *_ = execution_arn.split(":")
        service = resource.type.removeprefix("aws-sdk:")
        action = resource.name.removesuffix(".waitForTaskToken")
        try:
            client = self._client(service, region, account_id)
            operation = client.meta.service_model.operation_model(capitalized(action))
        except (UnknownServiceError, DataNotFoundError, LookupError):
            cause = f"The resource {resource.arn} names no service and action that are known here"
            return TaskFailed("States.Runtime", cause)
        names = _Names(resource.type, client.meta.service_model)
        self._calling.request_id = request_id
        try:
            answer = client._make_api_call(operation.name, to_request(operation.input_shape, parameters))
        except ClientError as error:
            return names.failure(error)
        except BotoCoreError as error:
            return TaskFailed(f"{names.service}.SdkClientException", str(error))
        metadata = answer.pop("ResponseMetadata", {})
        result = to_result(operation.output_shape, answer) or {}
        if resource.type in _INTEGRATED and isinstance(result, dict):
            headers = {str(name): str(value) for name, value in metadata.get("HTTPHeaders", {}).items()}
            result |= http_metadata(headers, str(metadata.get("RequestId", request_id)))
        return TaskSucceeded(result)

    def refusal(
        self, resource_type: str, operation: str, code: str, message: str, request_id: str
    ) -> TaskFailed:
        """The failure of a task whose call is refused, parsed from what the service would send."""
        model = self._model(resource_type)
        if resource_type == "lambda":
            message = message or _MESSAGES.get(code, "")
        called = model.operation_model(operation)
        sent = error_response(called, code, message)
        answer = {"status_code": sent.status, "headers": HeadersDict(sent.headers), "body": sent.body}
        shape: Any = called.output_shape  # the stubs do not know that there may be none
        parsed: Any = create_parser(model.resolved_protocol).parse(answer, shape)
        parsed["ResponseMetadata"]["RequestId"] = request_id
        return _Names(resource_type, model).failure(ClientError(parsed, operation))

    def unanswered(self, resource_type: str) -> TaskFailed:
        """The failure of a task whose call gets no answer."""
        service = _Names(resource_type, self._model(resource_type)).service
        cause = "Unable to execute HTTP request: The target server failed to respond"
        return TaskFailed(f"{service}.SdkClientException", cause)

    def _model(self, resource_type: str) -> ServiceModel:
        service = resource_type.removeprefix("aws-sdk:")
        name = boto3_name(service)
        with self._lock:
            if name not in self._models:
                self._models[name] = self._session.get_service_model(name)
            return self._models[name]

    def _client(self, service: str, region: str, account_id: str) -> Any:
        key = (boto3_name(service), region, account_id)
        with self._lock:  # sessions are not for several threads
            if key not in self._clients:
                self._clients[key] = self._new_client(*key)
            return self._clients[key]

    def _new_client(self, service: str, region: str, account_id: str) -> Any:
        client = self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self._endpoint_url,
            aws_access_key_id=account_id,
            aws_secret_access_key="test",  # noqa: S106
            config=Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1},
                max_pool_connections=64,
                inject_host_prefix=False,
                s3={"addressing_style": "path"},
            ),
        )
        client.meta.events.register("before-call", self._add_header)
        return client

    def _add_header(self, params: dict[str, Any], **_: Any) -> None:
        params["headers"][INVOCATION_HEADER] = self._calling.request_id


class _Names:
    """Step Functions' names for the errors of a service."""

    def __init__(self, resource_type: str, model: ServiceModel) -> None:
        self._model = model
        self._integrated = _NAMES.get(resource_type, ())
        if self._integrated:
            self.service, self._in_cause, self._other = self._integrated
        else:
            self.service = self._in_cause = java_name(model.service_id)
            self._other = f"{self.service}Exception"

    def failure(self, error: ClientError) -> TaskFailed:
        """The failure of the task that got this error."""
        described = error.response["Error"]
        code, message = described.get("Code", ""), described.get("Message", "")
        shape = self._model.shape_for_error_code(cast(Any, code))  # the stubs say int
        name = self._other if shape is None else f"{shape.name.removesuffix('Exception')}Exception"
        metadata = error.response["ResponseMetadata"]
        status, request_id = metadata.get("HTTPStatusCode", 0), metadata.get("RequestId", "")
        if self._integrated:
            details = [f"Service: {self._in_cause}", f"Status Code: {status}", f"Error Code: {code}"]
            details += [f"Request ID: {request_id}", "Proxy: null"]
            return TaskFailed(f"{self.service}.{name}", f"{message} ({'; '.join(details)})")
        details = [f"Service: {self._in_cause}", f"Status Code: {status}", f"Request ID: {request_id}"]
        if metadata.get("HostId"):
            details.append(f"Extended Request ID: {metadata['HostId']}")
        return TaskFailed(f"{self.service}.{name}", f"{message} ({', '.join(details)})")


def java_name(service_id: str) -> str:
    """A service's name in the Java SDK, which Step Functions uses.

    >>> java_name("DynamoDB"), java_name("SFN"), java_name("S3"), java_name("CloudWatch Logs")
    ('DynamoDb', 'Sfn', 'S3', 'CloudWatchLogs')
    """
    return "".join(word.capitalize() for word in _WORD.findall(service_id))


def to_request(shape: Shape | None, value: Json) -> object:
    """Turn parameters into botocore's: member names as in the API, JSON as text where text is wanted."""
    if isinstance(shape, StructureShape):
        if not isinstance(value, Mapping):
            return {}
        names = {capitalized(str(name)): str(name) for name in shape.members}
        members: Mapping[str, Shape] = shape.members
        return {
            (name := names.get(key, str(key))): to_request(members.get(name), member)
            for key, member in value.items()
            if member is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_request(shape.member, member) for member in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {key: to_request(shape.value, member) for key, member in value.items()}
    if shape is None or shape.type_name not in ("string", "blob"):
        return value
    text = value if isinstance(value, str) else to_text(value)
    return text.encode() if shape.type_name == "blob" else text


def to_result(shape: Shape | None, value: Any) -> Json:
    """Turn an answer of botocore into Step Functions' form: members with a capital, everything JSON."""
    if isinstance(shape, StructureShape):
        members: Mapping[str, Shape] = shape.members
        return {
            capitalized(str(name)): to_result(members.get(name), member) for name, member in value.items()
        }
    if isinstance(shape, MapShape):
        return {key: to_result(shape.value, member) for key, member in value.items()}
    if isinstance(shape, ListShape):
        return [to_result(shape.member, member) for member in value]
    if isinstance(value, datetime):
        return format_timestamp(value.astimezone(UTC).timestamp())
    if hasattr(value, "read"):
        value = value.read()
    return value.decode(errors="replace") if isinstance(value, bytes | bytearray) else value
