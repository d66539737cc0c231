"""Ids that services make up depend on the call and its caller, not on which of several calls came first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.buckets import SeededBucket, SeededObject
from harness.engine.clients import Clients
from harness.engine.moto import engine as moto_engine
from harness.engine.moto.engine import MotoEngine
from harness.engine.moto.signatures import signing_key
from harness.functions.shared.model import INVOCATION_HEADER


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[MotoEngine, ...]]:
    """Two of the same world, and one of another."""
    made = MotoEngine(), MotoEngine(), MotoEngine(world=3)
    for engine in made:
        engine.launch()
    yield made
    for engine in made:
        engine.stop()


class World:
    """Clients of an engine, each for a caller."""

    def __init__(self, engine: MotoEngine) -> None:
        self._clients = Clients(engine.start())

    def client(self, service: str, caller: str = "") -> Any:
        client = self._clients.client(service)
        if caller:
            client.meta.events.register(
                "before-call", lambda params, **_: params["headers"].update({INVOCATION_HEADER: caller})
            )
        return client


def made_by(world: World, caller: str) -> dict[str, Any]:
    """Ids of the calls that one caller makes."""
    sns, sqs, s3, events = (world.client(name, caller) for name in ("sns", "sqs", "s3", "events"))
    lambda_, kms, dynamodb = (world.client(name, caller) for name in ("lambda", "kms", "dynamodb"))
    topic = sns.create_topic(Name="News")["TopicArn"]
    queue = sqs.create_queue(QueueName="Queue")["QueueUrl"]
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put = s3.put_object(Bucket="kept", Key=f"of-{caller}", Body=b"x")
    received = sqs.send_message(QueueUrl=queue, MessageBody=caller)
    return {
        "published": [sns.publish(TopicArn=topic, Message="m")["MessageId"] for _ in range(3)],
        "subscription": sns.subscribe(
            TopicArn=topic, Protocol="email", Endpoint=f"{caller}@example.com", ReturnSubscriptionArn=True
        )["SubscriptionArn"],
        "sent": received["MessageId"],
        "request": put["ResponseMetadata"]["RequestId"],
        "headers": {
            name: value
            for name, value in put["ResponseMetadata"]["HTTPHeaders"].items()
            if name not in ("date", "last-modified")
        },
        "version": put["VersionId"],
        "upload": s3.create_multipart_upload(Bucket="kept", Key=caller)["UploadId"],
        "event": events.put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}])["Entries"],
        "layer": lambda_.list_layers()["ResponseMetadata"]["RequestId"],
        "key": key,
        "bytes": kms.generate_random(NumberOfBytes=8)["Plaintext"],
        "item": dynamodb.list_tables()["ResponseMetadata"]["RequestId"],
        "access": world.client("sts", caller).assume_role(
            RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName=f"session-{caller}"
        )["Credentials"]["AccessKeyId"],
    }


def played(engine: MotoEngine, order: str) -> dict[str, Any]:
    engine.start()
    engine.reset()
    engine.seed([SeededBucket("kept", ())])
    world = World(engine)
    return {caller: made_by(world, caller) for caller in order}


def test_ids_do_not_depend_on_the_order_of_callers(engines):
    one, other, _ = engines
    first, second = played(one, "abc"), played(other, "cab")
    assert first == {caller: second[caller] for caller in "abc"}
    assert len({str(first[caller]["published"]) for caller in "abc"}) == 3


def test_ids_are_the_same_after_a_reset_and_others_in_another_world(engines):
    one, _, elsewhere = engines
    first, second, third = played(one, "a"), played(one, "a"), played(elsewhere, "a")
    assert first == second
    same = {name for name in first["a"] if first["a"][name] == third["a"][name]}
    assert same == set()


def test_the_key_that_signs_is_a_sound_one():
    signing_key().private_numbers().private_key()


def test_signatures_of_notifications_are_the_same(engines):
    seen = []
    for engine in engines[:2]:
        played(engine, "")
        clients = World(engine)
        sns, sqs = clients.client("sns"), clients.client("sqs")
        topic = sns.create_topic(Name="T")["TopicArn"]
        url = sqs.create_queue(QueueName="Q")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        sns.publish(TopicArn=topic, Message="m")
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        seen.append((message["MessageId"], message["ReceiptHandle"], "Signature" in message["Body"]))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 21])
def test_buckets_of_any_size_are_seeded_in_several_requests(engines, monkeypatch, count):
    monkeypatch.setattr(moto_engine, "SEEDED_AT_ONCE", 7)
    engine = engines[0]
    engine.start()
    engine.reset()
    objects: Callable[[str], list[SeededObject]] = lambda name: [  # noqa: E731
        SeededObject(f"{name}-{number:03}", number, None) for number in range(count)
    ]
    engine.seed([SeededBucket(name, objects(name)) for name in ("first", "second", "third")])
    s3 = Clients(engine.start()).s3
    for name in ("first", "second", "third"):
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=name).get("Contents", [])]
        assert keys == [each.key for each in objects(name)]
