"""The report, broken on purpose: each defect is caught and named in the explanation."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.expect.project import expectations_of
from harness.pytest_plugin import harness_session, harness_settings
from harness.report.failure import failure_text
from harness.report.model import Result
from harness.scenario.load import load

ROOT = Path(__file__).parents[2]
Sabotage = Callable[[str, str, str], Result]


@pytest.fixture
def sabotaged(tmp_path: Path, request: pytest.FixtureRequest) -> Sabotage:
    """A function that replaces a string in a copy of lambdas/, and runs the first scenario on it."""
    shutil.copytree(ROOT / "lambdas", tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    session = harness_session(request.config)
    settings = harness_settings(request.config, request.path)
    settings = replace(settings, template=tmp_path / "lambdas" / "template.yaml")

    def run(file: str, good: str, bad: str) -> Result:
        path = tmp_path / "lambdas" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(good) == 1, f"{file} has changed: adapt the sabotage"
        path.write_text(text.replace(good, bad), encoding="utf-8")
        (scenario,) = load([ROOT / "scenarios" / "two-buckets.yaml"], expectations_of(settings))
        return session.run(scenario, settings)

    return run


def test_a_function_that_counts_wrong(sabotaged: Sabotage) -> None:
    result = sabotaged("src/usage_report/lanes.py", '(entry["Key"], entry["Size"])', '(entry["Key"], 1)')
    text = failure_text(result)
    assert result.outcome == "failed"
    assert "aggregates: bucket photos, extension .jpg: expected 2 MiB, seen 1 B" in text
    assert "two-buckets.yaml:24" in text
    assert "photos: {.jpg: [1, 2 MiB]" in text  # the line that requested it


def test_a_message_that_loses_a_bucket(sabotaged: Sabotage) -> None:
    lost = sabotaged(
        "src/usage_report/message.py", "_folded(ranked, LARGEST_BUCKETS)", "_folded(ranked[:-1], 9)"
    )
    assert lost.outcome == "failed"
    assert 'body does not contain "attic"' in failure_text(lost)


def test_a_function_that_raises(sabotaged: Sabotage, tmp_path: Path) -> None:
    result = sabotaged("src/usage_report/create_message.py", 'event["buckets"]', 'event["bucket"]')
    text = failure_text(result)
    assert "state CreateMessage: CreateMessageFunction failed: KeyError" in text
    at = re.escape(f"      {tmp_path}/lambdas/src/usage_report/create_message.py:")
    assert re.search(rf"^{at}\d+: in handler$", text, re.M)
    assert "reproduce: harness run" in text
    assert text.index("KeyError") < text.index("body does not contain")  # the cause is in the first mismatch
    assert all(text.count(mismatch.summary) == 1 for mismatch in result.mismatches)
    assert text.count("Traceback") == 1


@pytest.mark.parametrize(
    ("good", "action", "role"),
    [
        ("Action: dynamodb:Query", "dynamodb:Query", "CreateMessageRole"),
        ("Action: s3:ListBucket\n", "s3:ListBucket", "ListObjectsRole"),
        ("Action: states:DeleteStateMachine", "states:DeleteStateMachine", "DeleteStateMachineRole"),
    ],
)
def test_a_role_without_a_permission(sabotaged: Sabotage, good: str, action: str, role: str) -> None:
    ending = "\n" if good.endswith("\n") else ""
    result = sabotaged("template.yaml", good, f"Action: logs:DescribeLogGroups{ending}")
    text = failure_text(result)
    assert result.outcome == "failed"
    assert f"permissions: AWS would refuse this: role usage-{role}" in text
    assert f"is not authorized to perform: {action} on resource: arn:aws:" in text
    assert f"      Action: {action}" in text  # the statement, ready to paste
