"""An AWS call in progress and its HTTP requests, in the form that faults use."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError, UnknownServiceError
from botocore.httpsession import URLLib3Session
from botocore.loaders import Loader
from botocore.utils import parse_timestamp
from urllib3 import HTTPResponse

from ..faults.call import Finish, Parameters, Response
from ..faults.kind import AnswerFault
from ..shared.model import Fault
from ..shared.wire import error_response
from .aws_urls import aws_url

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.model import OperationModel


@dataclass(slots=True)
class CallInFlight:
    """A call in progress. `params` are the parameters that the function passed. The other fields describe the
    last attempt.

    `injected` is true if a fault kept the request from reaching the service. `fired` contains the IDs of all
    faults that fired. `of_answer` contains the faults to apply to a successful response. `finish` changes the
    call's result.
    """

    model: OperationModel
    params: Parameters
    read_timeout_s: float | None
    at_s: float
    attempts: int = 0
    injected: bool = False
    request_bytes: int = 0
    fired: list[int] = field(default_factory=list)
    finish: list[Finish] = field(default_factory=list)
    of_answer: list[tuple[Fault, AnswerFault]] = field(default_factory=list)

    @property
    def operation(self) -> str:
        """Return the operation's API name."""
        return self.model.name

    @property
    def service_names(self) -> set[str]:
        """Return the service's names: boto3's (stepfunctions), and IAM's prefix (states)."""
        service = self.model.service_model
        return {service.service_name, service.endpoint_prefix, service.signing_name}

    def page_limit(self) -> str | None:
        """Return the parameter that limits the entries on a page, or None if there is no pagination."""
        try:
            pages = Loader().load_service_model(self.model.service_model.service_name, "paginators-1")
        except UnknownServiceError:  # the operation has no paginator
            return None
        limit: str | None = pages["pagination"].get(self.operation, {}).get("limit_key")
        return limit

    def typed(self, value: object, name: str) -> Any:
        """Convert `value` to the type of the parameter `name`."""
        shape = self.model.input_shape
        return _typed(value, shape.members.get(name) if shape else None)

    def typed_answer(self, value: object, name: str) -> Any:
        """Convert `value`, which is JSON, to botocore's type for the response member `name`."""
        shape = self.model.output_shape
        return _typed(value, shape.members.get(name) if shape else None)


@dataclass(slots=True)
class RequestInFlight:
    """An HTTP request for a call, just before it is sent."""

    call: CallInFlight
    prepared: AWSPreparedRequest

    @property
    def read_timeout_s(self) -> float | None:
        """Return how long the client waits for a response; None for no limit."""
        return self.call.read_timeout_s

    def withhold(self) -> None:
        """Do not send the request to the service."""
        self.call.injected = True

    def refusal(self, code: str, message: str) -> Response:
        """Do not send the request. Return the service's response for an error instead."""
        self.withhold()
        error = error_response(self.call.model, code, message)
        raw = HTTPResponse(io.BytesIO(error.body), error.headers, error.status, preload_content=False)
        return Response(AWSResponse(self.prepared.url, error.status, cast(Any, raw.headers), raw))

    def deliver(self) -> None:
        """Send the request, read the response, and discard it."""
        session = URLLib3Session()
        try:
            _ = session.send(self.prepared).content
        finally:
            session.close()

    def closed(self) -> ConnectionClosedError:
        """Return the client's exception for a connection that was closed before a response."""
        return ConnectionClosedError(
            request=self.prepared, endpoint_url=aws_url(self.prepared), error="Connection was closed"
        )

    def timed_out(self) -> ReadTimeoutError:
        """Return the client's exception for a read timeout."""
        return ReadTimeoutError(endpoint_url=aws_url(self.prepared), error="Read timed out")


def _typed(value: Any, shape: Any) -> Any:
    kind = getattr(shape, "type_name", None)
    if isinstance(value, Mapping):
        members = shape.members if kind == "structure" else {}
        value_shape = shape.value if kind == "map" else None
        return {name: _typed(item, members.get(name, value_shape)) for name, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, shape.member if kind == "list" else None) for item in value]
    if value is not None:
        if kind == "timestamp":
            return parse_timestamp(value)
        if kind == "blob" and isinstance(value, str):
            return value.encode()
        if kind == "string":
            return str(value)
    return value
