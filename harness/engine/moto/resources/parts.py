"""Resources that are part of other resources: topic and queue policies, group members, log streams."""

from __future__ import annotations

import json
from typing import Self

from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.utils import get_partition

from harness.engine.moto.resources.model import Resource, Wanted


class TopicInlinePolicy(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicinlinepolicy.html."""

    TYPE = "AWS::SNS::TopicInlinePolicy"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Attach the policy to its topic."""
        topic, policy = wanted.text("TopicArn"), json.dumps(wanted.properties["PolicyDocument"])
        sns_backends[wanted.account_id][wanted.region].set_topic_attribute(topic, "policy", policy)
        return cls(topic)


class QueueInlinePolicy(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queueinlinepolicy.html."""

    TYPE = "AWS::SQS::QueueInlinePolicy"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Attach the policy to its queue, which is identified by its URL."""
        url = wanted.text("Queue")
        queue = sqs_backends[wanted.account_id][wanted.region].get_queue(url.rpartition("/")[2])
        queue.policy = json.dumps(wanted.properties["PolicyDocument"])
        return cls(url)


class UserToGroupAddition(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-usertogroupaddition.html."""

    TYPE = "AWS::IAM::UserToGroupAddition"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Add the users to the group."""
        iam = iam_backends[wanted.account_id][get_partition(wanted.region)]
        for user in wanted.texts("Users"):
            iam.add_user_to_group(wanted.text("GroupName"), user)
        return cls(wanted.name)


class LogStream(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-logstream.html."""

    TYPE = "AWS::Logs::LogStream"
    NAME = "LogStreamName"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the stream in its group."""
        logs = logs_backends[wanted.account_id][wanted.region]
        logs.create_log_stream(wanted.text("LogGroupName"), wanted.name)
        return cls(wanted.name)
