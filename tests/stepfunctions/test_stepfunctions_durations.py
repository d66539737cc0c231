"""How long tasks take: the first entry that fits, by function or service, bucket and call."""

from __future__ import annotations

from typing import Any

import pytest

from harness.states.time.work import DEFAULT_DURATION_S
from harness.stepfunctions.duration import Duration
from harness.stepfunctions.durations import Durations

PHOTOS = {"bucket": "photos"}


def test_what_nothing_is_said_of_takes_the_usual_time() -> None:
    durations = Durations([Duration(5, function="count"), Duration(6, service="sns:publish")])
    assert durations.of(PHOTOS, function="other") == DEFAULT_DURATION_S
    assert durations.of(PHOTOS, service="sqs:sendMessage") == DEFAULT_DURATION_S
    assert durations.of(PHOTOS, function="count") == 5
    assert durations.of(None, service="sns:publish") == 6


@pytest.mark.parametrize(
    "parameters",
    [
        PHOTOS,
        {"Bucket": "photos"},
        {"FunctionName": "count", "Payload": PHOTOS},
    ],
)
def test_the_bucket_is_the_one_that_the_payload_names(parameters: Any) -> None:
    durations = Durations([Duration(5, function="count", bucket="photos")])
    assert durations.of(parameters, function="count") == 5
    for other in ({"bucket": "attic"}, {}, "photos", {"Payload": "photos"}):
        assert durations.of(other, function="count") == DEFAULT_DURATION_S


def test_calls_are_counted_among_those_that_fit() -> None:
    durations = Durations([Duration(5, function="count", bucket="photos", call=2)])
    buckets = ["photos", "attic", "photos", "photos"]
    taken = [durations.of({"bucket": bucket}, function="count") for bucket in buckets]
    assert taken == [DEFAULT_DURATION_S, DEFAULT_DURATION_S, 5, DEFAULT_DURATION_S]


def test_the_first_entry_that_fits_decides_and_every_one_counts() -> None:
    durations = Durations(
        [
            Duration(1, function="count", call=1),
            Duration(2, function="count", call=2),
            Duration(9, function="count"),
        ]
    )
    assert [durations.of({}, function="count") for _ in range(3)] == [1, 2, 9]
