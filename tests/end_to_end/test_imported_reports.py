"""S3 usage report runs are exported, imported with the project's seeds, and run again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from exported_runs import ROOT, MotoEngine, Session, export, play

from harness.cli import main
from harness.observe.model import Observation


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(MotoEngine()) as made:
        yield made


def rows(observation: Observation) -> dict[tuple[str, str], tuple[object, ...]]:
    """The run's rows by extension and by bucket, numbered in name order."""
    found = [row for row in observation.tables["UsageTable"] if row["bucket_extension"][0] != "#"]
    names = sorted({row["bucket_extension"].partition("/")[0] for row in found})
    made = {}
    for row in found:
        bucket, _, extension = row["bucket_extension"].partition("/")
        made[str(names.index(bucket)), extension] = (
            row["object_count"],
            row["total_bytes"],
            row.get("status"),
            # The text after the error name is confidential.
            str(row.get("reason")).partition(":")[0],
        )
    return made


@pytest.mark.parametrize(
    ("name", "in_it"),
    [
        ("two-buckets", "count: 500"),
        ("bucket-denied", "error: AccessDenied"),
        ("bucket-counted-by-nobody", "state: ListObject"),
        ("throttled-functions", "error: TooManyRequestsException"),
    ],
)
def test_an_imported_run_ends_with_the_same_rows(session, name, in_it, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    before = play(session, ROOT / "scenarios" / f"{name}.yaml")
    assert before.outcome == "passed"
    assert before.observation is not None
    paths = export(before.observation, tmp_path)
    scenario = tmp_path / "again.yaml"
    assert main(["import", *map(str, paths), "--output", str(scenario)]) == 0, capsys.readouterr()
    text = scenario.read_text(encoding="utf-8")
    assert in_it in text
    # Names are replaced consistently, and no confidential text is left.
    assert re.search(r"photos|secret|attic|123456789012", text) is None
    after = play(session, scenario)
    assert after.mismatches == ()
    assert after.observation is not None
    (one,), (other,) = before.observation.runs, after.observation.runs
    assert other.execution.status == one.execution.status
    assert [each.status for each in other.children] == [each.status for each in one.children]
    assert rows(after.observation) == rows(before.observation)


def test_the_orchestrator_alone_says_what_is_missing(session, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    seen = play(session, ROOT / "scenarios" / "two-buckets.yaml").observation
    assert seen is not None
    first, *_ = export(seen, tmp_path)
    scenario: Path = tmp_path / "again.yaml"
    assert main(["import", str(first), "--output", str(scenario)]) == 0
    assert "the history of the report machine shows it; import it, too" in capsys.readouterr().err
    assert "import it, too" in scenario.read_text(encoding="utf-8")
