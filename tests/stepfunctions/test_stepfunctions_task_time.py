"""The time that tasks take: the first entry that fits decides, by function or task, bucket and call."""

from __future__ import annotations

from typing import Any

import pytest

from harness.stepfunctions.task_time import TaskDuration, TaskDurations

PHOTOS = {"bucket": "photos"}


def no_run(_run: str) -> bool:
    raise AssertionError("no entry is for a run")


def of_count(durations: TaskDurations, parameters: Any) -> float | None:
    return durations.of(parameters, no_run, task="lambda:invoke", function="count")


def test_a_task_without_an_entry_has_no_time() -> None:
    durations = TaskDurations([TaskDuration(5, function="count"), TaskDuration(6, task="sns:publish")])
    assert durations.of(PHOTOS, no_run, task="lambda:invoke", function="other") is None
    assert durations.of(PHOTOS, no_run, task="sqs:sendMessage") is None
    assert of_count(durations, PHOTOS) == 5
    assert durations.of(None, no_run, task="sns:publish") == 6


@pytest.mark.parametrize(
    "parameters",
    [
        PHOTOS,
        {"Bucket": "photos"},
        {"FunctionName": "count", "Payload": PHOTOS},
    ],
)
def test_the_bucket_is_the_one_that_the_payload_names(parameters: Any) -> None:
    durations = TaskDurations([TaskDuration(5, function="count", bucket="photos")])
    assert of_count(durations, parameters) == 5
    for other in ({"bucket": "attic"}, {}, "photos", {"Payload": "photos"}):
        assert of_count(durations, other) is None


def test_calls_are_counted_among_those_that_fit() -> None:
    durations = TaskDurations([TaskDuration(5, function="count", bucket="photos", call=2)])
    buckets = ["photos", "attic", "photos", "photos"]
    taken = [of_count(durations, {"bucket": bucket}) for bucket in buckets]
    assert taken == [None, None, 5, None]


def test_the_first_entry_that_fits_decides_and_every_one_counts() -> None:
    durations = TaskDurations(
        [
            TaskDuration(1, function="count", call=1),
            TaskDuration(2, function="count", call=2),
            TaskDuration(9, function="count"),
        ]
    )
    assert [of_count(durations, {}) for _ in range(3)] == [1, 2, 9]


def test_an_entry_of_lambda_invoke_is_for_every_function() -> None:
    durations = TaskDurations([TaskDuration(1, function="count"), TaskDuration(7, task="lambda:invoke")])
    assert of_count(durations, {}) == 1
    assert durations.of({}, no_run, task="lambda:invoke", function="other") == 7


def test_each_entry_counts_the_tasks_whose_time_it_decided() -> None:
    durations = TaskDurations(
        [
            TaskDuration(1, function="count"),
            TaskDuration(2, function="count"),  # never: the one before it fits, too
            TaskDuration(3, function="count", call=9),
        ]
    )
    assert durations.matched() == {0: 0, 1: 0, 2: 0}
    for _ in range(3):
        of_count(durations, {})
    assert durations.matched() == {0: 3, 1: 0, 2: 0}
    assert TaskDurations().matched() == {}


def test_an_entry_for_a_run_counts_and_decides_only_there() -> None:
    durations = TaskDurations([TaskDuration(5, function="count", call=1, run="arn:a")])
    given = [
        durations.of(PHOTOS, run.__eq__, task="lambda:invoke", function="count") for run in ("arn:b", "arn:a")
    ]
    assert given == [None, 5]
    assert durations.matched() == {0: 1}
