"""The classes of the resources that are made here instead of by moto."""

from __future__ import annotations

from typing import Final, Self

from harness.engine.moto.resources.custom import CustomResource
from harness.engine.moto.resources.functions import Alias, LayerVersion, Permission, Version
from harness.engine.moto.resources.iam import Group, GroupPolicy, RolePolicy, UserPolicy
from harness.engine.moto.resources.machines import MachineAlias, MachineVersion
from harness.engine.moto.resources.messages import Subscription
from harness.engine.moto.resources.model import Resource, Wanted
from harness.engine.moto.resources.parts import (
    LogStream,
    QueueInlinePolicy,
    TopicInlinePolicy,
    UserToGroupAddition,
)
from harness.engine.moto.resources.secrets import Secret
from harness.engine.moto.resources.tables import GlobalTable


class Nothing(Resource):
    """A resource that is nothing on AWS, either."""

    TYPE = "AWS::CDK::Metadata"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Make nothing."""
        return cls(wanted.name)


RESOURCES: Final[tuple[type[Resource], ...]] = (
    Alias,
    CustomResource,
    GlobalTable,
    Group,
    GroupPolicy,
    LayerVersion,
    LogStream,
    MachineAlias,
    MachineVersion,
    Nothing,
    Permission,
    QueueInlinePolicy,
    RolePolicy,
    Secret,
    Subscription,
    TopicInlinePolicy,
    UserPolicy,
    UserToGroupAddition,
    Version,
)
