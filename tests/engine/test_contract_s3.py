"""Buckets and keys, as every engine must list them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.buckets import SeededBucket, SeededObject
from harness.engine.base import Capability
from harness.seed import seed, seed_over_api

ODD_KEYS = (
    " leading and  double spaces",
    "%20/%2F+.txt",
    "?version=1#fragment",
    "UPPER/Case.JPG",
    "folder/",
    "quote'\"&<>.xml",
    "schön/日本語.txt",
    "tar.tar.gz",
    "\U0001f4f7.jpg",
)


@pytest.fixture(scope="module")
def full(lab: Lab) -> str:
    seed(
        lab.engine,
        lab.clients,
        [SeededBucket("full", [SeededObject(f"k{n:04}", 3, b"abc") for n in range(1001)])],
    )
    return "full"


def test_a_page_has_a_thousand_keys_and_a_token_for_the_next(lab: Lab, full: str) -> None:
    first = lab.clients.s3.list_objects_v2(Bucket=full)
    assert (first["KeyCount"], first["MaxKeys"], first["IsTruncated"]) == (1000, 1000, True)
    last = lab.clients.s3.list_objects_v2(Bucket=full, ContinuationToken=first["NextContinuationToken"])
    assert (last["KeyCount"], last["IsTruncated"]) == (1, False)
    assert "NextContinuationToken" not in last
    keys = [o["Key"] for page in (first, last) for o in page["Contents"]]
    assert keys == [f"k{n:04}" for n in range(1001)]


def test_the_paginator_goes_through_pages_of_any_size(lab: Lab) -> None:
    seed(lab.engine, lab.clients, [SeededBucket("some", [SeededObject(f"k{n}", n, None) for n in range(5)])])
    pages = lab.clients.s3.get_paginator("list_objects_v2").paginate(
        Bucket="some", PaginationConfig={"PageSize": 2}
    )
    assert [[o["Size"] for o in page["Contents"]] for page in pages] == [[0, 1], [2, 3], [4]]


def test_a_declared_size_is_listed_but_not_stored(lab: Lab) -> None:
    lab.needs(Capability.DECLARED_SIZES)
    s3, big = lab.clients.s3, 5 * 2**40
    seed(
        lab.engine,
        lab.clients,
        [
            SeededBucket(
                "big",
                [SeededObject("a", big, None), SeededObject("b", 5, b"hello"), SeededObject("ü c", 3, None)],
            )
        ],
    )
    listed = s3.list_objects_v2(Bucket="big")["Contents"]
    assert [(o["Key"], o["Size"]) for o in listed] == [("a", big), ("b", 5), ("ü c", 3)]
    assert len({o["ETag"] for o in listed}) == 3
    assert s3.head_object(Bucket="big", Key="a")["ContentLength"] == big
    assert s3.get_object(Bucket="big", Key="b")["Body"].read() == b"hello"
    assert s3.get_object(Bucket="big", Key="ü c")["Body"].read() == bytes(3)
    s3.put_object(Bucket="big", Key="a", Body=b"now with bytes")
    assert s3.get_object(Bucket="big", Key="a")["Body"].read() == b"now with bytes"
    for found in listed:
        s3.delete_object(Bucket="big", Key=found["Key"])
    s3.delete_bucket(Bucket="big")


def test_an_empty_bucket_has_no_contents(lab: Lab) -> None:
    lab.clients.s3.create_bucket(Bucket="attic")
    listed = lab.clients.s3.list_objects_v2(Bucket="attic")
    assert "Contents" not in listed
    assert (listed["KeyCount"], listed["IsTruncated"]) == (0, False)


def test_a_bucket_that_does_not_exist_is_an_error(lab: Lab) -> None:
    with pytest.raises(ClientError) as caught:
        lab.clients.s3.list_objects_v2(Bucket="nowhere")
    assert caught.value.response["Error"]["Code"] == "NoSuchBucket"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("how", [seed, lambda _, *rest: seed_over_api(*rest)], ids=["seeded", "uploaded"])
def test_keys_come_back_as_they_are_in_the_order_of_their_bytes(
    lab: Lab, how: object, request: pytest.FixtureRequest
) -> None:
    bucket = f"odd-{request.node.callspec.id.rsplit('-', 1)[-1]}"
    how(lab.engine, lab.clients, [SeededBucket(bucket, [SeededObject(k, 1, b"x") for k in ODD_KEYS])])  # type: ignore[operator]
    listed = lab.clients.s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [o["Key"] for o in listed] == sorted(ODD_KEYS, key=str.encode)


def test_a_key_may_have_1024_bytes(lab: Lab) -> None:
    keys = ["a" * 1020 + ".jpg", "é" * 510 + ".jpg"]
    seed(lab.engine, lab.clients, [SeededBucket("long", [SeededObject(k, 7, None) for k in keys])])
    listed = lab.clients.s3.list_objects_v2(Bucket="long")["Contents"]
    assert [(o["Key"], o["Size"]) for o in listed] == [(k, 7) for k in keys]


def test_buckets_are_listed_in_pages_when_a_page_size_is_given(lab: Lab) -> None:
    names = [f"paged-{n}" for n in range(5)]
    seed(lab.engine, lab.clients, [SeededBucket(name, []) for name in names])
    first = lab.clients.s3.list_buckets(MaxBuckets=2, Prefix="paged-")
    assert [b["Name"] for b in first["Buckets"]] == names[:2]
    second = lab.clients.s3.list_buckets(
        MaxBuckets=3, Prefix="paged-", ContinuationToken=first["ContinuationToken"]
    )
    assert [b["Name"] for b in second["Buckets"]] == names[2:]
    assert "ContinuationToken" not in second


def test_a_full_bucket_is_not_deleted(lab: Lab) -> None:
    seed(lab.engine, lab.clients, [SeededBucket("kept", [SeededObject("a", 1, b"x")])])
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        lab.clients.s3.delete_bucket(Bucket="kept")
