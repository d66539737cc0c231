"""AWS call faults apply to real requests to a real service, with botocore's own retries."""

from __future__ import annotations

import boto3
import pytest
from faults_support import CALLS, event, of_call, result_of

TOPIC = "arn:aws:sns:eu-west-1:123456789012:news"
MAKE_BUCKET = (
    "s3",
    "create_bucket",
    {"Bucket": "made", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}},
)
BUCKETS = ("s3", "list_buckets", {})


@pytest.fixture
def aws(aws_url):
    def client(service):
        return boto3.client(
            service,
            region_name="eu-west-1",
            endpoint_url=aws_url,
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )

    return client


@pytest.fixture
def buckets(aws):
    def names():
        return [bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]]

    return names


@pytest.fixture
def caller(make_function, aws_url):
    return make_function(CALLS, endpoint_url=aws_url)


def test_an_error_comes_from_the_wire_and_is_retried(either_runtime, invoke, caller, buckets):
    either_runtime.faults.set((of_call("error", "s3:CreateBucket", error="SlowDown", last=2, id=7),))
    invocation = invoke(caller, event(MAKE_BUCKET))
    (call,) = invocation.calls
    assert result_of(invocation) == [{"Location": "/made"}]
    assert (call.status, call.error, call.attempts, call.injected) == (200, None, 3, False)
    assert call.faults == (7,)
    assert either_runtime.faults.fired() == {7: 2}
    assert buckets() == ["made"]


def test_cut_before_the_request_takes_effect(either_runtime, invoke, caller, buckets):
    either_runtime.faults.set((of_call("cut", "s3:CreateBucket", cut="before"),))
    invocation = invoke(caller, event(MAKE_BUCKET))
    (call,) = invocation.calls
    assert result_of(invocation) == [["ConnectionClosedError", None]]
    assert (call.status, call.error, call.attempts, call.injected) == (
        None,
        "ConnectionClosedError",
        3,
        True,
    )
    assert buckets() == []


def test_cut_after_the_request_took_effect(either_runtime, invoke, caller, buckets):
    either_runtime.faults.set((of_call("cut", "s3:CreateBucket", cut="after", last=1),))
    invocation = invoke(caller, event(MAKE_BUCKET))
    (call,) = invocation.calls
    assert result_of(invocation) == [["BucketAlreadyOwnedByYou", "BucketAlreadyOwnedByYou"]]
    assert (call.status, call.attempts, call.injected, call.faults) == (409, 2, False, (0,))
    assert buckets() == ["made"]


def test_a_delay_passes_on_the_functions_clock(either_runtime, invoke, caller, buckets):
    either_runtime.faults.set((of_call("delay", "s3:CreateBucket", delay=0.5),))
    invocation = invoke(caller, event(MAKE_BUCKET))
    assert result_of(invocation) == [{"Location": "/made"}]
    assert invocation.calls[0].faults == (0,)
    assert 0.5 <= invocation.duration_s < 10
    assert buckets() == ["made"]


def test_a_delay_that_the_client_does_not_wait_for(either_runtime, invoke, caller, buckets):
    either_runtime.faults.set((of_call("delay", "s3:CreateBucket", delay=40),))
    invocation = invoke(caller, event(MAKE_BUCKET, attempts=1, read_timeout=0.5))
    assert result_of(invocation) == [["ReadTimeoutError", None]]
    assert (invocation.calls[0].error, invocation.calls[0].injected) == ("ReadTimeoutError", False)
    assert 0.5 <= invocation.duration_s < 10
    assert buckets() == ["made"]


def test_two_faults_of_one_call_both_happen(either_runtime, invoke, caller):
    either_runtime.faults.set(
        (
            of_call("delay", "s3:ListBuckets", delay=0.2, id=1),
            of_call("error", "s3:ListBuckets", error="AccessDenied", id=2),
            of_call("error", "s3:ListBuckets", error="SlowDown", id=3),
        )
    )
    invocation = invoke(caller, event(BUCKETS))
    assert result_of(invocation) == [["AccessDenied", "AccessDenied"]]
    assert invocation.duration_s >= 0.2
    assert invocation.calls[0].faults == (1, 2)
    assert either_runtime.faults.fired() == {1: 1, 2: 1, 3: 0}


def _page(**params):
    return ("s3", "list_objects_v2", {"Bucket": "made", **params})


def test_a_short_page_has_the_services_own_token(either_runtime, invoke, caller, aws):
    s3 = aws("s3")
    s3.create_bucket(**MAKE_BUCKET[2])
    for key in "abc":
        s3.put_object(Bucket="made", Key=key)
    either_runtime.faults.set((of_call("partial", "s3:ListObjectsV2", last=1),))
    first, whole = result_of(invoke(caller, event(_page(), _page())))
    assert ([o["Key"] for o in first["Contents"]], first["IsTruncated"]) == (["a"], True)
    (rest,) = result_of(
        invoke(caller, event(_page(ContinuationToken=first["NextContinuationToken"]), attempts=1, lane=2))
    )
    assert [o["Key"] for o in whole["Contents"]] == ["a", "b", "c"]
    assert [o["Key"] for o in rest["Contents"]] == ["b"]


@pytest.fixture
def table(aws):
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="numbers",
        KeySchema=[{"AttributeName": "n", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "n", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def numbers():
        return sorted(int(item["n"]["N"]) for item in dynamodb.scan(TableName="numbers")["Items"])

    return numbers


def _put(n):
    return {"PutRequest": {"Item": {"n": {"N": str(n)}}}}


def test_a_part_of_a_batch_is_left_over(either_runtime, invoke, caller, table):
    either_runtime.faults.set((of_call("partial", "dynamodb:BatchWriteItem"),))
    puts = {"numbers": [_put(n) for n in range(5)]}
    (answer,) = result_of(invoke(caller, event(("dynamodb", "batch_write_item", {"RequestItems": puts}))))
    assert answer["UnprocessedItems"] == {"numbers": [_put(n) for n in (2, 3, 4)]}
    assert table() == [0, 1]
    keys = {"numbers": {"Keys": [{"n": {"N": str(n)}} for n in range(2)], "ConsistentRead": True}}
    either_runtime.faults.set((of_call("partial", "dynamodb:BatchGetItem"),))
    (answer,) = result_of(invoke(caller, event(("dynamodb", "batch_get_item", {"RequestItems": keys}))))
    assert answer["Responses"] == {"numbers": [{"n": {"N": "0"}}]}
    assert answer["UnprocessedKeys"] == {"numbers": {"Keys": [{"n": {"N": "1"}}], "ConsistentRead": True}}


def test_a_batch_of_one_is_not_counted(either_runtime, invoke, caller, table):
    either_runtime.faults.set((of_call("partial", "dynamodb:BatchWriteItem", last=1),))
    one, two = ({"numbers": [_put(n) for n in numbers]} for numbers in ((0,), (1, 2)))
    calls = [("dynamodb", "batch_write_item", {"RequestItems": items}) for items in (one, two)]
    first, second = result_of(invoke(caller, event(*calls)))
    assert not first["UnprocessedItems"]
    assert second["UnprocessedItems"] == {"numbers": [_put(2)]}
    assert either_runtime.faults.fired() == {0: 1}


def test_what_is_left_over_comes_back_in_the_form_of_a_resource(
    either_runtime, invoke, make_function, aws_url, table
):
    config = make_function(
        """
        import boto3
        def handler(event, context):
            table = boto3.resource("dynamodb").Table("numbers")
            with table.batch_writer() as batch:
                for n in range(6): batch.put_item({"n": n})
            items = [{"PutRequest": {"Item": {"n": n}}} for n in (6, 7)]
            left = table.meta.client.batch_write_item(RequestItems={"numbers": items})["UnprocessedItems"]
            return [request["PutRequest"]["Item"]["n"] for request in left["numbers"]]
        """,
        endpoint_url=aws_url,
    )
    either_runtime.faults.set((of_call("partial", "dynamodb:BatchWriteItem"),))
    assert result_of(invoke(config, b"{}")) == [7]
    assert table() == [0, 1, 2, 3, 4, 5, 6]


def test_a_stale_answer(either_runtime, invoke, caller, aws):
    aws("s3").create_bucket(**MAKE_BUCKET[2])
    gone = {"Name": "gone", "CreationDate": "2026-11-01T00:00:00Z"}
    members = {"Buckets": [gone], "Owner": {"DisplayName": "you"}, "Prefix": "x"}
    either_runtime.faults.set((of_call("stale", "s3:ListBuckets", stale=members, first=2),))
    fresh, stale = result_of(invoke(caller, event(BUCKETS, BUCKETS)))
    assert [bucket["Name"] for bucket in fresh["Buckets"]] == ["made"]
    assert [bucket["Name"] for bucket in stale["Buckets"]] == ["made", "gone"]
    assert stale["Buckets"][1]["CreationDate"] == "2026-11-01 00:00:00+00:00"
    assert stale["Owner"] == {**fresh["Owner"], "DisplayName": "you"}
    assert stale["Prefix"] == "x"


def test_a_stale_answer_may_lack_a_member_and_an_error_stays_one(either_runtime, invoke, caller, aws):
    aws("sns").create_topic(Name="news")
    found = ("sns", "get_topic_attributes", {"TopicArn": TOPIC})
    missed = ("sns", "get_topic_attributes", {"TopicArn": f"{TOPIC}-2"})
    members = {"Attributes": {"DisplayName": None, "Owner": "me"}}
    either_runtime.faults.set((of_call("stale", "sns:GetTopicAttributes", stale=members),))
    stale, refused = result_of(invoke(caller, event(found, missed)))
    assert stale["Attributes"]["Owner"] == "me"
    assert stale["Attributes"]["TopicArn"] == TOPIC
    assert "DisplayName" not in stale["Attributes"]
    assert refused == ["NotFoundException", "NotFound"]
    assert either_runtime.faults.fired() == {0: 1}


def test_a_bucket_is_a_parameter_or_what_the_invocation_is_about(either_runtime, invoke, caller):
    faults = (
        of_call("error", "s3:HeadBucket", error="AccessDenied", bucket="one", id=1),
        of_call("error", "s3:ListBuckets", error="AccessDenied", bucket="two", id=2),
    )
    heads = [("s3", "head_bucket", {"Bucket": name}) for name in ("one", "two")]
    either_runtime.faults.set(faults)
    invocation = invoke(caller, event(*heads, BUCKETS, attempts=1, bucket="two"))
    assert [call.faults for call in invocation.calls] == [(1,), (), (2,)]


def test_the_size_of_a_request_is_recorded(invoke, caller, aws):
    aws("sns").create_topic(Name="news")
    invocation = invoke(
        caller,
        event(("sns", "publish", {"TopicArn": TOPIC, "Message": "x" * 500}), ("s3", "list_buckets", {})),
    )
    publish, listing = invocation.calls
    assert 500 < publish.request_bytes < 700
    assert listing.request_bytes == 0
