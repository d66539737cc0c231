"""The parameters of the operations, checked as AWS's API model says before anything else is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from harness.quotas import STATES_DEFINITION_LENGTH, STATES_PAYLOAD_BYTES
from harness.stepfunctions.errors import ApiError, validation_error

Parameters: TypeAlias = Mapping[str, Any]
"""The parameters of a request; `checked` has verified the type of each value."""
STATUSES: Final = ("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING")


@dataclass(frozen=True, slots=True)
class Field:
    """The rules of a parameter; `least` and `most` are lengths of texts and values of numbers."""

    name: str
    type: type = str
    required: bool = False
    least: int | None = None
    most: int | None = None
    one_of: tuple[str, ...] = ()

    def problem(self, value: Any) -> str | None:
        """Say what is wrong with a value of the right type, in AWS's words."""
        if value is None:
            return self._failed("null", "Member must not be null") if self.required else None
        size = len(value) if isinstance(value, str) else value
        relation = "have length less" if isinstance(value, str) else "have value less"
        # Long values are not repeated.
        shown = f"'{value}'" if len(str(value)) <= 1_000 else ""
        if self.most is not None and size > self.most:
            return self._failed(shown, f"Member must {relation} than or equal to {self.most}")
        if self.least is not None and size < self.least:
            relation = relation.replace("less", "greater")
            return self._failed(shown, f"Member must {relation} than or equal to {self.least}")
        if self.one_of and value not in self.one_of:
            return self._failed(shown, f"Member must satisfy enum value set: [{', '.join(self.one_of)}]")
        return None

    def _failed(self, value: str, constraint: str) -> str:
        beginning = f"Value {value} at" if value else "Value at"
        return f"{beginning} '{self.name}' failed to satisfy constraint: {constraint}"


def _arn(name: str, *, required: bool = True) -> Field:
    return Field(name, required=required, least=1, most=256)


_PAGE = (Field("maxResults", int, least=0, most=1000), Field("nextToken", least=1, most=1024))
_DEFINITION = Field("definition", required=True, least=1, most=STATES_DEFINITION_LENGTH)
_TOKEN = Field("taskToken", required=True, least=1, most=2048)
_ERROR = (Field("error", most=256), Field("cause", most=32_768))
_CONFIGURATION = (
    Field("loggingConfiguration", dict),
    Field("tracingConfiguration", dict),
    Field("encryptionConfiguration", dict),
    Field("publish", bool),
    Field("versionDescription", most=256),
)
_INCLUDED = Field("includedData", one_of=("ALL_DATA", "METADATA_ONLY"))

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "CreateStateMachine": (
        Field("name", required=True),
        _DEFINITION,
        _arn("roleArn"),
        Field("type", one_of=("STANDARD", "EXPRESS")),
        Field("tags", list),
        *_CONFIGURATION,
    ),
    "UpdateStateMachine": (
        _arn("stateMachineArn"),
        Field("definition", least=1, most=STATES_DEFINITION_LENGTH),
        _arn("roleArn", required=False),
        *_CONFIGURATION,
    ),
    "DescribeStateMachine": (_arn("stateMachineArn"), _INCLUDED),
    "DescribeStateMachineForExecution": (_arn("executionArn"), _INCLUDED),
    "ListStateMachines": _PAGE,
    "DeleteStateMachine": (_arn("stateMachineArn"),),
    "ValidateStateMachineDefinition": (
        Field("definition", required=True, most=STATES_DEFINITION_LENGTH),
        Field("type", one_of=("STANDARD", "EXPRESS")),
        Field("severity", one_of=("ERROR", "WARNING")),
        Field("maxResults", int, least=0, most=100),
    ),
    "StartExecution": (
        _arn("stateMachineArn"),
        Field("name"),
        Field("input", most=STATES_PAYLOAD_BYTES),
        Field("traceHeader", most=256),
    ),
    "StopExecution": (_arn("executionArn"), *_ERROR),
    "DescribeExecution": (_arn("executionArn"), _INCLUDED),
    "ListExecutions": (
        _arn("stateMachineArn", required=False),
        Field("mapRunArn", least=1, most=2000),
        Field("statusFilter", one_of=STATUSES),
        Field("redriveFilter", one_of=("REDRIVEN", "NOT_REDRIVEN")),
        *_PAGE,
    ),
    "GetExecutionHistory": (
        _arn("executionArn"),
        Field("reverseOrder", bool),
        Field("includeExecutionData", bool),
        *_PAGE,
    ),
    "SendTaskSuccess": (_TOKEN, Field("output", required=True, most=STATES_PAYLOAD_BYTES)),
    "SendTaskFailure": (_TOKEN, *_ERROR),
    "SendTaskHeartbeat": (_TOKEN,),
    "TagResource": (_arn("resourceArn"), Field("tags", list, required=True)),
    "UntagResource": (_arn("resourceArn"), Field("tagKeys", list, required=True)),
    "ListTagsForResource": (_arn("resourceArn"),),
}


def checked(operation: str, given: Parameters) -> Parameters:
    """Give the parameters if they are as the API model demands.

    Raises:
        ApiError: SerializationException, ValidationException.
    """
    fields = FIELDS[operation]
    for field in fields:
        value = given.get(field.name)
        wrong = value is not None and not isinstance(value, field.type)
        if wrong or (field.type is int and isinstance(value, bool)):
            raise ApiError("SerializationException", f"{field.name} is not of the type {field.type.__name__}")
    problems = [problem for field in fields if (problem := field.problem(given.get(field.name)))]
    if problems:
        raise validation_error(*problems)
    return given
