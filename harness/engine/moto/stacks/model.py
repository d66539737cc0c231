"""A stack, its resources and its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError, ValidationError
from moto.cloudformation.models import cloudformation_backends
from moto.core.utils import iso_8601_datetime_with_milliseconds, utcnow
from moto.moto_api._internal import mock_random
from moto.sns.models import sns_backends

from harness.cloudformation.prepare import Prepared
from harness.engine.moto.resources.model import Resource
from harness.json_types import JsonObject

__all__ = ["AlreadyExistsException", "CloudFormationError", "Stack", "ValidationError", "backend_of"]

STACK: Final = "AWS::CloudFormation::Stack"
FAILED_AND_STAYED: Final = ("CREATE_FAILED", "UPDATE_FAILED")
"""Statuses for stacks with a failed change that was not rolled back."""
_STEP: Final = timedelta(milliseconds=1)
OnFailure = Literal["DELETE", "DO_NOTHING", "ROLLBACK"]


@dataclass
class StackResource:
    """A resource in a stack.

    `name` is the name at creation. `declared` is the entry in the prepared template. `properties` is
    resolved. `made` is None if the resource could not be created.
    """

    logical_id: str
    type: str
    name: str
    declared: JsonObject
    properties: JsonObject
    made: Resource | None
    status: str
    reason: str | None = None
    part: Resource | None = None
    updated: datetime = field(default_factory=utcnow)

    @property
    def physical_id(self) -> str:
        """The physical ID of the resource, even if it was only partly created. Empty if there is none."""
        there = self.made or self.part
        return there.physical_resource_id if there else ""

    def policy(self, name: str) -> str:
        """Return the resource's DeletionPolicy or UpdateReplacePolicy. Default: Delete."""
        return str(self.declared.get(name) or "Delete")

    def as_now(self) -> StackResource:
        """Return a copy for a rollback."""
        return replace(self)


@dataclass(frozen=True)
class Event:
    """An event for a stack or one of its resources."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    properties: JsonObject | None
    timestamp: datetime


@dataclass(frozen=True)
class Output:
    """An output of a stack. `export` is the name that other stacks import."""

    value: str
    description: str | None
    export: str | None


@dataclass
class Stack:
    """A stack in an account and region.

    Times are UTC. `parent` is the ID of the parent stack. `replaced` contains old resources that were
    replaced in a failed update that was not rolled back. That update is in `unfinished` (from
    `progress`). `secrets` maps property values that come from dynamic references to their references,
    which are shown instead.
    """

    id: str
    name: str
    account_id: str
    region: str
    status: str = "CREATE_IN_PROGRESS"
    status_reason: str | None = None
    text: str = ""
    prepared: Prepared | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    capabilities: Sequence[str] = ()
    notification_arns: Sequence[str] = ()
    on_failure: OnFailure = "ROLLBACK"
    protected: bool = False
    timeout_minutes: int | None = None
    policy: str | None = None
    rollback: Mapping[str, Any] = field(default_factory=dict)
    change_set_id: str | None = None
    parent: str | None = None
    root: str | None = None
    resources: dict[str, StackResource] = field(default_factory=dict)
    replaced: list[StackResource] = field(default_factory=list)
    unfinished: object = None
    outputs: dict[str, Output] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    created: datetime = field(default_factory=utcnow)
    updated: datetime | None = None
    deletion_began: datetime | None = None
    deleted: datetime | None = None

    @property
    def stack_id(self) -> str:
        """The ARN, under the attribute name that moto's tagging uses."""
        return self.id

    @property
    def all_tags(self) -> dict[str, str]:
        """The tags for the stack's resources: the stack's own tags and CloudFormation's."""
        return {
            **self.tags,
            "aws:cloudformation:stack-name": self.name,
            "aws:cloudformation:stack-id": self.id,
        }

    @property
    def backend(self) -> Any:
        """The backend that stores the stacks in this account and region."""
        return backend_of(self.account_id, self.region)

    def tell(self, status: str, reason: str | None = None) -> None:
        """Set the status of the stack, and add an event."""
        self.status, self.status_reason = status, None if reason == "User Initiated" else reason
        self._event(str(mock_random.uuid4()), self.name, self.id, STACK, status, reason, None)

    def tell_of(self, resource: StackResource, status: str, reason: str | None = None) -> None:
        """Set the status of a resource, and add an event."""
        resource.status, resource.reason, resource.updated = status, reason, utcnow()
        self.note(resource, status, reason, resource.physical_id)

    def note(self, resource: StackResource, status: str, reason: str | None, physical_id: str) -> None:
        """Add an event about a resource without changing its status."""
        moment = iso_8601_datetime_with_milliseconds(self._moment())
        event_id = f"{resource.logical_id}-{status}-{moment}"
        kind, properties = resource.type, resource.properties
        self._event(event_id, resource.logical_id, physical_id, kind, status, reason, properties)

    def _moment(self) -> datetime:
        """Return the time of the next event.

        It is later than the previous event, because clients sort events by time.
        """
        now = utcnow()
        return max(now, self.events[-1].timestamp + _STEP) if self.events else now

    def _event(
        self,
        event_id: str,
        logical_id: str,
        physical_id: str,
        kind: str,
        status: str,
        reason: str | None,
        properties: JsonObject | None,
    ) -> None:
        moment = self._moment()
        event = Event(event_id, logical_id, physical_id, kind, status, reason, properties, moment)
        self.events.append(event)
        for arn in self.notification_arns:
            sns_backends[self.account_id][arn.split(":")[3]].publish(
                _message(self, event), subject="AWS CloudFormation Notification", arn=arn
            )


def _message(stack: Stack, event: Event) -> str:
    fields = {
        "StackId": stack.id,
        "Timestamp": iso_8601_datetime_with_milliseconds(event.timestamp),
        "EventId": event.id,
        "LogicalResourceId": event.logical_id,
        "Namespace": stack.account_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason or "",
        "ResourceType": event.type,
        "StackName": stack.name,
    }
    return "\n".join(f"{name}='{value}'" for name, value in fields.items())


def backend_of(account_id: str, region: str) -> Any:
    """Return the backend that stores the stacks, change sets and exports in an account and region."""
    return cloudformation_backends[account_id][region]
