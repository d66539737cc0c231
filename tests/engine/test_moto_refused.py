"""The embedded engine rejects requests that AWS rejects, as a whole, and accepts others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.buckets import SeededBucket, SeededObject
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    assert engine.bugs() == ()
    engine.stop()


@pytest.fixture
def clients(engine: MotoEngine) -> Clients:
    clients = Clients(engine.reset())
    for name, keys in {"first": ["pk"], "second": ["pk"], "pair": ["pk", "sk"]}.items():
        clients.dynamodb.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}  # type: ignore[typeddict-item]
                for key, kind in zip(keys, ["HASH", "RANGE"], strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    return clients


def put(**item: Any) -> dict[str, Any]:
    return {"PutRequest": {"Item": item}}


def delete(**key: Any) -> dict[str, Any]:
    return {"DeleteRequest": {"Key": key}}


def test_one_batch_writes_equal_items_into_two_tables(clients: Clients) -> None:
    clients.dynamodb.batch_write_item(RequestItems={t: [put(pk={"S": "x"})] for t in ("first", "second")})
    assert [clients.dynamodb.scan(TableName=t)["Count"] for t in ("first", "second")] == [1, 1]


X, Y = {"S": "x"}, {"S": "y"}
DUPLICATES = "Provided list of item keys contains duplicates"
SCHEMA = "The provided key element does not match the schema"


@pytest.mark.parametrize(
    ("table", "writes", "said"),
    [
        ("first", [put(pk=X), delete(pk=X)], DUPLICATES),
        ("first", [put(pk=X), put(pk=X, a=Y)], DUPLICATES),
        ("first", [delete(pk=X), delete(pk=X)], DUPLICATES),
        ("pair", [put(pk=X, sk=X), put(pk=X, sk=X, a=Y)], DUPLICATES),
        ("first", [put(pk=X), put(pk={"N": "1"})], SCHEMA),
        ("first", [put(pk=X), put(a=X)], SCHEMA),
        ("first", [put(pk=X), delete(pk={"N": "1"})], SCHEMA),
        ("first", [put(pk=X), delete(pk=Y, a=X)], SCHEMA),
        ("pair", [put(pk=X, sk=X), put(pk=X)], SCHEMA),
        ("first", [put(pk=X), put(pk=Y, a={"N": "ten"})], "cannot be converted to a numeric value"),
        ("first", [put(pk=X), put(pk=Y, a={"S": "a" * 410_000})], "Item size has exceeded"),
        ("first", [put(pk=X), put(pk={"S": ""})], "cannot contain an empty string value"),
    ],
)
def test_a_batch_that_is_refused_writes_nothing(
    clients: Clients, table: str, writes: list[Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said) as refused:
        clients.dynamodb.batch_write_item(RequestItems={"second": [put(pk=X)], table: writes})
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert [clients.dynamodb.scan(TableName=t)["Count"] for t in ("second", table)] == [0, 0]


def test_keys_that_only_look_alike_are_no_duplicates(clients: Clients) -> None:
    clients.dynamodb.batch_write_item(RequestItems={"pair": [put(pk=X, sk=X), put(pk=X, sk=Y)]})
    assert clients.dynamodb.scan(TableName="pair")["Count"] == 2


def test_a_key_of_another_type_finds_nothing_but_an_error(clients: Clients) -> None:
    db, key = clients.dynamodb, {"pk": {"N": "1"}}
    calls = [
        lambda: db.get_item(TableName="first", Key=key),
        lambda: db.delete_item(TableName="first", Key=key),
        lambda: db.update_item(TableName="first", Key=key, UpdateExpression="REMOVE a"),
        lambda: db.batch_get_item(RequestItems={"first": {"Keys": [key]}}),
    ]
    for call in calls:
        with pytest.raises(ClientError, match=SCHEMA):
            call()


@pytest.mark.parametrize(
    "condition", ["size = :v", "attribute_exists(pk) AND size > :v", "attribute_not_exists(size) OR pk = :v"]
)
def test_size_is_a_reserved_word(clients: Clients, condition: str) -> None:
    said = "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: size"
    with pytest.raises(ClientError, match=said):
        clients.dynamodb.put_item(
            TableName="first",
            Item={"pk": X},
            ConditionExpression=condition,
            ExpressionAttributeValues={":v": X},
        )


def test_size_is_a_function_and_a_name_with_a_placeholder(clients: Clients) -> None:
    clients.dynamodb.put_item(TableName="first", Item={"pk": X, "size": {"N": "3"}})
    clients.dynamodb.put_item(
        TableName="first",
        Item={"pk": X},
        ConditionExpression="size(pk) = :one AND #size = :three",
        ExpressionAttributeNames={"#size": "size"},
        ExpressionAttributeValues={":one": {"N": "1"}, ":three": {"N": "3"}},
    )


def test_half_of_a_surrogate_pair_is_refused(clients: Clients) -> None:
    with pytest.raises(ClientError, match="SerializationException"):
        clients.dynamodb.put_item(TableName="first", Item={"pk": X, "a": {"S": "\ud800"}})


@pytest.mark.parametrize("subject", ["😀 done", "café", " x", "", "a\nb", "a\tb", "\x7f", "a" * 101])
def test_subjects_that_sns_does_not_take(clients: Clients, subject: str) -> None:
    topic = clients.sns.create_topic(Name="topic")["TopicArn"]
    with pytest.raises(clients.sns.exceptions.InvalidParameterException):
        clients.sns.publish(TopicArn=topic, Message="m", Subject=subject)
    entries = [{"Id": "1", "Message": "m", "Subject": subject}, {"Id": "2", "Message": "m"}]
    if len(subject) <= 100:
        answer = clients.sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)  # type: ignore[arg-type]
        assert [f["Code"] for f in answer["Failed"]] == ["InvalidParameter"]


def test_subjects_that_sns_takes(clients: Clients) -> None:
    topic = clients.sns.create_topic(Name="topic")["TopicArn"]
    for subject in ("x", "(1) done: 100 % ", "a" * 99):
        clients.sns.publish(TopicArn=topic, Message="m", Subject=subject)


def test_sqs_replaces_characters_that_it_does_not_have(clients: Clients) -> None:
    url = clients.sqs.create_queue(QueueName="queue")["QueueUrl"]
    clients.sqs.send_message(QueueUrl=url, MessageBody="a\x01\ud800b")
    (message,) = clients.sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "a\ufffd\ufffdb"


def test_at_most_1000_objects_are_deleted_at_once(clients: Clients) -> None:
    clients.s3.create_bucket(Bucket="photos")
    objects = [{"Key": f"<Key>{n}"} for n in range(1000)]
    assert len(clients.s3.delete_objects(Bucket="photos", Delete={"Objects": objects})["Deleted"]) == 1000  # type: ignore[typeddict-item]
    with pytest.raises(ClientError, match="MalformedXML"):
        clients.s3.delete_objects(Bucket="photos", Delete={"Objects": [*objects, {"Key": "x"}]})  # type: ignore[typeddict-item]


@pytest.mark.parametrize("key", ["a\nb", "\n", "a\n", "a\r\nb", "x/\ny", "\x01", "a%0Ab", "a+b &c"])
def test_keys_have_any_characters(clients: Clients, key: str) -> None:
    s3 = clients.s3
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key=key, Body=b"1")
    assert s3.get_object(Bucket="photos", Key=key)["Body"].read() == b"1"
    listed = [
        s3.list_objects_v2(Bucket="photos")["Contents"],
        s3.list_objects(Bucket="photos")["Contents"],
        s3.list_object_versions(Bucket="photos")["Versions"],
    ]
    assert [[each["Key"] for each in objects] for objects in listed] == [[key]] * 3
    s3.delete_object(Bucket="photos", Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket="photos")


@pytest.mark.parametrize("more", [{}, {"Delimiter": "/"}])
@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects", "list_object_versions"])
def test_a_page_has_at_most_1000_keys(
    engine: MotoEngine, clients: Clients, operation: str, more: dict[str, str]
) -> None:
    engine.seed([SeededBucket("photos", [SeededObject(f"x{n}", 1, None) for n in range(1500)])])
    page = getattr(clients.s3, operation)(Bucket="photos", MaxKeys=5000, **more)
    found = page["Versions" if "versions" in operation else "Contents"]
    assert [len(found), page["IsTruncated"], page["MaxKeys"]] == [1000, True, 1000]


def test_a_secret_s_name_has_the_characters_that_aws_allows(clients: Clients) -> None:
    secrets: Any = clients.client("secretsmanager")
    secrets.create_secret(Name="app/prod_db+a=b.c@d!-1", SecretString="x")
    for name in ("two words", "a#b", "über"):
        with pytest.raises(ClientError, match=r"ValidationException.*Invalid name\. Must be a valid name"):
            secrets.create_secret(Name=name, SecretString="x")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [("describe_cases", {"caseIdList": ["case-1"]}), ("resolve_case", {"caseId": "case-1"})],
)
def test_what_a_request_names_and_is_not_there_is_said(
    clients: Clients, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(clients.client("support"), operation)(**parameters)

    error = raised.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("CaseIdNotFound", 400)
    assert "case-1" in str(raised.value)
