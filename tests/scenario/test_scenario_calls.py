"""Stand-ins in a scenario file for services that functions call: their meaning, and errors in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_samples import parse

from harness.scenario.calls import CallSpec
from harness.scenario.position import ScenarioError


def entry(text: str) -> CallSpec:
    return parse(f"title: t\ncalls: [{{{text}}}]\nexpect: {{messages: []}}", Path("a.yaml")).calls[0]


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("call: glue:GetJobRun, result: {JobRun: {Id: a}}", [(1, None)]),
        ("call: glue:GetJobRun, nth: 3, error: ThrottlingException, message: no", [(3, 3)]),
        ("call: glue:GetJobRun, first: 2, result: {}, takes: 5 s", [(1, 2)]),
        ("call: glue:GetJobRun, results: [{result: {}, times: 3}, {result: {}}]", [(1, 3), (4, 4)]),
        ("call: bedrock-runtime:InvokeModel, result: {body: {a: [1]}, contentType: a}", [(1, None)]),
    ],
)
def test_an_entry_says_which_calls_it_answers(text: str, which: list[tuple[int, int | None]]) -> None:
    assert [each for _, each in entry(text).answers] == which


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call: glue:GetJobRun", "the stand-in has no result; add one of result, error, results"),
        ("call: glue:GetJobRn, result: {}", "glue has no operation 'GetJobRn'; did you mean"),
        ("call: glu:GetJobRun, result: {}", "unknown AWS service 'glu'; did you mean"),
        ("call: glue:GetJobRun, params: {RunIds: a}, result: {}", "GetJobRun has no parameter 'RunIds'"),
        ("call: glue:GetJobRun, error: Throtling", "glue has no error 'Throtling'; did you mean"),
        (
            "call: glue:GetJobRun, result: {JobRun: {id: a}}",
            "the result of glue:GetJobRun has no member 'id' in",
        ),
        (
            "call: glue:GetJobRun, result: {JobRun: {Attempt: a}}",
            "Attempt must be a whole number in the result of",
        ),
        (
            "call: glue:GetJobRun, result: {}, message: a",
            "message has no effect without error; add `error`, or remove `message`",
        ),
        (
            "call: bedrock-runtime:InvokeModel, result: {body: {}}",
            "the result of bedrock-runtime:InvokeModel lacks c",
        ),
        (
            "call: glue:GetJobRun, nth: 1, first: 1, result: {}",
            "nth and first cannot be combined",
        ),
    ],
)
def test_what_does_not_fit_is_refused(text: str, found: str) -> None:
    with pytest.raises(ScenarioError) as error:
        entry(text)
    (problem,) = error.value.problems
    assert str(problem).partition(": ")[2].startswith(found)
