"""Tasks that call AWS services: `sns:publish`, `sqs:sendMessage`, `dynamodb:*`, and any `aws-sdk:*`.

Parameters and results are converted with botocore's models. Step Functions capitalizes every member, and
takes JSON where an API expects a string. It names errors like the Java SDKs: version 1 for optimized
integrations, version 2 for `aws-sdk`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from botocore.awsrequest import HeadersDict
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser

from harness.constraints import NOT_NULL, detected, lower_first, violation
from harness.functions.shared.control_protocol import SECRET_HEADER
from harness.functions.shared.model import INVOCATION_HEADER
from harness.functions.shared.wire import error_response
from harness.json_types import Json, JsonObject
from harness.service_names import boto3_name, capitalized
from harness.states import Outcome, TaskFailed, TaskSucceeded
from harness.states.payload import to_text
from harness.states.resource import Resource
from harness.states.run.service_results import http_date, http_metadata
from harness.stepfunctions.arns import Caller

from .conversion import java_name, to_request, to_result
from .integrations.models import Models

_PATIENCE_S: Final = 86_400  # of real time; a call takes as long as the computer needs
# The names of optimized integrations in errors, in causes, and for errors without a model.
_INTEGRATED: Final = {
    "dynamodb": ("DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
    "events": ("EventBridge", "AmazonEventBridge", "AmazonEventBridgeException"),
    "lambda": ("Lambda", "AWSLambda", "AWSLambdaException"),
    "sns": ("SNS", "AmazonSNS", "AmazonSNSException"),
    "sqs": ("SQS", "AmazonSQS", "AmazonSQSException"),
    "s3": ("S3", "AmazonS3", "AmazonS3Exception"),  # for ItemReader and ResultWriter
}
# Also an optimized integration, but implemented in a different module: only its errors are named here.
_NAMES: Final = {
    **_INTEGRATED,
    "states": ("StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException"),
}
# Response headers that results show -> their names in results; recorded in 2024 and 2025.
_OF_JSON: Final = ("x-amzn-RequestId", "connection", "Content-Length", "Date", "Content-Type")
_HEADERS: Final = {
    "dynamodb": (
        "Server",
        "Connection",
        "x-amzn-RequestId",
        "x-amz-crc32",
        "Content-Length",
        "Date",
        "Content-Type",
    ),
    "lambda": ("Connection", "x-amzn-RequestId", "Content-Length", "Date"),
    "sns": _OF_JSON,
    "sqs": _OF_JSON,
}
# Lambda's message to Step Functions, as recorded.
_MESSAGES: Final = {"TooManyRequestsException": "Rate Exceeded."}


class Services:
    """Calls services at an endpoint, for the executions' accounts and Regions.

    Attributes:
        models: the service models.

    Args:
        implemented: returns whether the endpoint supports an operation.
        secret: the endpoint's secret. It is sent with each call, because some calls are not signed.
    """

    def __init__(
        self,
        endpoint_url: str,
        implemented: Callable[[OperationModel], bool] = lambda _: True,
        secret: str = "",
    ) -> None:
        self._endpoint_url = endpoint_url
        self._secret = secret
        self._implemented = implemented
        self.models = Models()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._calling = threading.local()

    def serves(self, resource: Resource) -> bool:
        """Return whether a task's resource is a call that the endpoint supports."""
        if not resource.type.startswith("aws-sdk:"):
            return resource.type in _INTEGRATED
        operation = self._operation(resource)
        return operation is not None and self._implemented(operation)

    def _operation(self, resource: Resource) -> OperationModel | None:
        service = self._boto3_name(resource.type)
        return None if service is None else self.models.operation(service, capitalized(resource.action))

    def outcome_of(
        self, resource: Resource, parameters: Json, caller: Caller, request_id: str, now_s: float
    ) -> Outcome:
        """Make a task's call, and return its outcome.

        Args:
            now_s: the time of the call, on the clock.
        """
        operation = self._operation(resource)
        if operation is None:
            cause = f"The resource {resource.arn} does not name a known service and action"
            return TaskFailed("States.Runtime", cause)
        names = _Names(resource.type, operation.service_model)
        self._calling.request_id = request_id
        try:
            request = to_request(operation.input_shape, parameters)
            if resource.type == "aws-sdk:s3" and operation.name == "PutObject":
                request = _with_json_body(request, parameters)
            missing = _first_missing(operation, request)
            if missing is not None:
                return names.failure(_null_value(missing, operation.name, request_id))
            if host := _unknown_host(resource, request):
                return names.unreachable(f"{host}: Name or service not known")
            if isinstance(request, dict):  # otherwise botocore generates different ones
                request = {**dict.fromkeys(operation.idempotent_members, request_id), **request}
            client = self._client(operation.service_model.service_name, caller.region, caller.account_id)
            answer = client._make_api_call(operation.name, request)
        except ClientError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode") == 501:
                return TaskFailed("States.Runtime", f"{resource.arn} is not served here")
            return names.failure(error)
        except BotoCoreError as error:
            return TaskFailed(f"{names.service}.SdkClientException", str(error))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # botocore's serializers raise these for parameters that match no shape.
            cause = f"The Parameters '{to_text(parameters)}' could not be used to start the Task: [{error}]"
            return TaskFailed("States.Runtime", cause)
        return _outcome(resource, operation, answer, request_id, now_s)

    def refusal(
        self, resource_type: str, operation: str, code: str, message: str, request_id: str
    ) -> TaskFailed:
        """Return the failure of a task whose call is rejected, parsed from the service's response."""
        model = self._model(resource_type)
        if resource_type == "lambda":
            message = message or _MESSAGES.get(code, "")
        called = model.operation_model(operation)
        sent = error_response(called, code, message)
        answer = {"status_code": sent.status, "headers": HeadersDict(sent.headers), "body": sent.body}
        shape: Any = called.output_shape  # according to the stubs, it is never None
        parsed: Any = create_parser(model.resolved_protocol).parse(answer, shape)
        parsed["ResponseMetadata"]["RequestId"] = request_id
        return _Names(resource_type, model).failure(ClientError(parsed, operation))

    def unanswered(self, resource_type: str) -> TaskFailed:
        """Return the failure of a task whose call gets no response."""
        names = _Names(resource_type, self._model(resource_type))
        return names.unreachable("The target server failed to respond")

    def _boto3_name(self, resource_type: str) -> str | None:
        if resource_type.startswith("aws-sdk:"):
            return self.models.boto3_service(resource_type.removeprefix("aws-sdk:"))
        return boto3_name(resource_type)

    def _model(self, resource_type: str) -> ServiceModel:
        name = self._boto3_name(resource_type)
        model = None if name is None else self.models.service(name)
        if model is None:
            raise LookupError(f"unknown service {resource_type}")
        return model

    def _client(self, service: str, region: str, account_id: str) -> Any:
        key = (service, region, account_id)
        with self.models.lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(*key)
            return self._clients[key]

    def _new_client(self, service: str, region: str, account_id: str) -> Any:
        client = self.models.session.create_client(
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
                connect_timeout=_PATIENCE_S,
                read_timeout=_PATIENCE_S,
                response_checksum_validation="when_required",  # otherwise results show a checksum
                s3={"addressing_style": "path"},
            ),
        )
        client.meta.events.register("before-call", self._add_header)
        return client

    def _add_header(self, params: dict[str, Any], **_: Any) -> None:
        params["headers"][INVOCATION_HEADER] = self._calling.request_id
        if self._secret:
            params["headers"][SECRET_HEADER] = self._secret


class _Names:
    """Step Functions' names for a service's errors."""

    def __init__(self, resource_type: str, model: ServiceModel) -> None:
        self._model = model
        self._integrated = _NAMES.get(resource_type, ())
        if self._integrated:
            self.service, self._in_cause, self._other = self._integrated
        else:
            self.service = self._in_cause = java_name(model.service_id)
            self._other = f"{self.service}Exception"

    def unreachable(self, why: str) -> TaskFailed:
        """Return the failure of a task whose call does not reach the service."""
        return TaskFailed(f"{self.service}.SdkClientException", f"Unable to execute HTTP request: {why}")

    def failure(self, error: ClientError) -> TaskFailed:
        """Return the failure of a task that got this error."""
        described = error.response["Error"]
        code, message = described.get("Code", ""), described.get("Message", "")
        shape = self._model.shape_for_error_code(cast(Any, code))  # the stubs expect an int
        name = self._other if shape is None else f"{shape.name.removesuffix('Exception')}Exception"
        metadata = error.response["ResponseMetadata"]
        status, request_id = metadata.get("HTTPStatusCode", 0), metadata.get("RequestId", "")
        if self._integrated:
            details = [f"Service: {self._in_cause}", f"Status Code: {status}", f"Error Code: {code}"]
            details += [f"Request ID: {request_id}", "Proxy: null"]
            return TaskFailed(f"{self.service}.{name}", f"{message} ({'; '.join(details)})")
        details = [f"Service: {self._in_cause}", f"Status Code: {status}", f"Request ID: {request_id}"]
        if self._model.service_name == "s3":  # an engine can have a single ID
            details.append(f"Extended Request ID: {metadata.get('HostId') or request_id}")
        return TaskFailed(f"{self.service}.{name}", f"{message} ({', '.join(details)})")


def _with_json_body(request: object, parameters: Json) -> object:
    """Make PutObject store its Body as JSON. As recorded, a string keeps its quotes."""
    body = parameters.get("Body") if isinstance(parameters, dict) else None
    if not isinstance(request, dict) or body is None:
        return request
    content = to_text(body).encode("utf-8", "surrogatepass")
    return {"ContentType": "text/plain; charset=UTF-8", **request, "Body": content}


def _unknown_host(resource: Resource, request: object) -> str | None:
    """Return the host in a queue URL if it is not an SQS host. On AWS, Step Functions would send the message
    to that host.

    Other URLs are passed to the endpoint, regardless of their host.
    """
    url = request.get("QueueUrl") if resource.type == "sqs" and isinstance(request, dict) else None
    host = urlsplit(url).hostname if isinstance(url, str) else None
    return host if host and "." not in host and host != "localhost" else None


def _first_missing(operation: OperationModel, request: object) -> str | None:
    """Return the first missing required member, for an API that validates its own parameters."""
    shape = operation.input_shape
    if shape is None or not isinstance(request, dict) or operation.service_model.protocol.startswith("rest"):
        return None
    generated = {name for name, member in shape.members.items() if member.metadata.get("idempotencyToken")}
    return next(
        (name for name in shape.required_members if name not in request and name not in generated), None
    )


def _null_value(member: str, operation: str, request_id: str) -> ClientError:
    message = detected([violation(lower_first(member), NOT_NULL)])
    response: Any = {
        "Error": {"Code": "ValidationException", "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": request_id},
    }
    return ClientError(response, operation)


def _outcome(
    resource: Resource, operation: OperationModel, answer: dict[str, Any], request_id: str, now_s: float
) -> Outcome:
    """Return the outcome of a call that received a response."""
    metadata = answer.pop("ResponseMetadata", {})
    if resource.type == "s3" and "Body" in answer:  # for ItemReader, which also reads compressed files
        answer["Body"] = answer["Body"].read().decode("utf-8", "surrogateescape")
    converted = to_result(operation.output_shape, answer) or {}
    result: JsonObject = converted if isinstance(converted, dict) else {}
    if resource.type == "events":
        if result.get("FailedEntryCount"):
            return TaskFailed("EventBridge.FailedEntry", to_text(result))
        return TaskSucceeded(result)
    if resource.type == "lambda":  # with InvocationType Event: no payload
        result.pop("Payload", None)
    if resource.type in _INTEGRATED:
        headers = _shown_headers(resource.type, metadata.get("HTTPHeaders", {}), now_s)
        status = int(metadata.get("HTTPStatusCode", 200))
        result |= http_metadata(headers, str(metadata.get("RequestId", request_id)), status)
    return TaskSucceeded(result)


def _shown_headers(service: str, answered: Mapping[str, str], now_s: float) -> dict[str, str]:
    """Return the response headers that a task's result shows. Omit the others."""
    known = {name.lower(): str(value) for name, value in answered.items()}
    known |= {"server": "Server", "connection": "keep-alive", "date": http_date(now_s)}
    names = _HEADERS.get(service, _OF_JSON)
    return {name: known[name.lower()] for name in names if name.lower() in known}
