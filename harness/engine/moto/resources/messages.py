"""Subscriptions of topics as resources of their own, and those that a topic declares itself.

Patched in moto.sns.models: `Topic.create_from_cloudformation_json`, which drops the tags and what else a
subscription says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from moto.sns.models import Topic, sns_backends

from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.json_types import Json

# FilterPolicyScope comes first: moto reads the policy by it.
_ATTRIBUTES: Final = (
    "FilterPolicyScope",
    "FilterPolicy",
    "RawMessageDelivery",
    "RedrivePolicy",
    "DeliveryPolicy",
    "SubscriptionRoleArn",
)
# https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
_PROTOCOLS: Final = frozenset(
    ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
)


def subscribe(topic: str, properties: Mapping[str, Json], account_id: str, region: str) -> str:
    """Subscribe an endpoint as the properties of a subscription say; return the subscription's ARN."""
    sns = sns_backends[account_id][region]
    if (protocol := str(properties["Protocol"])) not in _PROTOCOLS:
        raise CannotMake(f"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}")
    made = sns.subscribe(topic, str(properties.get("Endpoint") or ""), protocol)
    for name in _ATTRIBUTES:
        value = properties.get(name)
        if name == "RawMessageDelivery":
            value = "true" if str(value).lower() == "true" else None
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            sns.set_subscription_attributes(made.arn, name, text)
    return made.arn


class Subscription(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html."""

    TYPE = "AWS::SNS::Subscription"
    ATTRIBUTES = ("Arn",)
    topic = ""
    endpoints: Sequence[str] = ()

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Subscribe the endpoint to a topic, of another region where the properties name one."""
        topic = wanted.text("TopicArn")
        region = wanted.text("Region") or topic.split(":")[3]
        arn = subscribe(topic, wanted.properties, wanted.account_id, region)
        made = cls(arn, {"Arn": arn})
        made.topic, made.endpoints = topic, [wanted.text("Endpoint")]
        return made

    def delete(self, account_id: str, region_name: str) -> None:
        """Unsubscribe it."""
        sns_backends[account_id][self.physical_resource_id.split(":")[3]].unsubscribe(
            self.physical_resource_id
        )


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Topic
    patched.create_from_cloudformation_json = _create_topic


def _create_topic(
    resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
) -> Any:
    """Make a topic with its subscriptions and tags."""
    sns = sns_backends[account_id][region_name]
    properties = dict(cloudformation_json["Properties"])
    inline = properties.pop("Subscription", None) or []
    tags = {tag["Key"]: tag["Value"] for tag in properties.pop("Tags", None) or []}
    if (archive := properties.get("ArchivePolicy")) is not None:
        properties["ArchivePolicy"] = json.dumps({name: str(value) for name, value in archive.items()})
    topic: Any = sns.create_topic(resource_name, properties, tags)
    topic.endpoints = [subscription.get("Endpoint") for subscription in inline]
    for subscription in inline:
        subscribe(topic.arn, subscription, account_id, region_name)
    return topic
