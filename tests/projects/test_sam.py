"""A SAM project runs unchanged. A bug in it is reported at its location."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAM = Path(__file__).parent / "sam"
MISTAKES = {
    "a property that SAM does not have": (
        "template.yaml",
        "CodeUri: functions/count",
        "CodeUr: functions/count",
        "template.yaml:17:7: Transform AWS::Serverless-2016-10-31 failed with: Resource with id [Count] is "
        "invalid. property CodeUr not defined",
    ),
    "code that is not there": (
        "template.yaml",
        "CodeUri: functions/count",
        "CodeUri: functions/counts",
        "template.yaml:17:7: resource Count: functions/counts not found; paths are",
    ),
    "a value of Globals that Lambda refuses": (
        "template.yaml",
        "Timeout: 10",
        "Timeout: 0",
        "template.yaml:9:5: E3034: Timeout: 0 is less than 1; write 1 or more",
    ),
    "a parameter of samconfig.toml that is not allowed": (
        "samconfig.toml",
        "dev",
        "test",
        "template.yaml:5:3: Parameter 'Stage' must be one of AllowedValues",
    ),
    "a policy that is missing": (
        "template.yaml",
        "        - DynamoDBWritePolicy: {TableName: !Ref Counts}\n",
        "        - DynamoDBReadPolicy: {TableName: !Ref Counts}\n",
        "add to a Statement in the Policies of Count in the template:",
    ),
    "an error in the definition": (
        "flow.asl.yaml",
        "Next: Tell",
        "Next: Tel",
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: Tel at /States/Count/Next",
    ),
}


def run(folder: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "harness", "run"],
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAM, tmp_path / "sam"))


def test_a_project_is_played_as_it_is(project: Path, tmp_path: Path) -> None:
    played = run(project, tmp_path / "cache")
    assert played.returncode == 0, played.stdout + played.stderr
    assert "1 passed" in played.stdout


@pytest.mark.thorough
@pytest.mark.parametrize(("place", "before", "after", "says"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_where_it_is(
    project: Path, tmp_path: Path, place: str, before: str, after: str, says: str
) -> None:
    path = project / place
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    played = run(path.parent, tmp_path / "cache")
    assert played.returncode in (1, 2, 3)
    assert says in (played.stdout + played.stderr).replace(f"{path.parent}/", "")
