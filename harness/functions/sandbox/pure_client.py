"""A replacement for awslambdaric's C extension `runtime_client`, which is only built on Linux.

It has the same functions and return values, for awslambdaric/lambda_runtime_client.py.
"""

from __future__ import annotations

import http.client
import os

_connection: http.client.HTTPConnection
_headers: dict[str, str]
_path: str
_PREFIX = "/2018-06-01/runtime/invocation"


def initialize_client(user_agent: str) -> None:
    """Connect to the Runtime API specified in the environment."""
    global _connection, _headers, _path  # noqa: PLW0603 - the extension keeps its client the same way
    host, slash, secret = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    _connection = http.client.HTTPConnection(host)
    _path = f"{slash}{secret}{_PREFIX}"
    _headers = {"User-Agent": user_agent}


def next() -> tuple[bytes, dict[str, object]]:
    """Return the next event and its headers."""
    _connection.request("GET", f"{_path}/next", headers=_headers)
    response = _connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError("Failed to get next")
    names = ("Aws-Request-Id", "Trace-Id", "Invoked-Function-Arn", "Client-Context", "Cognito-Identity")
    headers: dict[str, object] = {
        f"Lambda-Runtime-{name}": response.headers.get(f"Lambda-Runtime-{name}") for name in names
    }
    headers["Lambda-Runtime-Deadline-Ms"] = int(response.headers["Lambda-Runtime-Deadline-Ms"])
    headers["Content-Type"] = response.headers.get("Content-Type")
    return body, headers


def post_invocation_result(
    request_id: str, body: bytes, content_type: str, invocation_id: str | None = None
) -> None:
    """Post a result."""
    if _post(f"{request_id}/response", body, {"Content-Type": content_type}) >= 300:
        raise RuntimeError("Failed to post invocation response")


def post_error(request_id: str, error: str, xray: str, invocation_id: str | None = None) -> None:
    """Post an error."""
    if _post(f"{request_id}/error", error.encode(), {"Content-Type": "application/json"}) >= 300:
        raise RuntimeError("Failed to post invocation error")


def _post(path: str, body: bytes, headers: dict[str, str]) -> int:
    _connection.request("POST", f"{_path}/{path}", body, _headers | headers)
    response = _connection.getresponse()
    response.read()
    return response.status
