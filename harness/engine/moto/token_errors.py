"""AWS's errors for requests with a wrong or missing session token.

Error codes and status codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the
common errors in the other services' API references.
"""

from __future__ import annotations

import re
from typing import Final

from harness.engine.moto.error_answers import Answer, Environ, error_answer, protocol_of, service_of
from harness.engine.moto.session_token import PARAMETER

INVALID: Final = "The security token included in the request is invalid."
REMEDY: Final = "(export AWS_SESSION_TOKEN=... as `harness up` printed it; `harness up --open` needs none)"
_SIGNED_URL: Final = re.compile(r"(?:^|&)(?:X-Amz-Credential|AWSAccessKeyId)=", re.I)
_TOKEN_IN_URL: Final = re.compile(rf"(?:^|&){PARAMETER}=", re.I)
# https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
_QUERY_COMPATIBLE: Final = ("monitoring", "sqs")


def token_error(environ: Environ) -> Answer:
    """Return the error in the protocol of the request's service."""
    protocol = protocol_of(environ)
    if protocol == "xml" and service_of(environ) in ("s3", "s3control"):
        status, code, message = _of_s3(environ)
    else:
        status, code, message = _of_others(environ, protocol)
    status, headers, body = error_answer(environ, status, code, f"{message} {REMEDY}")
    if service_of(environ) in _QUERY_COMPATIBLE and protocol in ("json", "cbor"):
        headers = {**headers, "x-amzn-query-error": "InvalidClientTokenId;Sender"}
        return 403, headers, body
    return status, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else body


def _of_s3(environ: Environ) -> tuple[int, str, str]:
    if not _is_signed(environ):
        return 403, "AccessDenied", "Access Denied"
    if _has_token(environ):
        return 400, "InvalidToken", "The provided token is malformed or otherwise invalid."
    return 403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."


def _of_others(environ: Environ, protocol: str) -> tuple[int, str, str]:
    is_query = protocol in ("query", "xml")
    if not _is_signed(environ):
        text = "Missing Authentication Token"
        if is_query:
            return 403, "MissingAuthenticationToken", f"Request is {text.replace('M', 'm', 1)}"
        return 403 if protocol == "rest-json" else 400, "MissingAuthenticationTokenException", text
    if service_of(environ) == "ec2":
        return 401, "AuthFailure", "AWS was not able to validate the provided access credentials"
    if is_query:
        return 403, "InvalidClientTokenId", INVALID
    return 403 if protocol == "rest-json" else 400, "UnrecognizedClientException", INVALID


def _is_signed(environ: Environ) -> bool:
    return "HTTP_AUTHORIZATION" in environ or bool(_SIGNED_URL.search(environ.get("QUERY_STRING", "")))


def _has_token(environ: Environ) -> bool:
    header = "HTTP_" + PARAMETER.upper().replace("-", "_")
    return header in environ or bool(_TOKEN_IN_URL.search(environ.get("QUERY_STRING", "")))
