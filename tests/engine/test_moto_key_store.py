"""Seeded patterns are listed like S3 would list the objects, even after other puts and deletes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from contract import Lab
from moto.s3.models import FakeBucket, FakeDeleteMarker, s3_backends

from harness.buckets import SeededBucket, SeededObject
from harness.engine.moto.key_store import KeyStore
from harness.engine.moto.seeded_objects import SeededObjects
from harness.numbered import Pattern

DECLARED = [
    SeededObject("raw/{n}.nef", 5, None, 1050),
    SeededObject("raw/{n:02}/{n}.jpg", 6, None, 120),
    SeededObject("raw/{n}", 7, b"content", 12),  # between the others' keys
    SeededObject("{n}é\U0001f4f7", 8, None, 30),
    SeededObject("raw/5.nef.txt", 9, None),
    SeededObject("\ue000", 1, b"x"),
]
LARGE = 10_000_000


@dataclass
class Model:
    """A bucket that stores its objects individually, and S3's listing rules."""

    sizes: dict[str, int] = field(default_factory=dict)

    def pages(self, most: int, prefix: str = "", delimiter: str = "", after: str = "") -> list[list[str]]:
        """Keys and common prefixes, page by page."""
        entries: dict[str, None] = {}
        for key in sorted(self.sizes, key=str.encode):
            if key > after and key.startswith(prefix):
                rest = key[len(prefix) :]
                grouped = bool(delimiter) and delimiter in rest
                entry = prefix + rest[: rest.index(delimiter)] + delimiter if grouped else key
                if entry > after:
                    entries[entry] = None
        listed = list(entries)
        return [listed[n : n + most] for n in range(0, len(listed), most)] or [[]]


@pytest.fixture
def s3(lab: Lab) -> Any:
    return lab.clients.s3


def seeded(lab: Lab, name: str) -> Model:
    lab.engine.seed([SeededBucket(name, DECLARED)])
    return Model({key: each.size_bytes for each in DECLARED for key in each.keys})


def pages(s3: Any, bucket: str, most: int, **asked: str) -> list[list[str]]:
    found, token = [], {}
    while True:
        answer = s3.list_objects_v2(Bucket=bucket, MaxKeys=most, **asked, **token)
        keys = [each["Key"] for each in answer.get("Contents", ())]
        found.append(sorted([*keys, *(each["Prefix"] for each in answer.get("CommonPrefixes", ()))]))
        if not answer["IsTruncated"]:
            return found
        token = {"ContinuationToken": answer["NextContinuationToken"]}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"Prefix": "raw/1"},
        {"Prefix": "raw/", "Delimiter": "/"},
        {"Delimiter": "/"},
        {"Prefix": "raw/", "Delimiter": "."},
        {"Delimiter": "é"},
        {"StartAfter": "raw/5"},
        {"Prefix": "raw/10", "StartAfter": "raw/1000.nef"},
        {"Prefix": "raw/", "Delimiter": "/", "StartAfter": "raw/07/"},
        {"Prefix": "none"},
    ],
)
@pytest.mark.parametrize("most", [7, 1000])
def test_pages_are_those_of_the_objects(lab: Lab, s3: Any, asked: dict[str, str], most: int) -> None:
    name = f"pages-{random.getrandbits(40)}"
    model = seeded(lab, name)
    model_asked = (asked.get("Prefix", ""), asked.get("Delimiter", ""), asked.get("StartAfter", ""))
    assert pages(s3, name, most, **asked) == model.pages(most, *model_asked)


def test_what_is_put_and_deleted_is_listed_in_its_place(lab: Lab, s3: Any) -> None:
    model, chosen = seeded(lab, "changed"), random.Random(5)
    every = sorted(model.sizes)
    for turn in range(150):
        key = chosen.choice(every)
        if turn % 3:
            s3.delete_object(Bucket="changed", Key=key)
            model.sizes.pop(key, None)
        else:
            s3.put_object(Bucket="changed", Key=key, Body=b"new")
            model.sizes[key] = 3
    for key in every[:200]:  # in listing order, like a client that empties a bucket
        s3.delete_object(Bucket="changed", Key=key)
        model.sizes.pop(key, None)
    assert pages(s3, "changed", 100) == model.pages(100)
    first = s3.list_objects_v2(Bucket="changed")["Contents"]
    sizes = sorted(model.sizes.items())[:1000]
    assert [(each["Key"], each["Size"]) for each in first] == sizes


def test_a_bucket_can_be_emptied_and_deleted(lab: Lab, s3: Any) -> None:
    lab.engine.seed([SeededBucket("emptied", [SeededObject("{n}", 1, None, 2500)])])
    while found := s3.list_objects_v2(Bucket="emptied").get("Contents"):
        s3.delete_objects(Bucket="emptied", Delete={"Objects": [{"Key": each["Key"]} for each in found]})
    s3.delete_bucket(Bucket="emptied")
    assert "emptied" not in [each["Name"] for each in s3.list_buckets()["Buckets"]]


def test_versions_of_a_seeded_object_are_those_of_any_other(lab: Lab, s3: Any) -> None:
    lab.engine.seed([SeededBucket("versions", [SeededObject("{n}", 2, None, 3)])])
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    put = s3.put_object(Bucket="versions", Key="2", Body=b"new")
    s3.delete_object(Bucket="versions", Key="3")
    answer = s3.list_object_versions(Bucket="versions")
    found = [(each["Key"], each["VersionId"], each["IsLatest"]) for each in answer["Versions"]]
    assert found == [
        ("1", "null", True),
        ("2", put["VersionId"], True),
        ("2", "null", False),
        ("3", "null", False),
    ]
    assert [each["Key"] for each in answer["DeleteMarkers"]] == ["3"]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="versions")["Contents"]] == ["1", "2"]
    assert s3.get_object(Bucket="versions", Key="2", VersionId="null")["Body"].read() == bytes(2)


@pytest.mark.parametrize("count", [None, 3])
def test_a_version_that_is_changed_keeps_its_place(
    monkeypatch: pytest.MonkeyPatch, count: int | None
) -> None:
    monkeypatch.setattr(s3_backends, "bucket_accounts", {})  # a bucket writes its name to it
    store, bucket = KeyStore(), FakeBucket("photos", "123456789012", "us-east-1")
    store.seed(SeededObjects(SeededObject("{n}" if count else "2", 5, None, count), bucket))
    seeded = store["2"]
    store["2"] = newer = FakeDeleteMarker(seeded)
    seeded.set_acl(None)
    assert store.getlist("2") == [seeded, newer]
    assert len(store) == (count or 1)


def test_what_is_changed_of_a_seeded_object_stays(lab: Lab, s3: Any) -> None:
    lab.engine.seed([SeededBucket("kept", [SeededObject("{n}", 2, None, 3)])])
    before = s3.head_object(Bucket="kept", Key="2")
    s3.put_object_tagging(Bucket="kept", Key="1", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_object_acl(Bucket="kept", Key="2", ACL="public-read")
    s3.copy_object(Bucket="kept", Key="3", CopySource="kept/3", StorageClass="GLACIER")
    assert s3.get_object_tagging(Bucket="kept", Key="1")["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert len(s3.get_object_acl(Bucket="kept", Key="2")["Grants"]) == 2
    listed = s3.list_objects_v2(Bucket="kept")["Contents"]
    assert [each["StorageClass"] for each in listed] == ["STANDARD", "STANDARD", "GLACIER"]
    after = s3.head_object(Bucket="kept", Key="2")
    assert [before[name] for name in ("ETag", "ContentLength", "LastModified")] == [
        after[name] for name in ("ETag", "ContentLength", "LastModified")
    ]
    assert listed[1]["ETag"] == after["ETag"]


def test_millions_of_objects_take_neither_time_nor_memory(lab: Lab, s3: Any) -> None:
    lab.engine.seed([SeededBucket("large", [SeededObject("{n}.txt", 2, None, LARGE)])])
    answer = s3.list_objects_v2(Bucket="large", StartAfter="5000000.txt", MaxKeys=3)
    assert [each["Key"] for each in answer["Contents"]] == ["5000001.txt", "5000002.txt", "5000003.txt"]
    last = s3.list_objects_v2(Bucket="large", StartAfter="9999998.txt")
    assert [each["Key"] for each in last["Contents"]] == ["9999999.txt"]
    ten = s3.list_objects_v2(Bucket="large", MaxKeys=3)
    assert [each["Key"] for each in ten["Contents"]] == ["1.txt", "10.txt", "100.txt"]
    assert s3.head_object(Bucket="large", Key=f"{LARGE}.txt")["ContentLength"] == 2
    groups = s3.list_objects_v2(Bucket="large", Delimiter="0", MaxKeys=1000)
    assert len(groups["CommonPrefixes"]) + len(groups["Contents"]) == 1000
    assert lab.engine.seed([SeededBucket("larger", [SeededObject("{n}/{n:03}", 1, None, 10**12)])])
    assert Pattern("{n}/{n:03}", 10**12).at(10**12) in [
        each["Key"] for each in s3.list_objects_v2(Bucket="larger", StartAfter="1000000000000")["Contents"]
    ]
