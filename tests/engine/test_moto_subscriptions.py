"""The key with which subscriptions sign what they deliver."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from moto.sns.models import SNSBackend, Subscription, Topic

from harness.engine.moto import subscriptions

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture
def patched() -> Iterator[None]:
    before = Subscription.private_key
    subscriptions.install()
    yield
    Subscription.private_key = before  # type: ignore[method-assign]


def subscription() -> Subscription:
    topic = Topic("report", SNSBackend(REGION, ACCOUNT))
    return Subscription(ACCOUNT, topic, "https://example.com/", "https")


def test_each_subscription_of_moto_still_makes_a_key_of_its_own() -> None:
    assert list(inspect.signature(Subscription.private_key).parameters) == ["self"]
    assert subscription().private_key() is not subscription().private_key()


@pytest.mark.usefixtures("patched")
def test_one_key_signs_for_all_of_them() -> None:
    assert subscription().private_key() is subscription().private_key()
    sent = subscription().get_post_data("hello", "id-1", "a subject")
    assert (sent["Message"], sent["Subject"]) == ("hello", "a subject")
    assert sent["Signature"]
