"""`harness run --cov`: counting, showing, combining and rejecting coverage of a project's functions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import coverage
import pytest

from harness.cli import main
from harness.exit_codes import FAILED, PASSED, WRONG

EXAMPLE = Path(__file__).parents[2] / "examples" / "orders"
NEVER = "\n\ndef never_called():\n    return 'missed'\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of an example with a function that is never called, and with branch coverage."""
    folder = tmp_path / "orders"
    shutil.copytree(EXAMPLE, folder)
    monkeypatch.chdir(folder)
    with (folder / "functions/orders.py").open("a") as file:
        file.write(NEVER)
    with (folder / "pyproject.toml").open("a") as file:
        file.write('\n[tool.coverage.run]\nbranch = true\nsource = ["functions"]\n')
    return folder


def _missed(folder: Path) -> dict[str, set[int]]:
    """The lines that have not run, according to coverage.py's report."""
    measured = coverage.Coverage(data_file=str(folder / ".coverage"))
    measured.load()
    data = measured.get_data()
    assert data.has_arcs()
    return {Path(file).name: set(measured.analysis2(file)[3]) for file in data.measured_files()}


def test_scenarios_are_tests_of_the_code(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = ["scenarios/declined.yaml", "scenarios/paid-and-shipped.yaml"]
    assert main(["run", "--cov", "-n", "2", "--cov-min", "99", *paths]) == FAILED
    said = capsys.readouterr()
    assert "functions/orders.py" in said.out
    assert "below the required minimum of 99 %" in said.err
    lines = (project / "functions/orders.py").read_text().splitlines()
    missed = _missed(project)
    assert lines.index("    return 'missed'") + 1 in missed["orders.py"]
    assert missed["charge_payment.py"] == set(), "one scenario pays, the other is declined"
    assert missed["refund_payment.py"], "what only another scenario reaches"
    assert main(["run", "--cov-append", "scenarios/too-heavy.yaml"]) == PASSED
    assert len(_missed(project)["refund_payment.py"]) < len(missed["refund_payment.py"])


def test_what_cannot_be_counted_is_refused_before_anything_starts(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--cov", "--engine", "ministack", "scenarios"]) == WRONG
    assert "--cov: ministack does not run functions in the harness's own runtime" in capsys.readouterr().err
    of_lines = coverage.CoverageData(basename=".coverage")
    of_lines.add_lines({str(project / "functions/orders.py"): [1]})
    of_lines.write()
    assert main(["run", "--cov-append", "scenarios"]) == WRONG
    assert "has lines, and this run would count branches" in capsys.readouterr().err


def test_a_run_is_the_same_with_it_and_without(project: Path) -> None:
    """Its report contains the states, calls, logs and clock times of the histories."""
    for name, options in (("without", []), ("with", ["--cov"])):
        report = project / f"{name}.json"
        assert main(["run", *options, "--json", str(report), "scenarios/too-heavy.yaml"]) == PASSED
    without, with_it = (json.loads((project / f"{name}.json").read_text()) for name in ("without", "with"))
    assert without.pop("real_time") != with_it.pop("real_time")
    assert without == with_it
