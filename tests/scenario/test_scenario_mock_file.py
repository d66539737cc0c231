"""Mock configuration files for Step Functions Local: the stand-ins in a test case, and errors in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scenario_samples import parse

from harness.lint.scenarios import check_first
from harness.scenario.position import ScenarioError
from harness.scenario.stand_ins import StandIn, stand_ins_of
from harness.settings import Settings

FILE: dict[str, Any] = {
    "StateMachines": {
        "One": {"TestCases": {"Happy": {"Ask": "Good", "Tell": "Retried"}, "Lost": {"Ask": "Gone"}}},
        "Two": {"TestCases": {"Happy": {"Ask": "Retried"}, "Bad": {"Ask": "Neither"}, "Odd": {"Ask": "Odd"}}},
    },
    "MockedResponses": {
        "Good": {"0": {"Return": {"any": 1}}},
        "Retried": {"0-2": {"Throw": {"Error": "E", "Cause": "c"}}, "3": {"Return": 2}},
        "Neither": {"0": {}},
        "Odd": {"first": {"Return": 1}},
    },
}


def stand_ins(folder: Path, entry: str, text: str = json.dumps(FILE)) -> tuple[StandIn, ...]:
    (folder / "mock.json").write_text(text)
    return stand_ins_of(parse(f"title: t\ntasks: [{{{entry}}}]\nexpect: {{messages: []}}", folder / "a.yaml"))


def test_a_test_case_is_a_stand_in_for_each_attempt(tmp_path: Path) -> None:
    made = stand_ins(tmp_path, "mock: mock.json, test_case: Happy, state_machine: One")
    assert [(each.spec.state, each.which, each.spec.error, each.spec.result) for each in made] == [
        ("Ask", (1, 1), None, {"any": 1}),
        ("Tell", (1, 3), "E", None),
        ("Tell", (4, 4), None, 2),
    ]
    assert {each.spec.validation for each in made} == {"NONE"}


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "mock: gone.json, test_case: Happy",
            "cannot be read (No such file or directory); correct the path, which is relative to this file",
        ),
        ("mock: mock.json, test_case: Hapy", "has no test case 'Hapy'; did you mean 'Happy'?"),
        (
            "mock: mock.json, test_case: Happy",
            "have the test case 'Happy'; add state_machine, one of One, Two",
        ),
        ("mock: mock.json, test_case: Lost", "the response 'Gone', which does not exist; known"),
        ("mock: mock.json, test_case: Bad", "an attempt in 'Neither' is {}; use Return or Throw"),
        (
            "mock: mock.json, test_case: Odd",
            "'Odd' has an invalid attempt 'first'; write \"0\", or \"1-2\"",
        ),
        ("mock: mock.json, test_case: Bad, state_machine: One", "'Bad' for the state machine 'One'; known"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path: Path, entry: str, found: str) -> None:
    with pytest.raises(ScenarioError) as error:
        stand_ins(tmp_path, entry)
    assert found.replace("known", "") in str(error.value)


def test_a_file_that_is_not_there_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    entry = "{mock: gone.json, test_case: Happy}"
    scenario = parse(f"title: t\ntasks: [{entry}]\nexpect: {{messages: []}}", tmp_path / "a.yaml")
    with pytest.raises(ScenarioError, match=r"a\.yaml:2:16: the file .*gone\.json cannot be read"):
        check_first([scenario], lambda _: Settings(root=tmp_path), start=False)


@pytest.mark.parametrize(
    "text", ["{", "[]", "7", "{}", '{"StateMachines": [1]}', '{"StateMachines": {"A": 1}}']
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError):
        stand_ins(tmp_path, "mock: mock.json, test_case: Happy", text)
