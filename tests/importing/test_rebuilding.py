"""A project file rebuilds the world of histories. Errors in it are reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exported import described, execute, history
from minimal_project import PUBLISHES, PYPROJECT, write

from harness.cli import main
from harness.states import TaskFailed

pytestmark = pytest.mark.usefixtures("kept_engines")

FLOW = {
    "StartAt": "Publish",
    "States": {
        "Publish": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {
                "TopicArn": "arn:aws:sns:eu-west-1:333333333333:acme-news",
                "Message": {"Bucket": "acme-photos", "size": 4711},
            },
            "End": True,
        }
    },
}
SEEDS = """\
from harness.importing.recorded import Rebuilt, kept


def seed_of(executions):
    (execution,) = executions
    (state,) = [each for each in execution.states if each.kind == "Task"]
    (attempt,) = state.attempts
    given = attempt.given["Message"]
    return Rebuilt(
        seed={"buckets": {given["Bucket"]: {"objects": [
            {"key": kept(f"{given['Bucket']}/a.jpg"), "size": kept(f"{given['size']} B")},
            {"key": "acme's own.txt", "size": kept("1 B")},
        ]}}},
        unknown=[f"what else is in {given['Bucket']}: {attempt.error} hides it"],
        names={given["Bucket"]: "bucket-1"},
        comments={("buckets", given["Bucket"]): f"event {attempt.event}, in {given['Bucket']}"},
    )
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    failed = execute(FLOW, lambda _: TaskFailed("Sns.Oops", "no"))
    files = {
        "pyproject.toml": PYPROJECT + 'seeds = "seeds.py"\n',
        "template.yaml": PUBLISHES,
        "failed.json": json.dumps(history(failed)),
        "failed.describe.json": json.dumps(described(failed)),
        "seeds.py": SEEDS,
    }
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imported(*more: str) -> str:
    assert main(["import", "failed.json", "--machine", "Publish", "--output", "s.yaml", *more]) == 0
    return Path("s.yaml").read_text()


def test_the_seed_is_in_the_scenario_without_a_company_s_own(project, capsys):
    text = imported()
    assert (
        """\
seed:
  buckets:
    # event 3, in bucket-1
    bucket-1:
      objects:
        - {key: bucket-1/a.jpg, size: 4711 B}
        - {key: aaaa'a aaa.aaa, size: 1 B}
"""
        in text
    )
    assert "# not known: what else is in bucket-1: Sns.Oops hides it\n" in text
    assert "acme" not in text
    assert capsys.readouterr().err == "not known: what else is in bucket-1: Sns.Oops hides it\n"


def test_names_and_data_may_be_kept(project):
    text = imported("--keep-names", "--keep-data")
    assert "acme-photos:" in text
    assert "key: acme's own.txt" in text


def test_stand_ins_alone_need_no_seed(project):
    assert "seed" not in imported("--stubbed")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "seeds.py: it has no function seed_of; define one"),
        ("seed_of = 5\n", "seeds.py: 5 is not a valid function seed_of"),
        ("1 / 0\n", "seeds.py:1: ZeroDivisionError: division by zero; [tool.harness] seeds names this file"),
        (
            "def seed_of(executions):\n    return executions[7]\n",
            "seeds.py:2: IndexError: tuple index out of range; raised in seed_of",
        ),
        (
            "\ndef seed_of(executions):\n    return {'buckets': {}}\n",
            "seeds.py:2: seed_of returned {'buckets': {}}; return a harness.importing.recorded.Rebuilt",
        ),
        ("seed=[1]", "seeds.py:4: seed_of returned seed=[1]; return a mapping in the format of seed"),
        ("seed={}, unknown='all'", "seed_of returned unknown='all'; return a list of sentences"),
        ("seed={}, unknown=[1]", "seed_of returned 1 in unknown; return a string"),
        ("seed={}, faults=['x']", "seed_of returned 'x' in faults; return a mapping"),
        ("seed={}, names={'acme': 'acme-1'}", "which reveals the name; return a different name"),
        ("seed={'bucket': {}}", "seeds.py: with the result of seed_of: s.yaml:"),
        ("seed={}, expect={'never': 1}", "seeds.py: with the result of seed_of: s.yaml:"),
    ],
)
def test_what_is_wrong_with_the_file_is_told(project: Path, capsys: Any, content: str, sentence: str):
    if content.startswith("seed=") and "seed_of" not in content:
        head = "from harness.importing.recorded import Rebuilt\n\n\n"
        content = f"{head}def seed_of(executions):\n    return Rebuilt({content})\n"
    (project / "seeds.py").write_text(content)
    assert main(["import", "failed.json", "--machine", "Publish", "--output", "s.yaml"]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert not (project / "s.yaml").exists()


def test_a_file_that_is_not_there_is_told(project, capsys):
    (project / "seeds.py").unlink()
    assert main(["import", "failed.json", "--machine", "Publish", "--output", "s.yaml"]) == 2
    assert "[tool.harness] seeds names a Python file that does not exist" in capsys.readouterr().err
