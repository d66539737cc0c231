"""Lambda's request validation, with Lambda's error messages. moto sees only valid requests.

Patched in moto.awslambda.responses: the methods of `LambdaResponse` that take a function name.
moto's routes (moto.awslambda.urls) match only names with valid characters, so other names would not
reach the checks. Bodies stay bytes, because moto would decode them as UTF-8 before a check could
reject them.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import unquote

from botocore.model import Shape
from moto.awslambda import urls
from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.responses import LambdaResponse

from harness import quotas
from harness.constraints import at_most, detected, lower_first, violation
from harness.engine.moto.checks import check, operation_of
from harness.engine.moto.constraints import violations
from harness.json_faults import VALUES, json_fault_at, location, unexpected

_LONGEST_NAME: Final = 64
_NAME: Final = r"[\w_:%-]+"
_ROUTED: Final = (
    "AddPermission",
    "CreateAlias",
    "DeleteAlias",
    "DeleteFunction",
    "DeleteFunctionConcurrency",
    "GetAlias",
    "GetFunction",
    "GetFunctionConcurrency",
    "GetFunctionConfiguration",
    "GetPolicy",
    "Invoke",
    "ListAliases",
    "ListVersionsByFunction",
    "PublishVersion",
    "PutFunctionConcurrency",
    "RemovePermission",
    "UpdateAlias",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
)


class Refused(LambdaClientError):
    """The error for a request that Lambda rejects with status 400."""


class TooLarge(LambdaClientError):
    """The error for a payload that exceeds the limit for invocations."""

    code = 413

    def __init__(self, most: int) -> None:
        said = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
        super().__init__("RequestTooLargeException", said)


class NotReachable(LambdaClientError):
    """The error for a function in a different region."""

    code = 404

    def __init__(self, region: str, own: str) -> None:
        said = f"Functions from '{region}' are not reachable in this region ('{own}')"
        super().__init__("ResourceNotFoundException", said)


def install() -> None:
    """Install the checks."""
    response: Any = LambdaResponse
    response.use_raw_body = True  # a payload may not be valid UTF-8
    urls.url_paths = {path.replace(_NAME, "[^/]+"): answer for path, answer in urls.url_paths.items()}
    for operation in _ROUTED:
        check(LambdaResponse, {operation: (_check_name,)})
    check(LambdaResponse, {"Invoke": (_check_kind, _check_size, _check_payload)})
    check(LambdaResponse, {"CreateFunction": (_check_new,)})


def _check_name(self: Any) -> None:
    """Check the function name or ARN in a path, and the qualifier."""
    members = operation_of("lambda", "GetFunction").input_shape.members  # type: ignore[union-attr]
    name = unquote(self.path.partition("/functions/")[2].partition("/")[0])
    found = list(violations(members["FunctionName"], name, "functionName"))
    qualifier = _given(self, "Qualifier")
    if qualifier is not None:
        found += violations(members["Qualifier"], qualifier, "qualifier")
    if found:
        raise Refused("ValidationException", detected(found))
    before, _, short = name.rpartition("function:")
    parts = before.split(":")
    if before.startswith("arn:") and len(parts) > 3 and parts[3] != self.region:
        raise NotReachable(parts[3], self.region)
    if len(short.split(":")[0]) > _LONGEST_NAME:
        found = [violation("functionName", at_most("length", _LONGEST_NAME), short)]
        raise InvalidParameterValueException(detected(found))
    in_name = short.partition(":")[2]
    if in_name and qualifier and in_name != qualifier:
        raise InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier."
        )


def _given(self: Any, name: str) -> str | None:
    found: list[str] = self.querystring.get(name) or []
    return found[0] if found else None


def _check_kind(self: Any) -> None:
    members = operation_of("lambda", "Invoke").input_shape.members  # type: ignore[union-attr]
    for header, member in (("X-Amz-Invocation-Type", "InvocationType"), ("X-Amz-Log-Type", "LogType")):
        given = self.headers.get(header)
        shape: Shape = members[member]
        if given and (found := list(violations(shape, given, lower_first(member)))):
            raise Refused("ValidationException", detected(found))


def _check_size(self: Any) -> None:
    event = self.headers.get("X-Amz-Invocation-Type") == "Event"
    most = quotas.LAMBDA_EVENT_BYTES if event else quotas.LAMBDA_REQUEST_ENVELOPE_BYTES
    if len(_payload(self)) > most:
        raise TooLarge(most)


def _check_payload(self: Any) -> None:
    payload = _payload(self)
    try:
        json.loads(payload or "{}")
    except ValueError:
        said = f"Could not parse payload into json: {_not_json(payload)}"
        raise Refused(
            "InvalidRequestContentException", f"Could not parse request body into json: {said}"
        ) from None


def _payload(self: Any) -> bytes:
    body: str | bytes = self.raw_body or b""
    return body.encode() if isinstance(body, str) else body


def _not_json(payload: bytes) -> str:
    """Return the error in a payload, with its location, in the format of Lambda's parser."""
    try:
        return json_fault_at(payload.decode())
    except UnicodeDecodeError as error:
        byte, column = payload[error.start], error.start + 1
        if error.start:
            return f"Invalid UTF-8 start byte 0x{byte:02x}\n {location(1, column + 1)}"
        return f"{unexpected(chr(byte))}: expected a valid value {VALUES}\n {location(1, column)}"


def _check_new(self: Any) -> None:
    """Check the members of a new function against the model's constraints."""
    members = operation_of("lambda", "CreateFunction").input_shape.members  # type: ignore[union-attr]
    found: list[str] = []
    for name in ("FunctionName", "MemorySize", "Timeout", "Architectures", "PackageType", "EphemeralStorage"):
        if (given := self.json_body.get(name)) is not None:
            found += violations(members[name], given, lower_first(name))
    if found:
        raise Refused("ValidationException", detected(found))
