"""Operation parameters. They are checked against AWS's API model before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from harness.quotas import (
    STATES_CAUSE_LENGTH,
    STATES_DEFINITION_LENGTH,
    STATES_ERROR_LENGTH,
    STATES_NAME_LENGTH,
    STATES_PAYLOAD_BYTES,
)
from harness.stepfunctions.errors import ApiError, validation_error
from harness.stepfunctions.fields import Field

Parameters: TypeAlias = Mapping[str, Any]
"""A request's parameters. `checked` has verified the type of each value."""
STATUSES: Final = ("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING")


def _arn(name: str, *, required: bool = True, most: int = 256) -> Field:
    return Field(name, required=required, least=1, most=most)


def _page(token_length: int = 1024) -> tuple[Field, ...]:
    return Field("maxResults", int, least=0, most=1000), Field("nextToken", least=1, most=token_length)


def _text(name: str, most: int, *, required: bool = False, least: int | None = None) -> Field:
    return Field(name, required=required, least=least, most=most, sensitive=True)


_DEFINITION = _text("definition", STATES_DEFINITION_LENGTH, required=True, least=1)
_TOKEN = _text("taskToken", 2048, required=True, least=1)
_ERROR = (_text("error", STATES_ERROR_LENGTH), _text("cause", STATES_CAUSE_LENGTH))
_LOG_GROUP = Field("cloudWatchLogsLogGroup", dict, members=(_arn("logGroupArn", required=False),))
_LOGGING = Field(
    "loggingConfiguration",
    dict,
    members=(
        Field("level", one_of=("ALL", "ERROR", "FATAL", "OFF")),
        Field("includeExecutionData", bool),
        Field("destinations", list, item=Field("", dict, members=(_LOG_GROUP,))),
    ),
)
_ENCRYPTION = Field(
    "encryptionConfiguration",
    dict,
    members=(
        Field("kmsKeyId", least=1, most=2048),
        Field("kmsDataKeyReusePeriodSeconds", int, least=60, most=900),
        Field("type", required=True, one_of=("AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY")),
    ),
)
_CONFIGURATION = (
    _LOGGING,
    Field("tracingConfiguration", dict, members=(Field("enabled", bool),)),
    _ENCRYPTION,
    Field("publish", bool),
    _text("versionDescription", 256),
)
_TYPE = Field("type", one_of=("STANDARD", "EXPRESS"))
_INCLUDED = Field("includedData", one_of=("ALL_DATA", "METADATA_ONLY"))
_KEY = Field("key", least=1, most=128)
_TAG = Field("", dict, members=(_KEY, Field("value", least=0, most=256)))
_ALIAS_NAME = Field(
    "name", required=True, least=1, most=STATES_NAME_LENGTH, pattern=r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"
)
_ROUTE = Field(
    "",
    dict,
    shape="RoutingConfigurationListItem",
    members=(_arn("stateMachineVersionArn"), Field("weight", int, required=True, least=0, most=100)),
)
_EXECUTION = (
    _arn("stateMachineArn"),
    Field("name", least=1, most=STATES_NAME_LENGTH),
    _text("input", STATES_PAYLOAD_BYTES),
    Field("traceHeader", least=0, most=256, pattern=r"[\x00-\x7f]*"),
)

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "CreateStateMachine": (
        Field("name", required=True, least=1, most=STATES_NAME_LENGTH),
        _DEFINITION,
        _arn("roleArn"),
        _TYPE,
        Field("tags", list, item=_TAG),
        *_CONFIGURATION,
    ),
    "UpdateStateMachine": (
        _arn("stateMachineArn"),
        _text("definition", STATES_DEFINITION_LENGTH, least=1),
        _arn("roleArn", required=False),
        *_CONFIGURATION,
    ),
    "DescribeStateMachine": (_arn("stateMachineArn"), _INCLUDED),
    "DescribeStateMachineForExecution": (_arn("executionArn"), _INCLUDED),
    "ListStateMachines": _page(),
    "DeleteStateMachine": (_arn("stateMachineArn"),),
    "ValidateStateMachineDefinition": (
        _text("definition", STATES_DEFINITION_LENGTH, required=True),
        _TYPE,
        Field("severity", one_of=("ERROR", "WARNING")),
        Field("maxResults", int, least=0, most=100),
    ),
    "StartExecution": _EXECUTION,
    "StartSyncExecution": (*_EXECUTION, _INCLUDED),
    "StopExecution": (_arn("executionArn"), *_ERROR),
    "DescribeExecution": (_arn("executionArn"), _INCLUDED),
    "ListExecutions": (
        _arn("stateMachineArn", required=False),
        _arn("mapRunArn", required=False, most=2000),
        Field("statusFilter", one_of=STATUSES),
        Field("redriveFilter", one_of=("REDRIVEN", "NOT_REDRIVEN")),
        *_page(3096),
    ),
    "GetExecutionHistory": (
        _arn("executionArn"),
        Field("reverseOrder", bool),
        Field("includeExecutionData", bool),
        *_page(),
    ),
    "SendTaskSuccess": (_TOKEN, _text("output", STATES_PAYLOAD_BYTES, required=True)),
    "SendTaskFailure": (_TOKEN, *_ERROR),
    "SendTaskHeartbeat": (_TOKEN,),
    "CreateActivity": (
        Field("name", required=True, least=1, most=STATES_NAME_LENGTH),
        Field("tags", list, item=_TAG),
        _ENCRYPTION,
    ),
    "DeleteActivity": (_arn("activityArn"),),
    "DescribeActivity": (_arn("activityArn"),),
    "ListActivities": _page(),
    "GetActivityTask": (_arn("activityArn"), Field("workerName", least=1, most=STATES_NAME_LENGTH)),
    "TagResource": (_arn("resourceArn"), Field("tags", list, required=True, item=_TAG)),
    "UntagResource": (
        _arn("resourceArn"),
        Field("tagKeys", list, required=True, item=Field("", least=1, most=128)),
    ),
    "ListTagsForResource": (_arn("resourceArn"),),
    "PublishStateMachineVersion": (
        _arn("stateMachineArn"),
        Field("revisionId"),
        _text("description", 256),
    ),
    "ListStateMachineVersions": (_arn("stateMachineArn"), *_page()),
    "DeleteStateMachineVersion": (_arn("stateMachineVersionArn", most=2000),),
    "CreateStateMachineAlias": (
        _ALIAS_NAME,
        _text("description", 256),
        Field("routingConfiguration", list, required=True, least=1, most=2, item=_ROUTE),
    ),
    "UpdateStateMachineAlias": (
        _arn("stateMachineAliasArn"),
        _text("description", 256),
        Field("routingConfiguration", list, least=1, most=2, item=_ROUTE),
    ),
    "DescribeStateMachineAlias": (_arn("stateMachineAliasArn"),),
    "ListStateMachineAliases": (_arn("stateMachineArn"), *_page()),
    "DeleteStateMachineAlias": (_arn("stateMachineAliasArn"),),
}


def checked(operation: str, given: Parameters) -> Parameters:
    """Return the parameters if they match the API model.

    Raises:
        ApiError: SerializationException, ValidationException.
    """
    fields = FIELDS[operation]
    for field in fields:
        wrong = field.mistyped(given.get(field.name))
        if wrong is not None:
            raise ApiError(
                "SerializationException",
                f"{wrong.name or f'an item of {field.name}'} is not of the type {wrong.type.__name__}",
            )
    problems = [problem for field in fields for problem in field.problems(given.get(field.name), field.name)]
    if problems:
        raise validation_error(*problems)
    return given
