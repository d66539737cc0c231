"""Policies of IAM that are resources of their own, and groups."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Self

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, iam_backends
from moto.utilities.utils import get_partition

from harness.engine.moto.resources.model import Resource, Wanted


def _iam(account_id: str, region: str) -> IAMBackend:
    return iam_backends[account_id][get_partition(region)]


class RolePolicy(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html."""

    TYPE = "AWS::IAM::RolePolicy"
    OWNER = "RoleName"
    KIND = "role"

    def __init__(self, name: str, owner: str) -> None:
        super().__init__(name)
        self.owner = owner

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Put the policy into its owner."""
        made = cls(wanted.text("PolicyName"), wanted.text(cls.OWNER))
        made.put(_iam(wanted.account_id, wanted.region), json.dumps(wanted.properties["PolicyDocument"]))
        return made

    def put(self, iam: IAMBackend, document: str) -> None:
        """Put the document where it belongs."""
        getattr(iam, f"put_{self.KIND}_policy")(self.owner, self.physical_resource_id, document)

    def delete(self, account_id: str, region_name: str) -> None:
        """Take it out again, unless its owner is gone."""
        with suppress(NotFoundException):
            delete = getattr(_iam(account_id, region_name), f"delete_{self.KIND}_policy")
            delete(self.owner, self.physical_resource_id)


class UserPolicy(RolePolicy):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-userpolicy.html."""

    TYPE = "AWS::IAM::UserPolicy"
    OWNER = "UserName"
    KIND = "user"


class GroupPolicy(RolePolicy):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-grouppolicy.html."""

    TYPE = "AWS::IAM::GroupPolicy"
    OWNER = "GroupName"
    KIND = "group"


class Group(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-group.html."""

    TYPE = "AWS::IAM::Group"
    NAME = "GroupName"
    ATTRIBUTES = ("Arn",)

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Make the group with its policies."""
        iam = _iam(wanted.account_id, wanted.region)
        made = iam.create_group(wanted.name, wanted.text("Path", "/"))
        policies = wanted.properties.get("Policies")
        for policy in policies if isinstance(policies, list) else ():
            assert isinstance(policy, dict)
            iam.put_group_policy(wanted.name, str(policy["PolicyName"]), json.dumps(policy["PolicyDocument"]))
        for arn in wanted.texts("ManagedPolicyArns"):
            iam.attach_group_policy(arn, wanted.name)
        return cls(wanted.name, {"Arn": made.arn})

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete it."""
        _iam(account_id, region_name).delete_group(self.physical_resource_id)
