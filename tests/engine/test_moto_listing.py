"""S3 listings: their pages, their members, and rejected requests."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from refusals import Refusal, refusal_of, unchecked

from harness.engine.clients import Clients

LISTS = ("list_objects", "list_objects_v2", "list_object_versions")
KEYS = ("a/x/1", "a/x/2", "a/y", "b", "c\n", "d\x01", "e é", "ﬀ", "\U0001f4f7")


@pytest.fixture
def s3(harness_clients: Clients) -> Any:
    client = unchecked(harness_clients, "s3")
    client.create_bucket(Bucket="photos")
    for key in KEYS:
        client.put_object(Bucket="photos", Key=key, Body=b"x")
    return client


def said(answer: dict[str, Any], *names: str) -> list[Any]:
    return [answer.get(name) for name in names]


def listed(answer: dict[str, Any]) -> list[str]:
    found = answer.get("Contents") or answer.get("Versions") or []
    return [*(each["Key"] for each in found), *(each["Prefix"] for each in answer.get("CommonPrefixes", ()))]


@pytest.mark.parametrize("operation", LISTS)
def test_keys_are_listed_in_the_order_of_their_bytes(s3: Any, operation: str) -> None:
    answer = getattr(s3, operation)(Bucket="photos")
    assert listed(answer) == sorted(KEYS, key=str.encode)
    assert said(answer, "MaxKeys", "IsTruncated", "Prefix", "EncodingType", "Delimiter") == [
        1000,
        False,
        "",
        "url",
        None,
    ]


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"MaxKeys": 0}, []),
        ({"MaxKeys": ""}, list(KEYS)),
        ({"Prefix": "a/"}, ["a/x/1", "a/x/2", "a/y"]),
        ({"Delimiter": "/", "MaxKeys": 2}, ["b", "a/"]),
        ({"Delimiter": "/", "Prefix": "a/"}, ["a/y", "a/x/"]),
        ({"Delimiter": "x/", "Prefix": "a"}, ["a/y", "a/x/"]),
        ({"Delimiter": ""}, list(KEYS)),
    ],
)
def test_what_a_page_has(s3: Any, operation: str, asked: dict[str, Any], found: list[str]) -> None:
    assert listed(getattr(s3, operation)(Bucket="photos", **asked)) == found


NUMBER = "Provided max-keys not an integer or within integer range"
ENCODING = "Invalid Encoding Method specified in Request"


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"MaxKeys": "many"}, NUMBER),
        ({"MaxKeys": 2**31}, NUMBER),
        ({"MaxKeys": -1}, "Argument maxKeys must be an integer between 0 and 2147483647"),
        ({"EncodingType": "xml"}, ENCODING),
        ({"EncodingType": ""}, ENCODING),
    ],
)
def test_what_is_refused_of_all_lists(s3: Any, operation: str, asked: dict[str, Any], message: str) -> None:
    refusal_of(s3, Refusal(operation, {"Bucket": "photos", **asked}, "InvalidArgument", message), {})


TOKEN = "The continuation token provided is incorrect"
CASES = [
    Refusal("list_objects_v2", {"Bucket": "photos", "ContinuationToken": ""}, "InvalidArgument", TOKEN),
    Refusal("list_objects_v2", {"Bucket": "photos", "ContinuationToken": "Yg=="}, "InvalidArgument", TOKEN),
    Refusal("list_buckets", {"ContinuationToken": "nonsense"}, "InvalidArgument", TOKEN),
    Refusal(
        "list_object_versions",
        {"Bucket": "photos", "VersionIdMarker": "v"},
        "InvalidArgument",
        "A version-id marker cannot be specified without a key marker.",
    ),
    Refusal(
        "list_buckets",
        {"BucketRegion": "eu-east-1"},
        "InvalidArgument",
        "Argument value eu-east-1 is not a valid AWS Region",
    ),
    Refusal(
        "list_multipart_uploads",
        {"Bucket": "photos", "KeyMarker": "b", "UploadIdMarker": "none"},
        "InvalidArgument",
        "Invalid uploadId marker",
    ),
    Refusal(
        "list_multipart_uploads", {"Bucket": "photos", "EncodingType": "xml"}, "InvalidArgument", ENCODING
    ),
    Refusal("list_objects", {"Bucket": "none"}, "NoSuchBucket", "The specified bucket does not exist"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.operation}-{case.message[:20]}")
def test_what_is_refused(s3: Any, case: Refusal) -> None:
    refusal_of(s3, case, {})


def test_the_first_list_names_the_next_marker_where_it_groups(s3: Any) -> None:
    assert "NextMarker" not in s3.list_objects(Bucket="photos", MaxKeys=1)
    first = s3.list_objects(Bucket="photos", MaxKeys=1, Delimiter="/")
    assert said(first, "NextMarker", "Marker", "IsTruncated") == ["a/", "", True]
    second = s3.list_objects(Bucket="photos", MaxKeys=1, Delimiter="/", Marker="a/")
    assert said(second, "NextMarker", "Marker") == ["b", "a/"]
    assert listed(second) == ["b"]
    within = s3.list_objects(Bucket="photos", MaxKeys=1, Delimiter="/", Marker="a/x/1")
    assert listed(within) == ["b"], "a marker within a group passes over all of it"


def test_tokens_lead_through_keys_and_prefixes(s3: Any) -> None:
    pages: list[list[str]] = []
    more: dict[str, str] = {}
    while True:
        answer = s3.list_objects_v2(Bucket="photos", MaxKeys=2, Delimiter="/", **more)
        pages.append(listed(answer))
        assert answer["KeyCount"] == len(pages[-1])
        if not answer["IsTruncated"]:
            break
        more = {"ContinuationToken": answer["NextContinuationToken"], "StartAfter": "z"}
    assert "NextContinuationToken" not in answer
    assert "StartAfter" not in answer, "a token has the last word"
    assert sorted(key for page in pages for key in page) == sorted(["a/", *KEYS[3:]])
    after = s3.list_objects_v2(Bucket="photos", StartAfter="e é")
    assert (listed(after), after["StartAfter"]) == (["ﬀ", "\U0001f4f7"], "e é")


def test_what_is_told_of_an_object(s3: Any) -> None:
    owner = {"ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"}
    told = {
        "ETag": '"9dd4e461268c8034f5c8564e155c67a6"',
        "ChecksumAlgorithm": ["CRC32"],
        "ChecksumType": "FULL_OBJECT",
        "Size": 1,
        "StorageClass": "STANDARD",
    }

    def first(answer: dict[str, Any], member: str = "Contents") -> dict[str, Any]:
        return {key: value for key, value in answer[member][0].items() if key not in ("Key", "LastModified")}

    assert first(s3.list_objects_v2(Bucket="photos")) == told
    assert first(s3.list_objects_v2(Bucket="photos", FetchOwner=False)) == told
    assert first(s3.list_objects_v2(Bucket="photos", FetchOwner=True)) == told | {"Owner": owner}
    assert first(s3.list_objects(Bucket="photos")) == told | {"Owner": owner}
    version = {"Owner": owner, "VersionId": "null", "IsLatest": True}
    assert first(s3.list_object_versions(Bucket="photos"), "Versions") == told | version


def test_keys_are_quoted_when_that_is_asked_for(s3: Any) -> None:
    plain = s3.list_objects_v2(Bucket="photos", Prefix="e", EncodingType="url")
    assert [each["Key"] for each in plain["Contents"]] == ["e+%C3%A9"]
    folded = s3.list_objects(Bucket="photos", Delimiter="%2F", EncodingType="url")
    assert folded["Delimiter"] == "%252F"


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("prefix", ["\n", "a b", "é", "a&b"])
def test_a_prefix_comes_back_as_it_was_given(s3: Any, operation: str, prefix: str) -> None:
    assert getattr(s3, operation)(Bucket="photos", Prefix=prefix)["Prefix"] == prefix


def test_versions_go_from_the_newest_to_the_oldest_over_pages(s3: Any) -> None:
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket="kept", Key="k", Body=b"x")["VersionId"] for _ in range(4)]
    marker = s3.delete_object(Bucket="kept", Key="k")["VersionId"]
    whole = s3.list_object_versions(Bucket="kept")
    assert [each["VersionId"] for each in whole["Versions"]] == ids[::-1]
    assert [(each["VersionId"], each["IsLatest"]) for each in whole["DeleteMarkers"]] == [(marker, True)]
    first = s3.list_object_versions(Bucket="kept", MaxKeys=2)
    assert said(first, "NextKeyMarker", "NextVersionIdMarker", "IsTruncated") == ["k", ids[3], True]
    s3.delete_object(Bucket="kept", Key="k", VersionId=ids[3])
    rest = s3.list_object_versions(Bucket="kept", KeyMarker="k", VersionIdMarker=ids[3])
    assert [each["VersionId"] for each in rest["Versions"]] == ids[2::-1], "the marker has gone meanwhile"
    assert said(rest, "KeyMarker", "VersionIdMarker") == ["k", ids[3]]
    assert "Versions" not in s3.list_object_versions(Bucket="kept", KeyMarker="k")


def test_buckets_tell_their_region_to_who_asks_with_parameters(s3: Any) -> None:
    west = {"LocationConstraint": "us-west-2"}
    s3.create_bucket(Bucket="photos-west", CreateBucketConfiguration=west)
    plain = s3.list_buckets()
    assert [each["BucketArn"] for each in plain["Buckets"]] == [
        "arn:aws:s3:::photos",
        "arn:aws:s3:::photos-west",
    ]
    assert not any("BucketRegion" in each for each in plain["Buckets"])
    assert "DisplayName" not in plain["Owner"]
    found = s3.list_buckets(BucketRegion="us-west-2", Prefix="photos")
    assert [(each["Name"], each["BucketRegion"]) for each in found["Buckets"]] == [
        ("photos-west", "us-west-2")
    ]
    assert found["Prefix"] == "photos"
    assert s3.list_buckets(Prefix="PHOTOS")["Buckets"] == []
    first = s3.list_buckets(MaxBuckets=1, ContinuationToken="")
    assert (
        s3.list_buckets(ContinuationToken=first["ContinuationToken"])["Buckets"][0]["Name"] == "photos-west"
    )


def test_uploads_go_by_key_and_then_by_the_moment_they_began(s3: Any) -> None:
    begun = [s3.create_multipart_upload(Bucket="photos", Key=key)["UploadId"] for key in ("b", "a", "a")]
    whole = s3.list_multipart_uploads(Bucket="photos")
    assert [each["UploadId"] for each in whole["Uploads"]] == [begun[1], begun[2], begun[0]]
    assert said(whole, "NextKeyMarker", "NextUploadIdMarker") == ["b", begun[0]]
    first = s3.list_multipart_uploads(Bucket="photos", MaxUploads=1)
    more = {"KeyMarker": first["NextKeyMarker"], "UploadIdMarker": first["NextUploadIdMarker"]}
    second = s3.list_multipart_uploads(Bucket="photos", MaxUploads=1, **more)
    assert [each["UploadId"] for each in second["Uploads"]] == [begun[2]]
    s3.upload_part(Bucket="photos", Key="b", UploadId=begun[0], PartNumber=1, Body=b"x")
    upload = {"Bucket": "photos", "Key": "b", "UploadId": begun[0]}
    parts = s3.list_parts(**upload, PartNumberMarker="", MaxParts="")
    assert said(parts, "PartNumberMarker", "NextPartNumberMarker", "MaxParts") == [0, 1, 1000]
    refused = Refusal(
        "list_parts", {**upload, "MaxParts": "x"}, "InvalidArgument", NUMBER.replace("keys", "parts")
    )
    refusal_of(s3, refused, {})


def test_an_object_tells_its_encryption_and_the_kind_of_its_checksum(s3: Any) -> None:
    put = s3.put_object(Bucket="photos", Key="k", Body=b"abc")
    head = s3.head_object(Bucket="photos", Key="k", ChecksumMode="ENABLED")
    got = s3.get_object(Bucket="photos", Key="k")
    for answer in (put, head, got):
        assert said(answer, "ServerSideEncryption", "ChecksumType") == ["AES256", "FULL_OBJECT"]
        assert answer["ChecksumCRC32"] == "NSRBwg=="


@pytest.mark.parametrize("key", ["d\x01", ""])
def test_a_key_that_no_xml_can_name_is_not_deleted_with_others(s3: Any, key: str) -> None:
    with pytest.raises(ClientError, match="MalformedXML") as refused:
        s3.delete_objects(Bucket="photos", Delete={"Objects": [{"Key": "b"}, {"Key": key}]})
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert set(KEYS) <= set(listed(s3.list_objects_v2(Bucket="photos")))
