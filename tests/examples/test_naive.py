"""The first draft: each of its scenarios expects a failure, and fails once the draft is fixed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import generated
import pytest

NAIVE = Path(__file__).parents[2] / "examples" / "naive"
RETRY = '"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}],'
LIST = "lambdas/list_objects/lambda_function.py"
FLOW = "flow.asl.json"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NAIVE, tmp_path / "naive", ignore=shutil.ignore_patterns("__pycache__")))


def run(folder: Path, *scenarios: str, **variables: str) -> tuple[int, str]:
    command = [
        sys.executable,
        "-P",
        "-m",
        "harness",
        "run",
        *(f"scenarios/{name}.yaml" for name in scenarios),
    ]
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_its_schema_is_in_step() -> None:
    path = NAIVE / "scenarios" / "schema.json"
    assert path.read_text(encoding="utf-8") == generated.FILES[path](), "run: python tests/generated.py"


def test_it_takes_nothing_of_the_report() -> None:
    texts = [path.read_text(encoding="utf-8") for path in NAIVE.glob("lambdas/*/*.py")]
    assert len(texts) == 6
    assert {
        found for text in texts for found in re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
    } == {
        "boto3",
        "json",
        "os",
    }


def test_all_of_its_failures_are_those_of_aws(draft: Path) -> None:
    code, said = run(draft)
    assert code == 0, said
    assert said.count("PASS") == len(list((NAIVE / "scenarios").glob("*.yaml"))) == 10


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("scenario", "file", "bad", "good"),
    [
        (
            "more-than-a-thousand-objects",
            LIST,
            '    found = boto3.client("s3").list_objects_v2(Bucket=event["bucket"])\n',
            '    pages = boto3.client("s3").get_paginator("list_objects_v2")\n'
            '    pages = pages.paginate(Bucket=event["bucket"])\n'
            '    found = {"Contents": [entry for page in pages for entry in page["Contents"]]}\n',
        ),
        ("empty-bucket", LIST, 'found["Contents"]', 'found.get("Contents", [])'),
        (
            "list-slower-than-the-timeout",
            "pyproject.toml",
            'list-objects = "lambdas/list_objects"',
            'list-objects = {code = "lambdas/list_objects", timeout = "30 s"}',
        ),
        (
            "throttled-at-once",
            FLOW,
            'function:create-state-machine",',
            f'function:create-state-machine", {RETRY}',
        ),
        (
            "execution-not-yet-visible",
            FLOW,
            'function:describe-execution",',
            f'function:describe-execution", {RETRY}',
        ),
        (
            "throttled-while-counting",
            "lambdas/create_state_machine/lambda_function.py",
            '"Parameters": {"bucket": bucket},',
            '"Parameters": {"bucket": bucket}, "Retry": [{"ErrorEquals": ["States.ALL"]}],',
        ),
        (
            "name-not-free-yet",
            "lambdas/create_state_machine/lambda_function.py",
            'name="usage-report"',
            'name=f"usage-report-{context.aws_request_id}"',
        ),
        (
            "machine-deleted-under-another-run",
            "lambdas/create_state_machine/lambda_function.py",
            'name="usage-report"',
            'name=f"usage-report-{context.aws_request_id}"',
        ),
        (
            "bucket-denied",
            LIST,
            'boto3.client("s3").list_objects_v2(Bucket=event["bucket"])',
            '{"Contents": []}',
        ),
        (
            "one-run-alone",
            "lambdas/create_message/lambda_function.py",
            'boto3.client("sns").publish(TopicArn=TOPIC, Message="\\n".join(sorted(lines)))',
            "print(lines)",
        ),
    ],
)
def test_a_repair_is_seen(draft: Path, scenario: str, file: str, bad: str, good: str) -> None:
    text = (draft / file).read_text(encoding="utf-8")
    assert text.count(bad) == 1, f"{file} has changed: adapt this test"
    (draft / file).write_text(text.replace(bad, good), encoding="utf-8")
    code, said = run(draft, scenario)
    assert code == 1, said
    assert f"scenarios/{scenario}.yaml:" in said


def test_its_arns_do_not_hold_in_another_region(draft: Path) -> None:
    code, said = run(draft, "one-run-alone", HARNESS_REGION="eu-central-1")
    assert code == 1, said
    assert "Function not found: arn:aws:lambda:us-east-1:123456789012:function:list-objects" in said
