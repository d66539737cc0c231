"""AWS clients, and what their errors mean."""

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

# What AWS's services answer when they are asked too often. 5xx answers are recognised by their number.
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
_CONNECTIONS = 10  # as botocore's own


@cache
def client(service: str, connections: int = _CONNECTIONS) -> Any:
    """The client of a service such as "s3", made on first use and kept for the environment's life.

    `connections` are those that threads have at once.
    """
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it tells at INFO where its settings come from
    config = Config(
        retries={"mode": "standard", "max_attempts": 5},
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=max(connections, _CONNECTIONS),
    )
    return boto3.client(service, config=config)


def error_code(error: ClientError) -> str:
    """The error's name on the wire, such as "AccessDenied"."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def error_message(error: ClientError) -> str:
    """The message of the error; empty if it has none."""
    return str(error.response.get("Error", {}).get("Message", ""))


def is_transient(error: ClientError) -> bool:
    """Tell whether the same call may succeed later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(error) in THROTTLING or status == 429 or status >= 500


def may_pass(error: Exception) -> bool:
    """Tell whether the call that ended with this error may succeed later: throttled, 5xx, or not answered."""
    if isinstance(error, ClientError):
        return is_transient(error)
    return isinstance(error, ConnectionError | HTTPClientError)


@contextmanager
def transient_errors() -> Iterator[None]:
    """Raise what is left after botocore's own retries as `Transient`, so that the state machine retries it.

    Raises:
        Transient: for throttling, 5xx answers and connection errors. Other errors pass unchanged.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if may_pass(error):
            raise Transient(str(error)) from error
        raise


def readable_cause(cause: str) -> str:
    """The message in the JSON that a failed Lambda function leaves as its cause; other causes as they are."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause
