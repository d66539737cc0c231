"""AWS clients, and the classification of their errors."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from usage_report.errors import Transient

# Throttling error codes of AWS services. 5xx responses are recognized by status code.
THROTTLING = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_CONNECTIONS = 10  # like botocore's own


@cache
def client(service: str, connections: int = _CONNECTIONS) -> Any:
    """Return the client of a service such as "s3", created on first use and cached in the environment.

    `connections` is the maximum number of simultaneous connections.
    """
    logging.getLogger("botocore").setLevel(logging.WARNING)  # at INFO, it logs the source of its settings
    config = Config(
        retries={"mode": "standard", "max_attempts": 5},
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=max(connections, _CONNECTIONS),
    )
    return boto3.client(service, config=config)


def error_code(error: ClientError) -> str:
    """Return the error's code, such as "AccessDenied"."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def error_message(error: ClientError) -> str:
    """Return the error's message; empty if it has none."""
    return str(error.response.get("Error", {}).get("Message", ""))


def is_transient(error: ClientError) -> bool:
    """Return whether the same call may succeed later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(error) in THROTTLING or status == 429 or status >= 500


def may_pass(error: Exception) -> bool:
    """Return whether a call with this error may succeed later: throttling, a 5xx, or no response."""
    if isinstance(error, ClientError):
        return is_transient(error)
    return isinstance(error, ConnectionError | HTTPClientError)


@contextmanager
def transient_errors() -> Iterator[None]:
    """Raise `Transient` for errors that remain after botocore's retries: the state machine then retries.

    Raises:
        Transient: for throttling, 5xx responses and connection errors. Other errors pass unchanged.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if may_pass(error):
            raise Transient(str(error)) from error
        raise


def readable_cause(cause: str) -> str:
    """Return the message in a failed Lambda function's JSON cause. Return other causes unchanged."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause
