"""Errors in an AWS service's format: status, headers and body, in the protocol that the model specifies.

botocore then parses them with its own parsers, and retries as usual.
Protocols: https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from botocore.model import OperationModel

# For codes that a service's model does not describe. Sources: the list of error codes in the S3 API
# reference, and the common errors in the other services' API references.
_STATUS = {
    "AccessDenied": 403,
    "AllAccessDisabled": 403,
    "AuthorizationError": 403,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "ConditionalRequestConflict": 409,
    "ExpiredToken": 400,
    "InternalError": 500,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "InvalidAccessKeyId": 403,
    "InvalidClientTokenId": 403,
    "InvalidObjectState": 403,
    "InvalidRange": 416,
    "MethodNotAllowed": 405,
    "MissingContentLength": 411,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "NotFound": 404,
    "NotImplemented": 501,
    "OperationAborted": 409,
    "OptInRequired": 403,
    "PermanentRedirect": 301,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
    "TemporaryRedirect": 307,
    "Throttling": 400,
}
# Where the protocol adds text to the status, which Step Functions shows for Lambda: "Status Code: 403".
_REST_JSON_STATUS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InvalidSignatureException": 403,
    "ThrottlingException": 429,
    "UnrecognizedClientException": 403,
}
_MESSAGES = {
    "AccessDenied": "Access Denied",
    "NoSuchBucket": "The specified bucket does not exist",
    "NoSuchKey": "The specified key does not exist.",
    "SlowDown": "Please reduce your request rate.",
    "Throttling": "Rate exceeded",
    "ThrottlingException": "Rate exceeded",
}


@dataclass(frozen=True)
class WireError:
    """An HTTP response for a failed call."""

    status: int
    headers: dict[str, str]
    body: bytes


def error_response(operation: OperationModel, code: str, message: str = "") -> WireError:
    """Return the service's response to `operation` for the error `code`. The default message is AWS's own.

    `code` may also be boto3's name for the error: SNS sends `InternalError`, which is
    `InternalErrorException` in boto3.
    """
    code = _sent_code(operation, code)
    status = _status(operation, code)
    message = message or _MESSAGES.get(code, code)
    request_id = str(uuid.uuid4())
    protocol = operation.service_model.resolved_protocol
    if operation.http.get("method") == "HEAD":
        return WireError(status, {"x-amz-request-id": request_id}, b"")
    if protocol in ("json", "rest-json"):
        headers = {"content-type": _json_type(operation), "x-amzn-requestid": request_id}
        if protocol == "rest-json":
            headers["x-amzn-errortype"] = code
        return WireError(status, headers, json.dumps({"__type": code, "message": message}).encode())
    if protocol == "smithy-rpc-v2-cbor":
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        body = b"\xa2" + b"".join(map(_cbor_text, ("__type", code, "message", message)))
        return WireError(status, headers | {"x-amzn-requestid": request_id}, body)
    detail = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        errors = f"<Errors><Error>{detail}</Error></Errors>"
        text = f"<Response>{errors}<RequestID>{request_id}</RequestID></Response>"
    elif operation.service_model.service_name == "s3":
        text = f"<Error>{detail}<RequestId>{request_id}</RequestId></Error>"
    else:  # query, and rest-xml other than S3
        fault = "Receiver" if status >= 500 else "Sender"
        error = f"<Error><Type>{fault}</Type>{detail}</Error>"
        text = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    headers = {"content-type": "text/xml", "x-amz-request-id": request_id}
    return WireError(status, headers, b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode())


def _status(operation: OperationModel, code: str) -> int:
    shape: Any = operation.service_model.shape_for_error_code(cast(Any, code))  # the stubs say int
    if shape is not None:
        if status := shape.metadata.get("error", {}).get("httpStatusCode"):
            return int(status)
        if shape.metadata.get("fault"):
            return 500
    if operation.service_model.resolved_protocol == "rest-json" and code in _REST_JSON_STATUS:
        return _REST_JSON_STATUS[code]
    return _STATUS.get(code, 400)


def _sent_code(operation: OperationModel, code: str) -> str:
    shapes: Any = operation.service_model.error_shapes
    codes = {shape.error_code for shape in shapes}
    return code if code in codes else {shape.name: shape.error_code for shape in shapes}.get(code, code)


def _json_type(operation: OperationModel) -> str:
    version = operation.service_model.metadata.get("jsonVersion")
    return f"application/x-amz-json-{version}" if version else "application/json"


def _cbor_text(text: str) -> bytes:
    data = text.encode()
    return b"\x79" + len(data).to_bytes(2, "big") + data
