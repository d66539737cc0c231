"""Topic, queue and bucket policies as CloudFormation resources, which moto ignores.

The resources are direct subclasses of moto's CloudFormationModel, because moto finds resource types
that way. Patched in moto.s3.models: `FakeBucket.get_permission`, with which moto would enforce a
bucket policy without its conditions. After a run, permissions are checked against the complete
policies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.utils import get_partition


def install() -> None:
    """Store policies without enforcing them."""
    patched: Any = FakeBucket
    patched.get_permission = lambda *_: PermissionResult.NEUTRAL


class _Policy:
    """The base class for these resources: a PolicyDocument, and the resources that it is attached to."""

    def __init__(self, name: str, properties: Any) -> None:
        self.name = name
        self.properties = properties

    @property
    def physical_resource_id(self) -> str:
        """The physical ID, which CloudFormation generates."""
        return self.name

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return "", because the resource has no name property."""
        return ""

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> _Policy:
        """Attach the policy."""
        properties = cloudformation_json["Properties"]
        cls.put(properties, json.dumps(properties["PolicyDocument"]), account_id, region_name)
        return cls(resource_name, properties)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> _Policy:
        """Detach the old policy, and attach the new one."""
        original_resource.delete(account_id, region_name)
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id: str, region_name: str) -> None:
        """Detach the policy from all resources in the properties that still exist."""
        raise NotImplementedError

    @classmethod
    def put(cls, properties: Any, policy: str, account_id: str, region_name: str) -> None:
        """Attach the policy to all resources in the properties."""
        raise NotImplementedError


class TopicPolicy(_Policy, CloudFormationModel):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html."""

    @staticmethod
    def cloudformation_type() -> str:
        """The type's name."""
        return "AWS::SNS::TopicPolicy"

    @classmethod
    def put(cls, properties: Any, policy: str, account_id: str, region_name: str) -> None:
        """Find topics by ARN."""
        topics: Iterable[str] = properties["Topics"]
        for arn in topics:
            sns_backends[account_id][region_name].set_topic_attribute(arn, "policy", policy)

    def delete(self, account_id: str, region_name: str) -> None:
        """Restore the default policy that SNS assigns to each topic."""
        topics = sns_backends[account_id][region_name].topics
        for arn in self.properties["Topics"]:
            if topic := topics.get(arn):
                topic._policy_json = topic._create_default_topic_policy(region_name, account_id, topic.name)


class QueuePolicy(_Policy, CloudFormationModel):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html."""

    @staticmethod
    def cloudformation_type() -> str:
        """The type's name."""
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def put(cls, properties: Any, policy: str, account_id: str, region_name: str) -> None:
        """Find queues by URL."""
        for url in properties["Queues"]:
            queue = sqs_backends[account_id][region_name].get_queue(url.rpartition("/")[2])
            queue.policy = policy

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove the policy from the queues."""
        for url in self.properties["Queues"]:
            if queue := sqs_backends[account_id][region_name].queues.get(url.rpartition("/")[2]):
                queue.policy = None


class BucketPolicy(_Policy, CloudFormationModel):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html."""

    @staticmethod
    def cloudformation_type() -> str:
        """The type's name."""
        return "AWS::S3::BucketPolicy"

    @classmethod
    def put(cls, properties: Any, policy: str, account_id: str, region_name: str) -> None:
        """Find the bucket by name."""
        backend = s3_backends[account_id][get_partition(region_name)]
        backend.put_bucket_policy(properties["Bucket"], policy.encode())

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove the policy from the bucket."""
        backend = s3_backends[account_id][get_partition(region_name)]
        if bucket := backend.buckets.get(self.properties["Bucket"]):
            bucket.policy = None
