"""The book decides which faults an invocation or a task may meet, and counts for each lane and account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.functions.faults import KINDS, kind_named
from harness.functions.faults.book import FaultBook, Place, matches
from harness.functions.model import Fault


def publishing(**fields):
    return Fault("error", "task", "sns", "publish", arguments={"code": "InternalError"}, **fields)


def test_kinds_have_names_of_their_own():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert [kind_named(kind.name) for kind in KINDS] == list(KINDS)
    with pytest.raises(LookupError, match="known: error, cut, delay, partial, stale, raises, ends, twice"):
        kind_named("explode")


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
    book = FaultBook()
    book.set([Fault("raises", "invocation", id=2), publishing(id=3)])
    one, other = Place("one"), Place("other")
    (handed,) = book.hand(one)
    assert (handed.fault.id, handed.met) == (2, 0)
    book.settle(one, {2: 4}, {2: 1})
    assert [each.met for each in book.hand(one)] == [4]
    assert [each.met for each in book.hand(other)] == [0]
    assert book.fired() == {2: 1, 3: 0}


@pytest.mark.parametrize(
    ("fields", "handed"),
    [
        ({}, True),
        ({"function": "count", "state": "Count", "bucket": "photos"}, True),
        ({"function": "other"}, False),
        ({"state": "Other"}, False),
        ({"bucket": "other"}, False),
    ],
)
def test_a_fault_is_handed_where_it_fits(fields, handed):
    book = FaultBook()
    book.set([Fault("twice", "invocation", **fields)])
    place = Place("lane", function="count", state="Count", payload={"Bucket": "photos"})
    assert bool(book.hand(place)) is handed


def test_the_bucket_of_a_call_is_looked_at_where_it_is_made():
    book = FaultBook()
    book.set([Fault("error", "call", "s3", "HeadBucket", bucket="photos")])
    assert book.hand(Place("lane", payload={"bucket": "other"}))


def test_tasks_count_as_they_start():
    book = FaultBook()
    book.set([publishing(first=2, last=2, params={"Subject": "s"}, id=1), publishing(state="Other", id=2)])
    place = Place("lane", state="Publish")
    params = {"Subject": "s", "Message": "m"}
    assert book.of_task(place, "sns", "publish", {"Subject": "t"}) == ()
    assert book.of_task(place, "sqs", "publish", params) == ()
    fired = [[fault.id for fault in book.of_task(place, "sns", "publish", params)] for _ in range(3)]
    assert fired == [[], [1], []]
    assert book.fired() == {1: 1, 2: 0}


def test_accounts_are_kept_apart():
    book = FaultBook()
    for account in ("111", "222"):
        book.set([Fault("twice", "invocation", id=5)], account)
    mine, theirs = Place("lane", "111"), Place("lane", "222")
    book.settle(mine, {5: 1}, {5: 1})
    assert (book.fired("111"), book.fired("222"), book.fired()) == ({5: 1}, {5: 0}, {})
    assert [each.met for each in (*book.hand(mine), *book.hand(theirs))] == [1, 0]
    book.set([], "111")
    assert (book.hand(mine), len(book.hand(theirs))) == ((), 1)


def test_threads_lose_no_count():
    book = FaultBook()
    book.set([publishing(last=500)])

    def start(number):
        return len(book.of_task(Place(f"lane {number % 2}"), "sns", "publish", {}))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(1200))) == 1000
    assert book.fired() == {0: 1000}
