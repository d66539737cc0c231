"""The classes for resources that this package creates instead of moto."""

from __future__ import annotations

from typing import Final, Self

from harness.engine.moto.resources.cdk import CDK_RESOURCES
from harness.engine.moto.resources.connections import Connection
from harness.engine.moto.resources.custom import CustomResource
from harness.engine.moto.resources.events import EventBus, Rule
from harness.engine.moto.resources.functions import Alias, Function, LayerVersion, Permission, Version
from harness.engine.moto.resources.iam import (
    Group,
    GroupPolicy,
    ManagedPolicy,
    Role,
    RolePolicy,
    User,
    UserPolicy,
)
from harness.engine.moto.resources.keys import Key
from harness.engine.moto.resources.machines import Activity, Machine, MachineAlias, MachineVersion
from harness.engine.moto.resources.messages import Subscription, Topic
from harness.engine.moto.resources.model import Resource, Wanted
from harness.engine.moto.resources.parts import (
    LogStream,
    QueueInlinePolicy,
    TopicInlinePolicy,
    UserToGroupAddition,
)
from harness.engine.moto.resources.queues import Queue
from harness.engine.moto.resources.secrets import Secret
from harness.engine.moto.resources.stored import Bucket, LogGroup, Parameter
from harness.engine.moto.resources.tables import GlobalTable, Table


class Nothing(Resource):
    """A resource that has no effect on AWS either."""

    TYPE = "AWS::CDK::Metadata"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Return the resource. Creates nothing."""
        return cls(wanted.name)


RESOURCES: Final[tuple[type[Resource], ...]] = (
    *CDK_RESOURCES,
    Activity,
    Alias,
    Bucket,
    Connection,
    CustomResource,
    EventBus,
    Function,
    GlobalTable,
    Group,
    GroupPolicy,
    Key,
    LayerVersion,
    LogGroup,
    LogStream,
    Machine,
    MachineAlias,
    MachineVersion,
    ManagedPolicy,
    Nothing,
    Parameter,
    Permission,
    Queue,
    QueueInlinePolicy,
    Role,
    RolePolicy,
    Rule,
    Secret,
    Subscription,
    Table,
    Topic,
    TopicInlinePolicy,
    User,
    UserPolicy,
    UserToGroupAddition,
    Version,
)

CUSTOM: Final = CustomResource
"""The class for types whose names begin with `Custom::`."""
