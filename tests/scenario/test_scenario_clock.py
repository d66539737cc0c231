"""The clock and durations in a scenario file, and the exact text of errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_samples import parse

from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError

HEAD = "title: t\nseed: {buckets: {photos: {}}}\n"


def scenario(part: str, expect: str = "{messages: []}") -> Scenario:
    return parse(f"{HEAD}{part}\nexpect: {expect}\n", Path("a.yaml"))


def problems(part: str, expect: str = "{messages: []}") -> list[str]:
    with pytest.raises(ScenarioError) as error:
        scenario(part, expect)
    return list(map(str, error.value.problems))


@pytest.mark.parametrize(
    ("run", "clock"),
    [
        ("run: {}", None),
        ("run: {clock: virtual}", "virtual"),
        ("run: [{}, {clock: real}]", "real"),
        ("run: [{clock: real}, {clock: real}]", "real"),
    ],
)
def test_the_clock_is_that_of_all_runs(run: str, clock: str | None) -> None:
    assert scenario(run).clock == clock


def test_durations_are_typed() -> None:
    found = scenario(
        "durations:\n"
        "  - {function: ListObjectsFunction, bucket: photos, call: 2, takes: 95 s}\n"
        "  - {task: aws-sdk:s3:listObjectsV2, takes: 2 h}\n"
    )
    one, other = found.durations
    assert (one.function, one.bucket, one.call, one.takes_s) == ("ListObjectsFunction", "photos", 2, 95)
    assert (other.task, other.call, other.takes_s) == ("aws-sdk:s3:listObjectsV2", None, 7200)


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("run: {clock: fast}", "a.yaml:3:14: unknown clock 'fast'; known: virtual, real"),
        (
            "run: [{clock: real}, {clock: virtual}]",
            "a.yaml:3:30: this run uses the virtual clock, but an earlier run uses the real clock; "
            "set it once: all runs share one clock",
        ),
        (
            "durations: [{task: sns:publish, takes: 5 s}]\nrun: {clock: real}",
            "a.yaml:4:14: durations require the virtual clock; remove them, or write virtual",
        ),
        (
            "durations: [{task: sns:publsh, takes: 5 s}]",
            "a.yaml:3:20: sns has no operation 'publsh'; did you mean 'publish'?",
        ),
        (
            "durations: [{takes: 5 s}]",
            "a.yaml:3:13: the duration has neither function nor task; specify one of them",
        ),
        (
            "durations: [{function: F, task: sns:publish, takes: 5 s}]",
            "a.yaml:3:13: the duration has both function and task; specify one of them",
        ),
        (
            "durations: [{function: F, takes: 1801 s}]",
            "a.yaml:3:34: a Lambda function cannot take 1801 s; Lambda stops it after 30 min: use a shorter "
            "time",
        ),
        (
            "durations: [{function: F, bucket: photo, takes: 5 s}]",
            "a.yaml:3:35: the duration refers to the bucket 'photo', which is not seeded; "
            "did you mean 'photos'? seeded: photos",
        ),
        (
            "durations: [{task: publish, takes: 5 s}]",
            "a.yaml:3:20: invalid task 'publish'; write it as it appears in the state's Resource, "
            "such as sns:publish or aws-sdk:s3:listObjectsV2",
        ),
        (
            "durations: [{service: sns:publish, takes: 5 s}]",
            "a.yaml:3:14: service is now called task; write task: sns:publish",
        ),
        (
            "durations: [{function: F, call: 0, takes: 5 s}]",
            "a.yaml:3:33: call: invalid value 0; write 1 or more",
        ),
        (
            "durations: [{function: F, takes: 5}]",
            "a.yaml:3:34: 5 is not a valid time; write a number and a unit, such as 500 ms, 30 s, 5 min or "
            "2 h",
        ),
        (
            "durations: [{function: F}]",
            "a.yaml:3:13: 'takes' is missing in durations[0]; "
            "add it: time on the virtual clock, regardless of the code's actual run time. "
            "Tasks without an entry take 100 ms",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_remedy(part: str, problem: str) -> None:
    assert problems(part) == [problem]


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        (
            "{polls: often}",
            "a.yaml:4:17: polls: expected a whole number, or a mapping with min and max, found 'often'",
        ),
        ("{polls: {min: 3, max: 2}}", "a.yaml:4:17: max 2 is less than min 3; exchange them"),
        (
            "{duration: 5 min}",
            "a.yaml:4:20: duration: expected a mapping with under or over, found '5 min'; "
            "write key: value pairs",
        ),
        ("{duration: {}}", "a.yaml:4:20: this entry is empty; add at least one of over, under"),
        (
            "{duration: {over: 5 min, under: 5 min}}",
            "a.yaml:4:20: no time is over 300 s and under 300 s; swap them, or remove one",
        ),
    ],
)
def test_what_is_wrong_with_the_expectations(expect: str, problem: str) -> None:
    assert problems("", expect) == [problem]


def test_an_input_is_not_larger_than_aws_takes() -> None:
    assert scenario(f"run: {{input: {'ü' * 131_071}}}")
    assert problems(f"run: {{input: {'ü' * 131_072}}}") == [
        "a.yaml:3:14: the input has 262,146 bytes, but Step Functions accepts at most 262,144; "
        "put the data into an object in S3, and its key into the input"
    ]
