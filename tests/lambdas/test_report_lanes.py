"""Every object counts once, regardless of keys, splits, stops and retries."""

from __future__ import annotations

import random
import threading
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from random_keys import kinds

from usage_report import lanes as lanes_module
from usage_report import ranges
from usage_report.aggregate import Aggregate, Counts
from usage_report.lanes import NOTHING, Lanes, Listed
from usage_report.ranges import Range, Splitter

PAGE = 10


def error(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "ListObjectsV2"
    )  # type: ignore[typeddict-item]


class Bucket:
    """An S3 client with one bucket containing these keys. `fails` may raise before a response."""

    def __init__(self, keys: list[str], fails: Callable[[int], None] = lambda _call: None) -> None:
        self.keys = sorted(keys)
        self.calls = 0
        self.busy = self.most_busy = 0
        self._fails = fails
        self._lock = threading.Lock()

    def list_objects_v2(self, **asked: str) -> dict[str, Any]:
        assert asked.pop("Bucket") == "photos"
        with self._lock:
            self.calls += 1
            call = self.calls
        self._fails(call)
        token, after = asked.get("ContinuationToken"), asked.get("StartAfter")
        begin = int(token) if token else bisect_right(self.keys, after) if after else 0
        found = self.keys[begin : begin + PAGE]
        more = begin + PAGE < len(self.keys)
        page: dict[str, Any] = {"IsTruncated": more}
        if found:
            page["Contents"] = [{"Key": key, "Size": len(key)} for key in found]
        if more:
            page["NextContinuationToken"] = str(begin + PAGE)
        return page


def listing(bucket: Bucket, most: int = 4, is_late: Callable[[], bool] = lambda: False) -> Lanes:
    return Lanes(cast(Any, bucket), "photos", most, is_late)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "PAGE", PAGE)
    monkeypatch.setattr(ranges, "FIRST_PAGES", 2)
    monkeypatch.setattr(ranges, "WASTE", 0.5)


def recounted(keys: list[str]) -> dict[str, Aggregate]:
    counts = Counts()
    counts.add((key, len(key)) for key in keys)
    return counts.aggregates()


def world(seed: int) -> list[str]:
    """Keys of one of many kinds."""
    draw = random.Random(seed)
    count = draw.choice([0, 1, PAGE, PAGE + 1, 57, 400, 1500])
    letters = draw.choice(
        ["abc", "0123456789", "abcdef0123456789", "aé漢\U0001f4f7", "/-_.Z9", "\ud7ff\ue000\uffff"]
    )
    prefix = draw.choice(["", "raw/", "a/very/long/common/path/of/one/application/", "\U0001f4f7/"])
    kind = draw.choice(kinds(draw, prefix, letters))
    return list({kind(n) for n in range(count)})


@pytest.mark.parametrize("seed", range(200))
def test_every_object_counts_once_however_often_it_stops(seed: int) -> None:
    keys = world(seed)
    draw = random.Random(seed)
    bucket = Bucket(keys)
    stops_after = draw.choice([1, 3, 20, 10**9])
    listed: Listed = NOTHING
    for _ in range(2000):
        pages = [0]

        def is_late(pages: list[int] = pages) -> bool:
            pages[0] += 1
            return pages[0] >= stops_after

        listed, failure = listing(bucket, draw.choice([1, 2, 8]), is_late).list(listed)
        assert failure is None
        if not listed.left:
            break
    assert listed.left == ()
    assert listed.aggregates == recounted(keys)


def test_a_small_bucket_is_listed_by_one_lane_page_after_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "FIRST_PAGES", 25)
    started: list[Any] = []
    monkeypatch.setattr(lanes_module.threading, "Thread", lambda **given: started.append(given))
    bucket = Bucket([f"{n:04}" for n in range(25 * PAGE)])
    listed, failure = listing(bucket).list()
    assert (failure, listed.left, listed.pages, bucket.calls, started) == (None, (), 25, 25, [])


def test_lanes_give_way_when_s3_says_slow_down() -> None:
    def fails(call: int) -> None:
        if call > 10 and threading.active_count() > before + 1:
            raise error("SlowDown", 503)

    before = threading.active_count()
    keys = [f"{n:06}" for n in range(2000)]
    listed, failure = listing(Bucket(keys, fails), 8).list()
    if failure is not None:  # the last lane does not wait: the state machine does
        listed, failure = listing(Bucket(keys)).list(listed)
    assert failure is None
    assert listed.aggregates == recounted(keys)


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("SlowDown", 503)])
def test_an_error_of_all_lanes_ends_the_listing(code: str, status: int) -> None:
    def fails(call: int) -> None:
        if call > 20:
            raise error(code, status)

    keys = [f"{n:06}" for n in range(2000)]
    listed, failure = listing(Bucket(keys, fails), 8).list()
    assert isinstance(failure, ClientError)
    assert failure.response["Error"]["Code"] == code
    rest, failure = listing(Bucket(keys)).list(listed)
    assert failure is None
    assert rest.aggregates == recounted(keys)


def test_an_error_that_is_no_answer_of_aws_ends_all_lanes() -> None:
    def fails(call: int) -> None:
        if call == 15:
            raise ZeroDivisionError("a bug")

    _, failure = listing(Bucket([f"{n:06}" for n in range(2000)], fails), 8).list()
    assert isinstance(failure, ZeroDivisionError)


def test_a_range_of_which_no_page_had_keys_is_not_split() -> None:
    splitter = Splitter(8, pages=100)
    first, last = Range("raw/1", "raw/5"), Range("x", None)
    splitter.note(first, [f"raw/1{n:02}" for n in range(PAGE)])
    splitter.note(last, [])
    # after everything that begins with raw/1 comes raw/2, before x
    assert splitter.split(last, [first, last]) is None
