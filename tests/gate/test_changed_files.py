"""The files that differ from the base."""

import pytest
from test_base import commit, git

from harness.gate.base import checked_out
from harness.gate.changed_files import changed_files


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    (folder / "project").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for name in ("app.py", "gone.py", "same.py", "with blank ü.py"):
        (folder / "project" / name).write_text("a\nb\nc\n")
    (folder / "outside.py").write_text("a\n")
    commit(folder)
    git(folder, "config", "diff.noprefix", "true")
    return folder


def test_files_are_named_with_the_lines_that_differ(repository):
    project = repository / "project"
    (project / "app.py").write_text("a\nB\nc\nd\n")
    (project / "with blank ü.py").write_text("b\nc\n")
    (project / "gone.py").unlink()
    (repository / "outside.py").write_text("b\n")
    with checked_out(project, "HEAD") as base:
        found = changed_files(project, base)
    assert [(each.path.relative_to(project).as_posix(), each.lines) for each in found] == [
        ("app.py", (2, 4)),
        ("with blank ü.py", (1,)),
    ]


def test_nothing_differs_from_the_same_commit(repository):
    with checked_out(repository / "project", "HEAD") as base:
        assert changed_files(repository / "project", base) == ()
