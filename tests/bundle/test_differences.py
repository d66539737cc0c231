"""The first difference between two records is the point where they diverge, not where a record ends."""

from __future__ import annotations

import copy
from typing import Any

from harness.bundle.differences import first_difference, other_pythons
from harness.bundle.versions import other_versions

KEPT: dict[str, Any] = {
    "outcome": "failed",
    "invocations": [
        {"function": "Work", "payload": "{}", "result": '{"n": 1}', "log": "a", "calls": [], "python": "3.11"}
    ],
    "runs": [
        {
            "name": "run-1",
            "executions": [
                {
                    "machine": "Machine",
                    "name": "run-1",
                    "status": "FAILED",
                    "events": [
                        {"id": 1, "type": "ExecutionStarted", "timestamp": "t1"},
                        {"id": 2, "type": "TaskStateEntered", "timestamp": "t1", "details": {"name": "Work"}},
                        {"id": 3, "type": "TaskFailed", "timestamp": "t2", "details": {"error": "E"}},
                    ],
                }
            ],
        }
    ],
}


def changed() -> dict[str, Any]:
    return copy.deepcopy(KEPT)


def sentence(seen: dict[str, Any]) -> str:
    found = first_difference(KEPT, seen)
    assert found is not None
    return found.sentence


def test_the_same() -> None:
    assert first_difference(KEPT, changed()) is None


def test_a_function_that_did_something_else_comes_first() -> None:
    seen = changed()
    seen["invocations"][0]["result"] = '{"n": 2}'
    seen["outcome"] = "passed"
    found = first_difference(KEPT, seen)
    assert found is not None
    assert (found.sentence, found.kept, found.seen) == (
        "the result of function Work, invocation 1, differs at n",
        "1",
        "2",
    )


def test_a_function_that_was_given_something_else_is_not_blamed() -> None:
    seen = changed()
    seen["invocations"][0] |= {"payload": "[]", "result": "[]"}
    seen["runs"][0]["executions"][0]["events"][1]["timestamp"] = "t9"
    assert sentence(seen) == (
        "execution Machine/run-1: event 2, TaskStateEntered in state Work, differs at timestamp"
    )


def test_another_python_is_told_and_is_no_other_history() -> None:
    seen = changed()
    seen["invocations"][0] |= {"python": "3.13", "notes": ["..."]}
    assert first_difference(KEPT, seen) is None
    assert other_pythons(KEPT, seen) == ("Python version for Work: 3.11 in the bundle, 3.13 on this machine",)


def test_a_history_that_is_longer() -> None:
    seen = changed()
    seen["runs"][0]["executions"][0]["events"].append({"id": 4, "type": "ExecutionFailed"})
    assert sentence(seen) == "the history of execution Machine/run-1"


def test_all_else() -> None:
    assert sentence({**changed(), "outcome": "passed"}) == "outcome differs"


def test_versions_that_differ() -> None:
    said = other_versions({"moto": "1", "boto3": "1", "old": "1"}, {"moto": "2", "boto3": "1"})
    assert said == (
        "moto: 1 in the bundle, 2 on this machine",
        "old: 1 in the bundle, (none) on this machine",
    )
