"""Defects in the report that only show with faults: the sweep finds each of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.expect.project import expectations_of
from harness.pytest_plugin import harness_session, harness_settings
from harness.scenario.load import parse
from harness.sweep.model import Swept
from harness.sweep.sweep import Selection, sweep
from harness.sweep.trials import BaseFailed

pytestmark = pytest.mark.thorough
ROOT = Path(__file__).parents[2]
ONE_BUCKET = """
title: One bucket
seed: {buckets: {photos: {objects: [{key: "{n}.jpg", count: 30, size: 1 B}, {key: a.txt, size: 1 B}]}}}
expect: {execution: {status: SUCCEEDED}, aggregates: {photos: {.jpg: [30, 30 B], .txt: [1, 1 B]}}}
"""
MANY_EXTENSIONS = """
title: More rows than one request takes
seed: {buckets: {photos: {objects: [{key: "a.{n}", count: 30, size: 1 B}]}}}
expect: {execution: {status: SUCCEEDED}, bucket_status: {photos: COUNTED}}
"""
TWO_RUNS = """
title: Two runs, one after the other
seed: {buckets: {photos: {objects: [{key: a.jpg, size: 1 B}]}}}
run: [{name: one}, {name: two}]
expect: {execution: {status: SUCCEEDED}, machines: {left: []}}
"""
Change = tuple[str, str, str]
Broken = Callable[[Sequence[Change], str, Selection], Swept]


@pytest.fixture
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Broken:
    """A function that replaces strings in a copy of lambdas/, and sweeps a scenario on it."""
    shutil.copytree(ROOT / "lambdas", tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    session = harness_session(request.config)
    settings = harness_settings(request.config, request.path)
    settings = replace(settings, template=tmp_path / "lambdas" / "template.yaml")

    def run(changes: Sequence[Change], scenario: str, selection: Selection) -> Swept:
        for file, good, bad in changes:
            path = tmp_path / "lambdas" / file
            text = path.read_text(encoding="utf-8")
            assert good in text, f"{file} has changed: adapt the defect"
            path.write_text(text.replace(good, bad), encoding="utf-8")
        return sweep(session, parse(scenario, expectations_of(settings)), settings, selection)

    return run


def violations(swept: Swept) -> set[str]:
    return {text for verdict in swept.violations for text in verdict.violations}


@pytest.mark.parametrize(
    ("scenario", "point", "kind"),
    [
        (ONE_BUCKET, "ListObject0: invocation", "raises"),
        (ONE_BUCKET, "DescribeExecution: stepfunctions:DescribeExecution 1", "error"),
        (ONE_BUCKET, "Publish: sns:publish", "error"),
        (MANY_EXTENSIONS, "PutDynamoDB0: dynamodb:BatchWriteItem", "partial"),
        (ONE_BUCKET, "ListObject0: invocation", "twice"),
    ],
)
def test_the_report_as_it_is_survives_what_the_defects_do_not(
    broken: Broken, scenario: str, point: str, kind: str
) -> None:
    swept = broken((), scenario, Selection(point, (kind,)))
    assert swept.verdicts
    assert not swept.violations


def test_no_catch_in_the_branch(broken: Broken) -> None:
    changes = [
        (
            "src/usage_report/definition.py",
            '"Catch": [{"ErrorEquals": ["States.ALL"], "Next": put_dynamodb}],',
            "",
        )
    ]
    swept = broken(changes, ONE_BUCKET, Selection("ListObject0: invocation", ("raises",)))
    assert "run-1 ended FAILED because of one bucket" in violations(swept)


def test_names_that_are_not_per_run(broken: Broken) -> None:
    changes = [
        ("src/usage_report/names.py", "        return prefix + run_id\n", '        return prefix + "it"\n')
    ]
    with pytest.raises(BaseFailed, match=r"StateMachineDeleting|StateMachineAlreadyExists|FAILED"):
        broken(changes, TWO_RUNS, Selection())


def test_a_retry_removed(broken: Broken) -> None:
    changes = [
        (
            "orchestrator.asl.json",
            '"ExecutionDoesNotExist",\n            "StateMachineDoesNotExist",\n            "Transient"',
            '"Nothing"',
        )
    ]
    selection = Selection("DescribeExecution: stepfunctions:DescribeExecution 1", ("error",))
    swept = broken(changes, ONE_BUCKET, selection)
    assert "run-1 ended FAILED, because it did not retry" in violations(swept)


def test_a_message_that_counts_a_bucket_before_all_its_rows_are_there(broken: Broken) -> None:
    first = "        write(dynamodb, settings.table, rows, backoff)\n"
    last = "        write(dynamodb, settings.table, [status], backoff)\n"
    changes = [("src/usage_report/put_dynamodb.py", first + last, last + first)]
    selection = Selection("PutDynamoDB0: dynamodb:BatchWriteItem 2", ("error",))
    swept = broken(changes, MANY_EXTENSIONS, selection)
    assert any("bucket photos is COUNTED with" in text for text in violations(swept))


def test_a_message_made_before_the_rows_are_written(broken: Broken) -> None:
    changes = [
        (
            "src/usage_report/definition.py",
            '"Next": "Parallel" if branches else "CreateMessage"',
            '"Next": "CreateMessage"',
        ),
        (
            "src/usage_report/definition.py",
            '            "Next": "CreateMessage",\n',
            '            "Next": "Publish",\n',
        ),
    ]
    with pytest.raises(BaseFailed):
        broken(changes, ONE_BUCKET, Selection())


def test_an_error_path_without_its_publish(broken: Broken) -> None:
    changes = [("orchestrator.asl.json", '"Default": "Error"', '"Default": "Failed"')]
    swept = broken(changes, ONE_BUCKET, Selection("CreateMessage: invocation", ("raises",)))
    assert "run-1 FAILED and published 0 errors instead of one" in violations(swept)


def test_unprocessed_items_dropped(broken: Broken) -> None:
    changes = [
        (
            "src/usage_report/put_dynamodb.py",
            'waiting = response.get("UnprocessedItems", {}).get(table, [])',
            "waiting = []",
        )
    ]
    swept = broken(changes, MANY_EXTENSIONS, Selection("PutDynamoDB0: dynamodb:BatchWriteItem", ("partial",)))
    assert any("bucket photos is COUNTED with" in text for text in violations(swept))


def test_a_handler_that_counts_again_what_it_counted_before(broken: Broken) -> None:
    changes = [
        ("src/usage_report/lanes.py", "self._counts = Counts(before.aggregates)", "self._counts = _SEEN"),
        ("src/usage_report/lanes.py", "class Lanes:", "_SEEN = Counts()\n\n\nclass Lanes:"),
    ]
    swept = broken(changes, ONE_BUCKET, Selection("ListObject0: invocation", ("twice",)))
    assert any("bucket photos is COUNTED with" in text for text in violations(swept))
