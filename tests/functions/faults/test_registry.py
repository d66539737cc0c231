"""The registry decides which faults fire, and counts them for each lane and account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.functions.faults.kind import Refused
from harness.functions.faults.registry import FaultRegistry, Place
from harness.functions.shared.matching import matches
from harness.functions.shared.model import Fault


def publishing(**fields):
    return Fault("error", "task", "sns", "publish", arguments={"error": "InternalError"}, **fields)


@pytest.mark.parametrize(
    ("wanted", "given", "fits"),
    [
        ({}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, False),
        ({"a": None}, {}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": 1}, "text", False),
    ],
)
def test_parameters_compare_by_the_keys_that_are_given(wanted, given, fits):
    assert matches(wanted, given) is fits


def test_a_lane_goes_on_where_it_was():
    registry = FaultRegistry()
    registry.set([Fault("raises", "function", id=2), publishing(id=3)])
    one, other = Place("one"), Place("other")
    (armed,) = registry.claim(one)
    assert (armed.fault.id, armed.seen) == (2, 0)
    registry.record(one, {2: 4}, {2: 1})
    assert [each.seen for each in registry.claim(one)] == [4]
    assert [each.seen for each in registry.claim(other)] == [0]
    assert registry.fired() == {2: 1, 3: 0}


@pytest.mark.parametrize(
    ("fields", "armed"),
    [
        ({}, True),
        ({"function": "count", "state": "Count", "bucket": "photos"}, True),
        ({"function": "other"}, False),
        ({"state": "Other"}, False),
        ({"bucket": "other"}, False),
    ],
)
def test_a_fault_is_armed_where_it_fits(fields, armed):
    registry = FaultRegistry()
    registry.set([Fault("twice", "function", **fields)])
    place = Place("lane", function="count", state="Count", payload={"Bucket": "photos"})
    assert bool(registry.claim(place)) is armed


def test_the_bucket_of_a_call_is_looked_at_where_it_is_made():
    registry = FaultRegistry()
    registry.set([Fault("error", "call", "s3", "HeadBucket", bucket="photos")])
    assert registry.claim(Place("lane", payload={"bucket": "other"}))


def test_tasks_count_as_they_start():
    registry = FaultRegistry()
    registry.set(
        [publishing(first=2, last=2, params={"Subject": "s"}, id=1), publishing(state="Other", id=2)]
    )
    place = Place("lane", state="Publish")
    params = {"Subject": "s", "Message": "m"}
    assert registry.on_task(place, "sns", "publish", {"Subject": "t"}) == ()
    assert registry.on_task(place, "sqs", "publish", params) == ()
    refused = Refused("InternalError")
    effects = [registry.on_task(place, "sns", "publish", params) for _ in range(3)]
    assert effects == [(), (refused,), ()]
    assert registry.fired() == {1: 1, 2: 0}


def test_accounts_are_kept_apart():
    registry = FaultRegistry()
    for account in ("111", "222"):
        registry.set([Fault("twice", "function", id=5)], account)
    mine, theirs = Place("lane", "111"), Place("lane", "222")
    registry.record(mine, {5: 1}, {5: 1})
    assert (registry.fired("111"), registry.fired("222"), registry.fired()) == ({5: 1}, {5: 0}, {})
    assert [each.seen for each in (*registry.claim(mine), *registry.claim(theirs))] == [1, 0]
    registry.set([], "111")
    assert (registry.claim(mine), len(registry.claim(theirs))) == ((), 1)


def test_threads_lose_no_count():
    registry = FaultRegistry()
    registry.set([publishing(last=500)])

    def start(number):
        return len(registry.on_task(Place(f"lane {number % 2}"), "sns", "publish", {}))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(1200))) == 1000
    assert registry.fired() == {0: 1000}
