"""HTTP Task faults: a response status, a lost response, and a delay."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_samples import parse

from harness.scenario.position import ScenarioError


def read(fault: str) -> None:
    parse(f"title: t\nfaults: [{{task: http:invoke, {fault}}}]\nexpect: {{messages: []}}", Path("a.yaml"))


@pytest.mark.parametrize("fault", ['error: "503", nth: 1', "cut: after", "delay: 3 s, state: Send"])
def test_they_may_be_written(fault: str) -> None:
    read(fault)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "error: States.Http.Socket",
            "'States.Http.Socket' is not an HTTP error status; an HTTP",
        ),
        ("error: '200'", "'200' is not an HTTP error status"),
        ("returns: {a: 1}", "returns does not apply to http:invoke; use one of error, cut, delay"),
    ],
)
def test_others_are_refused(fault: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        read(fault)
    assert any(said in str(problem) for problem in error.value.problems)
