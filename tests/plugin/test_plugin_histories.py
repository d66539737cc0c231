"""Recorded executions are pytest items."""

from __future__ import annotations

import json

import minimal_project
import pytest
from exported import described, execute, history

pytest_plugins = ["pytester"]

DONE = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
OTHER = {"StartAt": "Other", "States": {"Other": {"Type": "Succeed"}}}


def test_files_in_the_folder_beside_the_scenarios_are_items(pytester: pytest.Pytester) -> None:
    run = execute(DONE)
    pages = history(run)["events"]
    files = {
        "histories/same.json": json.dumps(history(run)),
        "histories/same.describe.json": json.dumps(described(run)),
        "histories/paged/page.1.json": json.dumps({"events": pages[:2], "nextToken": "more"}),
        "histories/paged/page.2.json": json.dumps({"events": pages[2:]}),
        "histories/different.json": json.dumps(history(execute(OTHER))),
        "histories/broken.json": "{",
        "data/other.json": "{",
        "test_more.py": "def test(): pass",
    }
    minimal_project.project(pytester.path)
    minimal_project.write(pytester.path, files)
    result = pytester.runpytest_subprocess("-v", "--continue-on-collection-errors")
    result.assert_outcomes(passed=3, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*histories/paged/page.1.json::page::1 PASSED*"])
    result.stdout.fnmatch_lines(["*histories/same.json::run-1 PASSED*"])
    result.stdout.fnmatch_lines(["*histories/broken.json:1:2: the JSON is incomplete;*"])
    result.stdout.fnmatch_lines(
        [
            "*different  histories/different.json: event 2, state 'Other'",
            "*template.yaml:11:7, state 'Done'",
            "*expected  SucceedStateEntered 'Other'",
            "*seen      SucceedStateEntered 'Done'",
        ]
    )


def test_other_json_is_left_alone(pytester: pytest.Pytester) -> None:
    minimal_project.write(pytester.path, {"histories/a.json": "{", "test_more.py": "def test(): pass"})
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
