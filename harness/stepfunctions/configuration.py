"""A state machine's logging, tracing and encryption. All are stored. Only logging has an effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from harness.json_types import Json, JsonObject
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.parameters import Parameters

LogGroupExists: TypeAlias = Callable[[Caller, str], bool]
"""Returns whether a log group exists in a caller's account and Region."""
DEFAULTS: Final[JsonObject] = {
    "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
    "tracingConfiguration": {"enabled": False},
    "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
}
_LOG_GROUP: Final = re.compile(r"arn:aws[\w-]*:logs:[a-z0-9-]+:\d{12}:log-group:([\w./#-]+):\*")


def configuration_of(given: Parameters, caller: Caller, log_group_exists: LogGroupExists) -> JsonObject:
    """Return the configurations that a request contains, each with its defaults.

    Raises:
        ApiError: InvalidLoggingConfiguration, InvalidEncryptionConfiguration.
    """
    found: JsonObject = {}
    for name in DEFAULTS:
        value = given.get(name)
        if value is not None:
            default = DEFAULTS[name]
            found[name] = {**(default if isinstance(default, dict) else {}), **value}
    if "loggingConfiguration" in found:
        _check_logging(given["loggingConfiguration"], caller, log_group_exists)
    if "encryptionConfiguration" in found:
        _check_encryption(given["encryptionConfiguration"])
    return found


def _check_logging(logging: JsonObject, caller: Caller, log_group_exists: LogGroupExists) -> None:
    """Reject a level without a log group, multiple log groups, or a log group that does not exist.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
    """
    destinations = logging.get("destinations") or []
    count = len(destinations) if isinstance(destinations, list) else 0
    if count > 1 or (count == 0 and logging.get("level", "OFF") != "OFF"):
        raise _invalid_logging("Must specify exactly one Log Destination.")
    for destination in destinations if isinstance(destinations, list) else ():
        match = _LOG_GROUP.fullmatch(_arn_of(destination))
        if match is None or not log_group_exists(caller, match[1]):
            raise _invalid_logging("Log Destination not found.")


def _arn_of(destination: Json) -> str:
    group = destination.get("cloudWatchLogsLogGroup") if isinstance(destination, dict) else None
    return str(group.get("logGroupArn", "")) if isinstance(group, dict) else ""


def _invalid_logging(why: str) -> ApiError:
    return ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {why}")


def _check_encryption(encryption: JsonObject) -> None:
    """Reject encryption with a customer managed key if no key is specified.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_EncryptionConfiguration.html
    """
    if encryption.get("type") == "CUSTOMER_MANAGED_KMS_KEY" and not encryption.get("kmsKeyId"):
        raise ApiError(
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: kmsKeyId must be specified for CUSTOMER_MANAGED_KMS_KEY",
        )
