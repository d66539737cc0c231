"""Two reports for the same scenarios are identical, byte for byte, except in `real_time`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import chance_project
import pytest

from harness.functions.host.pythons import OWN, PythonRuntime

SHIPPED = [
    "scenarios/two-buckets.yaml",
    "scenarios/no-buckets.yaml",
]
ROOT = Path(__file__).parents[2]
TESTS = """
import json
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(harness_run, number):
    seen = harness_run({"items": [{"n": n} for n in range(1 + number % 3)]}).observation
    events = [[event.type, str(event.timestamp), event.details] for event in seen.runs[0].execution.events]
    logs = [invocation.log for invocation in seen.invocations]
    Path("seen", f"{number}.json").write_text(json.dumps([events, logs], indent=1))
"""


def document(folder: Path, *paths: str, **variables: str) -> str:
    """The report for scenarios in a separate process, without `real_time`, as text."""
    command = [sys.executable, "-m", "harness", "run", *paths, "--json", "-"]
    env = {**os.environ, **variables}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert list(found)[-1] == "real_time"  # so that text can be cut at that position
    return done.stdout[: done.stdout.index('\n  "real_time"')]


def test_reports_of_two_processes_are_equal_byte_by_byte(tmp_path):
    chance_project.write(tmp_path)
    other = tmp_path / "a folder é"
    other.mkdir()
    first = document(tmp_path, PYTHONHASHSEED="1", TZ="UTC")
    second = document(
        tmp_path,
        PYTHONHASHSEED="77",
        TZ="Asia/Kathmandu",
        LC_ALL="tr_TR.UTF-8",
        LANG="tr_TR.UTF-8",
        TMPDIR=str(other),
        AWS_REGION="eu-west-3",
        AWS_ACCESS_KEY_ID="AKIAREAL",
        MOTO_ALLOW_NONEXISTENT_REGION="1",
    )
    assert first == second
    assert "MessageId" in first


@pytest.mark.thorough
def test_reports_from_another_folder_name_the_files_from_there(tmp_path):
    scenario = chance_project.write(tmp_path / "project")
    (tmp_path / "elsewhere").mkdir()
    here = document(tmp_path / "project", "scenarios/draws.yaml")
    there = document(tmp_path / "elsewhere", str(scenario))
    assert there.replace(f"{tmp_path}/project/", "") == here


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("git") is None, reason="needs a checkout")
def test_reports_of_shipped_scenarios_are_equal(tmp_path):
    paths = [path for path in SHIPPED if (ROOT / path).exists()]
    assert document(ROOT, *paths, PYTHONHASHSEED="3") == document(ROOT, *paths, PYTHONHASHSEED="4")


@pytest.mark.parametrize("version", [v for v in ("3.12", "3.13") if v != OWN])
def test_reports_on_another_python_are_equal(tmp_path, version):
    if not PythonRuntime(version).installed:
        pytest.skip(
            f"python{version} is not installed for functions: harness engines install python{version}"
        )
    chance_project.write(tmp_path, runtime=f"python{version}")
    assert document(tmp_path, PYTHONHASHSEED="5") == document(tmp_path, PYTHONHASHSEED="6")


@pytest.mark.thorough
def test_tests_see_the_same_with_any_number_of_workers(tmp_path):
    chance_project.write(tmp_path)
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    found = []
    for options in (["-p", "no:xdist"], ["-n", "1"], ["-n", "2"], ["-n", "4"], ["-n", "2", "--dist", "each"]):
        folder = tmp_path / "seen"
        folder.mkdir()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        found.append({file.name: file.read_text() for file in sorted(folder.iterdir())})
        shutil.rmtree(folder)
    assert len(found[0]) == 6
    assert found.count(found[0]) == len(found)
