"""`execution` and `path`, and distinguishing several runs."""

from __future__ import annotations

import itertools
import re

import pytest
from expect_samples import HEAD, mismatches, pairs, seen
from hypothesis import given
from hypothesis import strategies as st

from harness.expect.path import Step, diverges
from harness.testing import an_execution

CAUSE = '{"errorMessage": "no such bucket", "errorType": "KeyError"}'


def test_a_status_that_differs_carries_error_and_cause() -> None:
    observation = seen(an_execution("FAILED", error="ReportFailed", cause=CAUSE))
    expect = "  execution: {status: SUCCEEDED}\n"
    assert mismatches(expect, observation) == [
        '4: execution: expected SUCCEEDED, seen FAILED with ReportFailed: "no such bucket"'
    ]
    assert pairs(expect, observation) == [("SUCCEEDED", "FAILED\nerror: ReportFailed\ncause: no such bucket")]


def test_nothing_is_implied_without_execution() -> None:
    assert mismatches("  messages: []\n", seen(an_execution("FAILED"))) == []


def test_error_cause_and_output_each_have_their_line() -> None:
    expect = (
        "  execution:\n"
        "    error: ReportFailed\n"
        "    cause: {contains: [bucket, kept], not: {contains: no}}\n"
        "    output: {count: 3}\n"
    )
    failed = seen(an_execution("FAILED", error="Boom", cause="no bucket"))
    assert mismatches(expect, failed) == [
        '5: execution: the error is "Boom", not "ReportFailed"',
        '6: execution: the cause does not contain "kept" and contains "no", but must not',
        "7: execution: the output is missing",
    ]


@pytest.mark.parametrize("output", ['{"count": 3}', '{"count":3.0}'])
def test_output_compares_by_value(output: str) -> None:
    assert mismatches("  execution: {output: {count: 3}}\n", seen(an_execution(output=output))) == []


@pytest.mark.parametrize("output", ['{"count": 4}', '{"count": true}', '{"count": 3, "more": 1}', "[]"])
def test_another_output_is_a_mismatch(output: str) -> None:
    found = mismatches("  execution: {output: {count: 3}}\n", seen(an_execution(output=output)))
    assert found == ["4: execution: the output has a different value"]


def test_output_matchers_see_one_line_of_json() -> None:
    expect = "  execution: {output: {contains: '\"a\":[1,2]'}}\n"
    assert mismatches(expect, seen(an_execution(output='{"a": [1, 2]}'))) == []
    assert mismatches(expect, seen(an_execution(output='{"a": [1]}'))) == [
        r'4: execution: the output does not contain "\"a\":[1,2]"'
    ]


POLLS = "  path:\n    - Create\n    - Describe\n    - {repeat: [Wait, Describe]}\n    - Delete\n"


@pytest.mark.parametrize("polls", [0, 1, 5, 3000])
def test_a_group_repeats_any_number_of_times(polls: int) -> None:
    path = ["Create", "Describe", *["Wait", "Describe"] * polls, "Delete"]
    assert mismatches(POLLS, seen(an_execution("SUCCEEDED", *path))) == []


@pytest.mark.parametrize(
    ("path", "mismatch"),
    [
        (
            "Create Describe Wait Describe Error",
            "6: path: state 5 after Describe: expected Wait or Delete, seen Error",
        ),
        ("Create Describe Wait", "6: path: state 4 after Wait: expected Describe, seen the end"),
        ("Create Describe", "6: path: state 3 after Describe: expected Wait or Delete, seen the end"),
        ("Create Describe Delete Again", "3: path: state 4 after Delete: expected the end, seen Again"),
        ("Wait", "4: path: state 1: expected Create, seen Wait"),
        ("", "4: path: state 1: expected Create, seen the end"),
    ],
)
def test_a_path_mismatch_says_where_it_diverges(path: str, mismatch: str) -> None:
    line = {"6": "7", "4": "5", "3": "4"}[mismatch[0]]
    assert mismatches(POLLS, seen(an_execution("SUCCEEDED", *path.split()))) == [line + mismatch[1:]]


def test_a_long_path_is_shown_around_the_divergence() -> None:
    path = ["Create", "Describe", *["Wait", "Describe"] * 10, *"ABCDEFGH"]
    assert pairs(POLLS, seen(an_execution("SUCCEEDED", *path))) == [
        (
            "(19 states as expected)\nDescribe\nWait\nDescribe\nWait or Delete",
            "(19 states as expected)\nDescribe\nWait\nDescribe\nA\nB\nC\nD\n(4 more states)",
        )
    ]


def test_limits_of_a_group_are_kept() -> None:
    steps = [Step.model_validate({"repeat": ["A"], "min": 1, "max": 2})]
    assert [diverges(steps, ["A"] * n) is None for n in range(4)] == [False, True, True, False]


steps = st.builds(
    lambda group, low, more: Step.model_validate(
        {"repeat": list(group), "min": low, **({} if more is None else {"max": max(1, low + more)})}
    ),
    st.text("AB", min_size=1, max_size=2),
    st.integers(0, 2),
    st.none() | st.integers(0, 2),
)


@given(st.lists(steps, max_size=4))
def test_paths_fit_exactly_where_a_regular_expression_fits(pattern: list[Step]) -> None:
    limits = ((step, "" if step.max is None else step.max) for step in pattern)
    regex = "".join(f"(?:{''.join(step.repeat)}){{{step.min},{high}}}" for step, high in limits)
    for length in range(6):
        for states in itertools.product("AB", repeat=length):
            fits = re.fullmatch(regex, "".join(states)) is not None
            assert (diverges(pattern, states) is None) == fits


TWO_RUNS = HEAD + "run: [{name: first}, {name: second}]\n"


def test_of_several_runs_the_mismatch_says_which() -> None:
    observation = seen(an_execution(name="first"), an_execution("FAILED", name="second"))
    assert mismatches("  execution: {status: SUCCEEDED}\n", observation, TWO_RUNS) == [
        "5: execution: run second: expected SUCCEEDED, seen FAILED"
    ]


def test_what_is_written_for_one_run_replaces_what_is_written_for_all() -> None:
    expect = (
        "  execution: {status: SUCCEEDED}\n"
        "  runs:\n"
        "    second:\n"
        "      execution: {status: FAILED, error: Boom}\n"
    )
    observation = seen(an_execution(name="first"), an_execution("FAILED", name="second", error="Bang"))
    assert mismatches(expect, observation, TWO_RUNS) == [
        '8: execution: run second: the error is "Bang", not "Boom"'
    ]


def test_a_run_that_was_not_started_is_a_mismatch() -> None:
    assert mismatches("  execution: {status: SUCCEEDED}\n", seen(an_execution(name="first")), TWO_RUNS) == [
        "5: execution: run second: the run was not started"
    ]


def test_mismatches_come_in_the_order_of_the_file() -> None:
    expect = "  machines: {left: []}\n  execution: {status: SUCCEEDED}\n"
    found = mismatches(expect, seen(an_execution("FAILED"), machines_left=("report",)))
    assert [line[:2] for line in found] == ["4:", "5:"]
