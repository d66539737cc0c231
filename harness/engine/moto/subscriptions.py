"""The deliveries of topics.

Patched in moto.sns.models:
- `Subscription.private_key`, which makes a key for each subscription (40 ms of work), and remembers the last
  128 subscriptions for that, with topics and messages, whatever is reset: one key signs all deliveries.
- `Subscription.publish`, which gives functions an event with made-up ARNs and attributes, and posts to web
  addresses: nothing leaves this machine.
- `Subscription.get_post_data`, which names a made-up subscription.
"""

from __future__ import annotations

import functools
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.sns.models import Subscription

from harness.engine.moto.deliveries import invoke_asynchronously
from harness.json_types import JsonObject


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Subscription
    patched.private_key = lambda _: _key()
    publish, get_post_data = patched.publish, patched.get_post_data

    @functools.wraps(get_post_data)
    def get_true_post_data(self: Subscription, *args: Any, **kwargs: Any) -> dict[str, Any]:
        data: dict[str, Any] = get_post_data(self, *args, **kwargs)
        region = self.topic.sns_backend.region_name
        place = f"https://sns.{region}.amazonaws.com/"
        return {**data, "UnsubscribeURL": f"{place}?Action=Unsubscribe&SubscriptionArn={self.arn}"}

    @functools.wraps(publish)
    def publish_here(self: Subscription, message: str, message_id: str, **given: Any) -> None:
        if self.protocol == "sqs":
            publish(self, message, message_id, **given)
        elif self.protocol == "lambda":
            _send_to_function(self, message, message_id, **given)

    patched.get_post_data = get_true_post_data
    patched.publish = publish_here


def _send_to_function(
    subscription: Subscription,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    message_structure: str | None = None,
    **_: Any,
) -> None:
    """Invoke the function that is subscribed, unless the subscription's filter keeps the message back.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html has such an event.
    """
    matcher = subscription._filter_policy_matcher
    if matcher is not None and not matcher.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = subscription._parse_message_structure(message, "lambda")
    sent = subscription.get_post_data(message, message_id, subject, message_attributes)
    record: JsonObject = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": sent["TopicArn"],
            "Subject": subject or None,
            "Message": message,
            "Timestamp": sent["Timestamp"],
            "SignatureVersion": "1",
            "Signature": sent["Signature"],
            "SigningCertUrl": sent["SigningCertURL"],
            "UnsubscribeUrl": sent["UnsubscribeURL"],
            "MessageAttributes": message_attributes or {},
        },
    }
    invoke_asynchronously(subscription.account_id, subscription.endpoint, {"Records": [record]})


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
