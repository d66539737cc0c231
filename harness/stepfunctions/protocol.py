"""AWS's JSON 1.0 protocol, from HTTP requests to HTTP responses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from harness.json_types import JsonObject
from harness.quotas import STATES_REQUEST_BYTES
from harness.states import Work
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.parameters import Parameters

TARGET: Final = "AWSStepFunctions."
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/")
_ACCOUNT: Final = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: HTTP status, headers, body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Api(Protocol):
    """Runs operations by name. Implemented by `StepFunctions`."""

    def call(
        self, operation: str, caller: Caller, parameters: Parameters, *, during: Work | None = None
    ) -> JsonObject:
        """Run an operation. Raises ApiError."""


def caller_of(authorization: str, default: Caller) -> Caller:
    """Read the caller from a request's signature. A 12-digit access key is an account ID. Other keys use the
    default account.

    >>> caller_of("AWS4-HMAC-SHA256 Credential=111111111111/20250101/eu-west-1/states/aws4_request", None)
    Caller(account_id='111111111111', region='eu-west-1')
    """
    match = _CREDENTIAL.search(authorization)
    if not match:
        return default
    account_id = match[1] if _ACCOUNT.fullmatch(match[1]) else default.account_id
    return Caller(account_id, match[2])


def reply_to(api: Api, target: str, body: bytes, caller: Caller, during: Work | None) -> Reply:
    """Respond to a request.

    Args:
        target: the X-Amz-Target header, e.g. `AWSStepFunctions.StartExecution`.
        during: the task whose code makes the request, if known.
    """
    try:
        answer = api.call(target.removeprefix(TARGET), caller, _parameters(body), during=during)
    except ApiError as error:
        described = {"__type": error.code, "message": error.message}
        return _reply(error.status, described, {"x-amzn-ErrorType": error.code})
    return _reply(200, answer, {})


def _parameters(body: bytes) -> dict[str, object]:
    if len(body) > STATES_REQUEST_BYTES:
        message = f"The request is {len(body)} bytes long; at most {STATES_REQUEST_BYTES} are allowed"
        raise ApiError("RequestEntityTooLargeException", message, 413)
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", f"The request is not JSON: {error}") from None
    except RecursionError:
        raise ApiError("SerializationException", "The request is nested too deeply") from None
    if not isinstance(given, dict):
        raise ApiError("SerializationException", "The request is not a JSON object")
    return given


def _reply(status: int, answer: Mapping[str, object], headers: Mapping[str, str]) -> Reply:
    body = json.dumps(answer, separators=(",", ":")).encode()
    return Reply(status, body, {"Content-Type": "application/x-amz-json-1.0", **headers})
