"""Errors that a call can return, from botocore's models."""

from __future__ import annotations

from functools import cache

import botocore.session
from botocore.model import OperationModel

from harness.observe.tasks import SDK
from harness.service_names import boto3_name, capitalized

MANY = 16
"""For an operation with more errors than this, only the errors common to all operations are tried."""
# Errors from a service that is throttled, broken, or denies access. Other services use the second tuple.
# Sources: the common errors and the error lists in the services' API references.
_THROTTLED = {
    "s3": "SlowDown",
    "dynamodb": "ProvisionedThroughputExceededException",
    "sns": "Throttled",
    "lambda": "TooManyRequestsException",
}
_BROKEN = {
    "s3": "InternalError",
    "dynamodb": "InternalServerError",
    "sns": "InternalError",
    "lambda": "ServiceException",
}
_DENIED = {"s3": "AccessDenied", "sns": "AuthorizationError"}


@cache
def operation(what: str) -> OperationModel:
    """Return the model for an operation by its name: `s3:ListBuckets`, `sns:publish`, `aws-sdk:sfn:...`."""
    service, name = what.removeprefix(SDK).split(":")
    model = _session().get_service_model(boto3_name(service))
    return model.operation_model(capitalized(name))


def error_codes(model: OperationModel) -> tuple[str, ...]:
    """Return the error codes to try: first the service's common codes, then the operation's own."""
    service = model.service_model.service_name
    common = (
        _THROTTLED.get(service, "ThrottlingException"),
        _BROKEN.get(service, "InternalFailure"),
        _DENIED.get(service, "AccessDeniedException"),
    )
    own = [_code(shape) for shape in model.error_shapes]
    return tuple(dict.fromkeys([*common, *(own if len(own) <= MANY else ())]))


def _code(shape: object) -> str:
    metadata = getattr(shape, "metadata", {})
    return str(metadata.get("error", {}).get("code") or getattr(shape, "name", ""))


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()
