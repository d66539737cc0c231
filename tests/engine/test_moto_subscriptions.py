"""The key that signs the deliveries of subscriptions."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from moto.sns.models import SNSBackend, Subscription, Topic
from moto.sns.responses import SNSResponse

from harness.engine.moto import subscriptions

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture
def patched() -> Iterator[None]:
    before = Subscription.get_post_data, Subscription.publish, SNSBackend.subscribe, SNSResponse.subscribe
    subscriptions.install()
    yield
    Subscription.get_post_data, Subscription.publish = before[:2]  # type: ignore[method-assign]
    SNSBackend.subscribe, SNSResponse.subscribe = before[2:]  # type: ignore[method-assign]


def subscription() -> Subscription:
    topic = Topic("report", SNSBackend(REGION, ACCOUNT))
    return Subscription(ACCOUNT, topic, "https://example.com/", "https")


def test_each_subscription_of_moto_still_makes_a_key_of_its_own() -> None:
    assert list(inspect.signature(Subscription.private_key).parameters) == ["self"]
    assert subscription().private_key() is not subscription().private_key()


@pytest.mark.usefixtures("patched")
@pytest.mark.parametrize(("version", "kind"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
def test_one_key_signs_for_all_of_them(version: str, kind: hashes.HashAlgorithm) -> None:
    first, second = subscription(), subscription()
    for each in (first, second):
        each.topic.signature_version = version  # type: ignore[attr-defined]
        sent = each.get_post_data("hello", "id-1", "a subject")
        assert (sent["Message"], sent["Subject"], sent["SignatureVersion"]) == ("hello", "a subject", version)
        signed = (
            f"Message\nhello\nMessageId\nid-1\nSubject\na subject\nTimestamp\n{sent['Timestamp']}\n"
            f"TopicArn\n{sent['TopicArn']}\nType\nNotification\n"
        )
        public = subscriptions._key().public_key()
        public.verify(base64.b64decode(sent["Signature"]), signed.encode(), padding.PKCS1v15(), kind)
