"""Roles, users, groups and their policies."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Final, Self

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.models import ManagedPolicy as MotoManagedPolicy
from moto.iam.models import Role as MotoRole
from moto.iam.models import User as MotoUser
from moto.utilities.utils import get_partition

from harness.engine.moto.resources.model import Resource, Wanted
from harness.engine.moto.resources.of_moto import OfMoto
from harness.engine.moto.roles import know

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_VERSIONS: Final = 5


def _iam(account_id: str, region: str) -> IAMBackend:
    return iam_backends[account_id][get_partition(region)]


class Role(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html."""

    TYPE = "AWS::IAM::Role"
    NAME = "RoleName"
    MODEL = MotoRole

    def change(self, wanted: Wanted) -> Self:
        """Update the trust policy, policies and settings of the role."""
        iam, role = _iam(wanted.account_id, wanted.region), self.model
        trust = wanted.properties["AssumeRolePolicyDocument"]
        text = trust if isinstance(trust, str) else json.dumps(trust)
        role.assume_role_policy_document = text  # moto itself would reject a policy without Version
        role.description = wanted.text("Description")
        role.max_session_duration = wanted.properties.get("MaxSessionDuration", 3600)
        role.permissions_boundary_arn = wanted.text("PermissionsBoundary") or None
        role.tags = [{"Key": key, "Value": value} for key, value in wanted.own_tags().items()]
        _change_policies(self, wanted, iam, "role")
        return type(self)(role, wanted)


class User(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html."""

    TYPE = "AWS::IAM::User"
    NAME = "UserName"
    MODEL = MotoUser

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the user with groups and policies."""
        iam = _iam(wanted.account_id, wanted.region)
        path = wanted.text("Path", "/")
        made = cls(iam.create_user(region_name=wanted.region, user_name=wanted.name, path=path), wanted)
        for group in wanted.texts("Groups"):
            iam.add_user_to_group(group, wanted.name)
        for policy in wanted.objects("Policies"):
            iam.put_user_policy(wanted.name, str(policy["PolicyName"]), json.dumps(policy["PolicyDocument"]))
        for arn in wanted.texts("ManagedPolicyArns"):
            know(iam, arn)
            iam.attach_user_policy(arn, wanted.name)
        return made

    def change(self, wanted: Wanted) -> Self:
        """Update the user's groups and policies."""
        iam, name = _iam(wanted.account_id, wanted.region), self.model.name
        before, after = self.wanted.texts("Groups"), wanted.texts("Groups")
        for group in [each for each in before if each not in after]:
            iam.remove_user_from_group(group, name)
        for group in [each for each in after if each not in before]:
            iam.add_user_to_group(group, name)
        _change_policies(self, wanted, iam, "user")
        return type(self)(self.model, wanted)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the user with everything attached to it."""
        iam, name = _iam(account_id, region_name), self.model.name
        for group in [each for each in iam.groups.values() if self.model in each.users]:
            group.users.remove(self.model)
        for arn in list(self.model.managed_policies):
            iam.detach_user_policy(arn, name)
        self.model.policies.clear()
        iam.delete_user(name)


def _change_policies(made: OfMoto, wanted: Wanted, iam: IAMBackend, kind: str) -> None:
    """Replace the policies of a role or user: remove the old properties' policies, and add the new ones."""
    name = made.model.name
    policies = {
        str(each["PolicyName"]): json.dumps(each["PolicyDocument"]) for each in wanted.objects("Policies")
    }
    for each in made.wanted.objects("Policies"):
        if str(each["PolicyName"]) not in policies:
            getattr(iam, f"delete_{kind}_policy")(name, str(each["PolicyName"]))
    for policy, document in policies.items():
        made.model.put_policy(policy, document)
    before, after = made.wanted.texts("ManagedPolicyArns"), wanted.texts("ManagedPolicyArns")
    for arn in [each for each in before if each not in after]:
        getattr(iam, f"detach_{kind}_policy")(arn, name)
    for arn in [each for each in after if each not in before]:
        know(iam, arn)
        getattr(iam, f"attach_{kind}_policy")(arn, name)


class ManagedPolicy(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html."""

    TYPE = "AWS::IAM::ManagedPolicy"
    NAME = "ManagedPolicyName"
    MODEL = MotoManagedPolicy
    OWNERS = (("Roles", "role"), ("Users", "user"), ("Groups", "group"))

    def change(self, wanted: Wanted) -> Self:
        """Create a new version of the policy, and attach it to the principals in the properties."""
        iam, arn = _iam(wanted.account_id, wanted.region), self.model.arn
        document = json.dumps(wanted.properties["PolicyDocument"])
        if wanted.properties["PolicyDocument"] != self.wanted.properties["PolicyDocument"]:
            for version in list(self.model.versions):
                if not version.is_default and len(self.model.versions) >= _MOST_VERSIONS:
                    iam.delete_policy_version(arn, version.version_id)
            iam.create_policy_version(arn, document, True)
        for names, kind in self.OWNERS:
            before, after = self.wanted.texts(names), wanted.texts(names)
            for owner in [each for each in before if each not in after]:
                getattr(iam, f"detach_{kind}_policy")(arn, owner)
            for owner in [each for each in after if each not in before]:
                getattr(iam, f"attach_{kind}_policy")(arn, owner)
        return type(self)(self.model, wanted)

    def delete(self, account_id: str, region_name: str) -> None:
        """Detach the policy from the principals in the template, and delete it."""
        iam, arn = _iam(account_id, region_name), self.model.arn
        for names, kind in self.OWNERS:
            for owner in self.wanted.texts(names):
                with suppress(NotFoundException):
                    getattr(iam, f"detach_{kind}_policy")(arn, owner)
        iam.delete_policy(arn)


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
        """Add the policy to its owner."""
        made = cls(wanted.text("PolicyName"), wanted.text(cls.OWNER))
        made.put(_iam(wanted.account_id, wanted.region), json.dumps(wanted.properties["PolicyDocument"]))
        return made

    def put(self, iam: IAMBackend, document: str) -> None:
        """Put the policy document."""
        getattr(iam, f"put_{self.KIND}_policy")(self.owner, self.physical_resource_id, document)

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove the policy, unless its owner is already deleted."""
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
        """Create the group with its policies."""
        iam = _iam(wanted.account_id, wanted.region)
        made = iam.create_group(wanted.name, wanted.text("Path", "/"))
        for policy in wanted.objects("Policies"):
            iam.put_group_policy(wanted.name, str(policy["PolicyName"]), json.dumps(policy["PolicyDocument"]))
        for arn in wanted.texts("ManagedPolicyArns"):
            iam.attach_group_policy(arn, wanted.name)
        return cls(wanted.name, {"Arn": made.arn})

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the group."""
        _iam(account_id, region_name).delete_group(self.physical_resource_id)
