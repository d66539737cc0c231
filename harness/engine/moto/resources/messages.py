"""Topics, and subscriptions within topics or as separate resources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from moto.core.utils import camelcase_to_underscores
from moto.sns.models import Topic as MotoTopic
from moto.sns.models import sns_backends

from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.engine.moto.resources.of_moto import OfMoto
from harness.json_types import Json, JsonObject

# FilterPolicyScope comes first, because moto needs it to parse the policy.
_ATTRIBUTES: Final = (
    "FilterPolicyScope",
    "FilterPolicy",
    "RawMessageDelivery",
    "RedrivePolicy",
    "DeliveryPolicy",
    "SubscriptionRoleArn",
)
# https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
_ARN_PARTS: Final = 6  # arn:aws:sns:region:account:name
_PROTOCOLS: Final = frozenset(
    ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
)


def subscribe(topic: str, properties: Mapping[str, Json], account_id: str, region: str) -> str:
    """Subscribe an endpoint with the properties of a subscription, and return the subscription's ARN."""
    sns = sns_backends[account_id][region]
    if (protocol := str(properties["Protocol"])) not in _PROTOCOLS:
        raise CannotMake(f"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}")
    made = sns.subscribe(topic, str(properties.get("Endpoint") or ""), protocol)
    _set_attributes(made.arn, properties, account_id, region)
    return made.arn


def _set_attributes(arn: str, properties: Mapping[str, Json], account_id: str, region: str) -> None:
    for name in _ATTRIBUTES:
        value = properties.get(name)
        if name == "RawMessageDelivery":
            value = "true" if str(value).lower() == "true" else None
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            sns_backends[account_id][region].set_subscription_attributes(arn, name, text)


class Subscription(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html."""

    TYPE = "AWS::SNS::Subscription"
    ATTRIBUTES = ("Arn",)
    topic = ""
    endpoints: Sequence[str] = ()

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Subscribe the endpoint to a topic, which is in a different region if the properties specify one."""
        topic = wanted.text("TopicArn")
        parts = topic.split(":")
        if len(parts) != _ARN_PARTS or parts[2] != "sns":
            raise CannotMake(f"Invalid parameter: TopicArn Reason: {topic!r} is not the ARN of a topic")
        region = wanted.text("Region") or parts[3]
        if region != parts[3]:
            raise CannotMake(f"Invalid parameter: Region: the topic {topic} is in {parts[3]}, not {region}")
        arn = subscribe(topic, wanted.properties, wanted.account_id, region)
        made = cls(arn, {"Arn": arn})
        made.topic, made.endpoints = topic, [wanted.text("Endpoint")]
        return made

    def change(self, wanted: Wanted) -> Self:
        """Set the subscription's attributes, and remove all others."""
        region = self.physical_resource_id.split(":")[3]
        found = sns_backends[wanted.account_id][region].subscriptions[self.physical_resource_id]
        for name in _ATTRIBUTES:
            found.attributes.pop(name, None)
        found._filter_policy = None
        found.attributes["RawMessageDelivery"] = "false"
        _set_attributes(found.arn, wanted.properties, wanted.account_id, region)
        return self

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the subscription."""
        sns_backends[account_id][self.physical_resource_id.split(":")[3]].unsubscribe(
            self.physical_resource_id
        )


class Topic(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html."""

    TYPE = "AWS::SNS::Topic"
    NAME = "TopicName"
    MODEL = MotoTopic

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the topic with its subscriptions and tags."""
        sns = sns_backends[wanted.account_id][wanted.region]
        topic: Any = sns.create_topic(wanted.name, _topic_attributes(wanted), wanted.own_tags())
        made = cls(topic, wanted)
        made._subscribe(wanted, [])
        return made

    def change(self, wanted: Wanted) -> Self:
        """Update the attributes, tags and subscriptions of the topic."""
        topic = self.model
        gone = {name: value for name, value in _TOPIC_DEFAULTS.items() if name in self.wanted.properties}
        attributes = {**gone, **_topic_attributes(wanted)}
        for name, value in attributes.items():
            setattr(topic, camelcase_to_underscores(name), value)
        topic._tags = wanted.own_tags()
        self._subscribe(wanted, self.wanted.objects("Subscription"))
        return type(self)(topic, wanted)

    def _subscribe(self, wanted: Wanted, before: Sequence[JsonObject]) -> None:
        sns, topic = sns_backends[wanted.account_id][wanted.region], self.model
        now = wanted.objects("Subscription")
        topic.endpoints = [each.get("Endpoint") for each in now]
        gone = {(each.get("Protocol"), each.get("Endpoint")) for each in before if each not in now}
        for arn, each in list(sns.subscriptions.items()):
            if each.topic is topic and (each.protocol, each.endpoint) in gone:
                sns.unsubscribe(arn)
        for declared in now:
            if declared not in before:
                subscribe(topic.arn, declared, wanted.account_id, wanted.region)


_TOPIC_DEFAULTS: Final[JsonObject] = {
    "ContentBasedDeduplication": False,
    "DisplayName": "",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
}


def _topic_attributes(wanted: Wanted) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: value for name, value in wanted.properties.items() if name not in ("Subscription", "Tags")
    }
    if isinstance(archive := found.get("ArchivePolicy"), dict):
        found["ArchivePolicy"] = json.dumps({name: str(value) for name, value in archive.items()})
    return found
