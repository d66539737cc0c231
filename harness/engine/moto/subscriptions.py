"""Topic deliveries.

Patched in moto.sns.models:
- `Subscription.publish`, which sends functions an event with fake ARNs and attributes, sends queues text that
  is not in SNS's format, fails if a queue was deleted, and posts to web addresses. With the patch, nothing
  leaves this machine.
- `Subscription.get_post_data`, which generates a key for each subscription and a certificate for each
  message (40 ms of work), keeps them after a reset, and refers to a fake subscription.
- `SNSBackend.subscribe`, which omits the subscriber.

Patched in moto.sns.responses: `SNSResponse.subscribe`, because some protocols wait for a confirmation.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.sns.models import SNSBackend, Subscription
from moto.sns.responses import SNSResponse
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends
from moto.utilities.utils import get_partition

from harness.engine.moto.deliveries import invoke_asynchronously
from harness.json_types import Json, JsonObject

CONFIRMED_BY_HAND: Final = ("http", "https", "email", "email-json")
_SIGNED: Final = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CERTIFICATE: Final = "SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"
_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Subscription
    backend: Any = SNSBackend
    response: Any = SNSResponse
    patched.get_post_data = _notification
    patched.publish = _publish
    subscribe, respond = backend.subscribe, response.subscribe

    @functools.wraps(subscribe)
    def subscribe_as_somebody(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        subscription = subscribe(self, topic_arn, endpoint, protocol)
        principal = f"arn:{get_partition(self.region_name)}:iam::{self.account_id}:user/moto"
        subscription.attributes.setdefault("SubscriptionPrincipal", principal)
        return subscription

    @functools.wraps(respond)
    def subscribe_and_wait(self: Any) -> Any:
        answer = respond(self)
        if self._get_param("Protocol") in CONFIRMED_BY_HAND and not self._get_param("ReturnSubscriptionArn"):
            answer.result["SubscriptionArn"] = "pending confirmation"
        return answer

    backend.subscribe = subscribe_as_somebody
    response.subscribe = subscribe_and_wait


def _publish(
    self: Any,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    message_structure: str | None = None,
) -> None:
    """Deliver a message, unless the filter policy rejects it or the endpoint is outside the engine."""
    matcher = self._filter_policy_matcher
    if self.protocol not in ("sqs", "lambda") or (
        matcher is not None and not matcher.matches(message_attributes, message)
    ):
        return
    if message_structure == "json":
        by_protocol = json.loads(message)
        own = by_protocol.get(self.protocol)
        message = own if isinstance(own, str) and own else by_protocol["default"]
    if self.protocol == "lambda":
        if _send_to_function(self, message, message_id, subject, message_attributes):
            text = _as_text(self, message, message_id, subject, message_attributes)
            _send_to_queue(self, text, None, group_id, deduplication_id)
        return
    raw = bool(self.attributes.get("RawMessageDelivery"))
    sent = message if raw else _as_text(self, message, message_id, subject, message_attributes)
    attributes = _raw(message_attributes or {}) if raw else None
    _send_to_queue(self, sent, attributes, group_id, deduplication_id)


def _send_to_queue(
    subscription: Any,
    text: str,
    attributes: dict[str, Any] | None,
    group_id: str | None,
    deduplication_id: str | None,
) -> None:
    """Send to the subscribed queue. If it has been deleted, send to the subscription's dead-letter queue."""
    policy = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
    for arn in (subscription.endpoint, policy.get("deadLetterTargetArn")):
        if not arn or ":sqs:" not in arn:
            continue
        _, _, _, region, account, name = arn.split(":")
        backend = sqs_backends[account][region]
        try:
            fifo = backend.get_queue(name).fifo_queue
            backend.send_message(
                name,
                text,
                message_attributes=attributes,
                group_id=group_id if fifo or not subscription.topic.fifo_topic else None,
                deduplication_id=deduplication_id if fifo else None,
                validate_group_id=False,
            )
        except QueueDoesNotExist:
            continue
        return


def _raw(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return message attributes in SQS's format."""
    found = {}
    for name, given in attributes.items():
        binary = given["Type"].startswith("Binary")
        value = (
            {"BinaryValue": base64.b64decode(given["Value"])} if binary else {"StringValue": given["Value"]}
        )
        found[name] = {"DataType": given["Type"], **value}
    return found


def _as_text(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: dict[str, Any] | None
) -> str:
    """Return a notification in SNS's format for a queue's message."""
    sent = _notification(subscription, message, message_id, subject, attributes)
    return json.dumps(sent, ensure_ascii=False, indent=2, separators=(",", " : "))


def _notification(
    self: Any,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
) -> JsonObject:
    """Return a notification as JSON:
    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html.

    Notifications from FIFO topics have a sequence number instead of a signature.
    """
    place = f"https://sns.{self.topic.sns_backend.region_name}.amazonaws.com/"
    fifo, version = self.topic.fifo_topic, str(getattr(self.topic, "signature_version", "1"))
    sent: JsonObject = {"Type": "Notification", "MessageId": message_id}
    if fifo:
        sent["SequenceNumber"] = str(self.topic.sequence_number)
    sent["TopicArn"] = self.topic.arn
    if subject:
        sent["Subject"] = subject
    sent |= {"Message": message, "Timestamp": iso_8601_datetime_with_milliseconds()}
    if not fifo:
        sent |= {
            "SignatureVersion": version,
            "Signature": _signature(sent, version),
            "SigningCertURL": f"{place}{_CERTIFICATE}",
        }
    sent["UnsubscribeURL"] = f"{place}?Action=Unsubscribe&SubscriptionArn={self.arn}"
    if message_attributes:
        sent["MessageAttributes"] = message_attributes
    return sent


def _signature(sent: Mapping[str, Json], version: str) -> str:
    """Sign a notification: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html."""
    text = "".join(f"{name}\n{sent[name]}\n" for name in _SIGNED if name in sent)
    made = _key().sign(text.encode(errors="surrogatepass"), padding.PKCS1v15(), _HASHES[version])
    return base64.b64encode(made).decode()


def _send_to_function(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: dict[str, Any] | None
) -> str:
    """Invoke the subscribed function: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html.

    Returns:
        The reason why the message could not be delivered. Empty if it was delivered, even if the
        function failed.
    """
    sent = _notification(subscription, message, message_id, subject)
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
            "SignatureVersion": sent.get("SignatureVersion", "1"),
            "Signature": sent.get("Signature", ""),
            "SigningCertUrl": sent.get("SigningCertURL", ""),
            "UnsubscribeUrl": sent["UnsubscribeURL"],
            "MessageAttributes": attributes or {},
        },
    }
    error = invoke_asynchronously(subscription.account_id, subscription.endpoint, {"Records": [record]})
    return error if error.startswith("Function not found") else ""


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
