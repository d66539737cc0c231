"""SNS's subscription validation, with SNS's error messages.

The attributes come from https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.sns.exceptions import TopicNotFound
from moto.sqs.models import sqs_backends

from harness.engine.moto.checks import Rule
from harness.engine.moto.topic_arns import invalid
from harness.json_faults import json_fault_at

PROTOCOLS: Final = (
    "http",
    "https",
    "email",
    "email-json",
    "sms",
    "sqs",
    "application",
    "lambda",
    "firehose",
)
_NAMES: Final = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "ReplayPolicy",
    "ReplayStatus",
    "SubscriptionRoleArn",
)
_SCOPES: Final = ("MessageAttributes", "MessageBody")
_USUAL: Final = {"FilterPolicyScope": "MessageAttributes", "RawMessageDelivery": "false"}


def _check_subscribe(self: Any) -> None:
    params = self.params
    topic = self.backend.topics.get(params["TopicArn"])
    if topic is None:
        raise TopicNotFound
    if params["Protocol"] not in PROTOCOLS:
        raise invalid(f"Amazon SNS does not support this protocol string: {params['Protocol']}")
    attributes: Mapping[str, str] = params.get("Attributes") or {}
    for name, value in attributes.items():
        if name not in _NAMES:
            raise invalid(f"Attributes Reason: Unknown attribute: {name}")
        _check(name, value, topic, params.get("Endpoint") or "", "Attributes Reason: ")
    twin = self.backend._find_subscription(params["TopicArn"], params.get("Endpoint"), params["Protocol"])
    if twin is not None and any(
        _text(twin.attributes.get(name, _USUAL.get(name))) != _text(value)
        for name, value in attributes.items()
    ):
        raise invalid("Attributes Reason: Subscription already exists with different attributes")


def _check_set(self: Any) -> None:
    params = self.params
    if params["AttributeName"] not in _NAMES:
        raise invalid("AttributeName")
    subscription = self.backend.subscriptions[params["SubscriptionArn"]]
    value = params.get("AttributeValue") or ""
    _check(params["AttributeName"], value, subscription.topic, subscription.endpoint, "")


def _check(name: str, value: str, topic: Any, endpoint: str, before: str) -> None:
    """Check an attribute's value. `before` is the prefix for the error message."""
    if name == "RawMessageDelivery" and value.lower() not in ("true", "false"):
        raise invalid(f"{before}{name}: Invalid value [{value}]. Must be true or false.")
    if name == "FilterPolicyScope" and value not in _SCOPES:
        wrong = f"Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
        raise invalid(f"{before}{name}: {wrong}")
    if name in ("FilterPolicy", "RedrivePolicy", "DeliveryPolicy") and value:
        try:
            policy = json.loads(value)
        except json.JSONDecodeError:
            raise invalid(f"{before}{name}: failed to parse JSON. {json_fault_at(value)}") from None
        if name == "RedrivePolicy":
            _check_redrive(policy, topic.fifo_topic and endpoint.endswith(".fifo"), before)


def _check_redrive(policy: Mapping[str, Any], fifo: bool, before: str) -> None:
    arn = str(policy.get("deadLetterTargetArn", ""))
    if arn.count(":") < 5 or not arn.startswith("arn:"):
        raise invalid(f"{before}RedrivePolicy: deadLetterTargetArn is an invalid arn")
    if fifo and not arn.endswith(".fifo"):
        said = "must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
        raise invalid(f"{before}RedrivePolicy: {said}")


def _check_endpoint(self: Any) -> None:
    params = self.params
    if params["Protocol"] != "sqs":
        return
    endpoint = (params.get("Endpoint") or "").split(":")
    if len(endpoint) != 6 or endpoint[2] != "sqs":
        raise invalid("SQS endpoint ARN")
    queue = sqs_backends[endpoint[4]][endpoint[3]].queues.get(endpoint[5])
    if queue and queue.fifo_queue and not self.backend.topics[params["TopicArn"]].fifo_topic:
        said = "FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise invalid(f"Invalid parameter: Endpoint Reason: {said}")


def _text(value: object) -> str:
    text = str(value)
    return text.lower() if text.lower() in ("true", "false") else text


SUBSCRIBE: Final[tuple[Rule, ...]] = (_check_subscribe, _check_endpoint)
SET_ATTRIBUTES: Final[tuple[Rule, ...]] = (_check_set,)
