"""`harness run --html` when nothing can run."""

from __future__ import annotations

from pathlib import Path

import minimal_project
import pytest
from minimal_project import write

from harness.cli import main
from harness.exit_codes import WRONG


@pytest.mark.parametrize("number", ["1", "2"])
def test_files_that_cannot_be_used_are_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    files = {
        "pyproject.toml": minimal_project.PYPROJECT,
        "template.yaml": minimal_project.TEMPLATE,
        "scenarios/broken.yaml": "title: <b>\nrun: [\nexpect: {}\n",
    }
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--html", "out/r.html", "-n", number]) == WRONG
    page = (tmp_path / "out" / "r.html").read_text()
    assert "1 problem in the files: nothing was run" in page
    assert "scenarios/broken.yaml:4:1: invalid YAML" in page
    assert "scenarios/broken.yaml:4:1: invalid YAML" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_told_beside_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"pyproject.toml": minimal_project.PYPROJECT, "scenarios/a.yaml": "title: [\n"})
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--html", "/dev/full"]) == WRONG
    said = capsys.readouterr().err
    assert "/dev/full: cannot be written (No space left on device)" in said
    assert "scenarios/a.yaml:" in said
